#include "services/counter/readiness.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace livecounter::counter {

void Inquiry::Ask(absl::Time now, const std::function<void(CounterEngine::StatusCallback)>& ask) {
  {
    absl::MutexLock lock(&state_->mutex);
    if (state_->asked != absl::InfiniteFuture()) return;
    state_->asked = now;
  }
  ask([state = state_](absl::Status answer) {
    absl::MutexLock lock(&state->mutex);
    state->asked = absl::InfiniteFuture();
    state->answer = std::move(answer);
  });
}

absl::Status Inquiry::Answer(absl::Time now, absl::Duration patience) const {
  absl::MutexLock lock(&state_->mutex);
  if (now - state_->asked < patience) return state_->answer;
  return absl::UnavailableError(
      absl::StrCat("no answer for ", absl::FormatDuration(now - state_->asked)));
}

absl::Duration Inquiry::Waited(absl::Time now) const {
  absl::MutexLock lock(&state_->mutex);
  return std::max(now - state_->asked, absl::ZeroDuration());
}

Readiness::Readiness(Options options, CounterEngine& engine, ReplicaLoop& loop,
                     runtime::Health& health, runtime::Clock& clock)
    : options_(options),
      engine_(engine),
      loop_(loop),
      health_(health),
      thread_(clock, [this](absl::Time now) { return Turn(now); }) {}

absl::Time Readiness::Turn(absl::Time now) {
  if (now < next_) return next_;
  engine_inquiry_.Ask(
      now, [this](CounterEngine::StatusCallback done) { engine_.Probe(std::move(done)); });
  loop_inquiry_.Ask(now, [this](CounterEngine::StatusCallback done) {
    loop_.Post([done = std::move(done)](Replica&) { done(absl::OkStatus()); });
  });
  const absl::Status engine = engine_inquiry_.Answer(now, options_.patience);
  const absl::Status loop = loop_inquiry_.Answer(now, options_.patience);
  health_.SetAlive(Alive(loop_inquiry_.Waited(now)));
  health_.SetReady("engine", engine);
  health_.SetReady("loop", loop);
  next_ = now + (engine.ok() && loop.ok() ? options_.interval : options_.interval_unready);
  return next_;
}

absl::Status Readiness::Alive(absl::Duration waited) const {
  if (waited < options_.stuck) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the replica's loop has been stuck for ", absl::FormatDuration(waited)));
}

}  // namespace livecounter::counter
