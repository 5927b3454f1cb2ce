#include "services/counter/increments.h"

#include <iterator>
#include <limits>
#include <utility>

namespace livecounter::counter {

Increments::Increments(CounterEngine& engine, NewSender new_sender, runtime::Clock& clock,
                       size_t max_idle)
    : engine_(engine), clock_(clock), max_idle_(max_idle), new_sender_(std::move(new_sender)) {}

void Increments::Add(const CounterId& counter, int64_t count, bool create, absl::Time deadline,
                     Done done) {
  {
    absl::MutexLock lock(&mutex_);
    if (numberings_.size() > max_idle_) ForgetIdle();
    const auto [it, is_new] = numberings_.try_emplace(counter);
    if (is_new) it->second.sender = new_sender_();
    it->second.waiting.push_back({count, create, deadline, std::move(done)});
  }
  SendNext(counter);
}

void Increments::SendNext(const CounterId& counter) {
  HitBatch batch;
  Calls calls;
  Calls late;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = numberings_.find(counter);
    if (it == numberings_.end() || it->second.unanswered) return;
    Numbering& numbering = it->second;
    TakeCalls(clock_.Now(), &numbering, &calls, &late);
    if (!calls.empty()) {
      numbering.unanswered = true;
      batch = {numbering.sender, counter, ++numbering.last_number, 0, /*create=*/false};
    }
  }
  for (const Call& call : late) {
    call.done(absl::DeadlineExceededError(
        "the deadline came before the hits were counted; they do not count"));
  }
  if (calls.empty()) return;
  for (const Call& call : calls) {
    batch.count += call.count;
    batch.create = batch.create || call.create;
  }
  engine_.Hit(batch, [this, batch,
                      calls = std::move(calls)](const absl::StatusOr<HitResult>& result) mutable {
    OnAnswer(batch.counter, batch, std::move(calls), result);
  });
}

void Increments::TakeCalls(absl::Time now, Numbering* numbering, Calls* calls, Calls* late) {
  int64_t room = std::numeric_limits<int64_t>::max();
  std::deque<Call>& waiting = numbering->waiting;
  while (!waiting.empty()) {
    Call& next = waiting.front();
    if (next.deadline <= now) {
      late->push_back(std::move(next));
    } else if (next.count > room || (next.alone && !calls->empty())) {
      return;
    } else {
      room = next.alone ? 0 : room - next.count;
      calls->push_back(std::move(next));
    }
    waiting.pop_front();
  }
}

void Increments::OnAnswer(const CounterId& counter, const HitBatch& batch, Calls calls,
                          const absl::StatusOr<HitResult>& result) {
  const bool again = !result.ok() && MayGoAgain(result.status(), batch, calls);
  {
    absl::MutexLock lock(&mutex_);
    Numbering& numbering = numberings_.at(counter);
    numbering.unanswered = false;
    if (!result.ok()) {
      // So that a number never means two batches.
      numbering.sender = new_sender_();
      numbering.last_number = 0;
    }
    if (again) {
      for (Call& call : calls) call.alone = absl::IsOutOfRange(result.status());
      numbering.waiting.insert(numbering.waiting.begin(), std::make_move_iterator(calls.begin()),
                               std::make_move_iterator(calls.end()));
      calls.clear();
    }
  }
  SendNext(counter);
  if (!result.ok()) {
    for (const Call& call : calls) call.done(result.status());
    return;
  }
  int64_t value = result->value_after - batch.count;
  for (const Call& call : calls) {
    value += call.count;
    call.done(HitResult{value, result->version});
  }
}

bool Increments::MayGoAgain(const absl::Status& refusal, const HitBatch& batch,
                            const Calls& calls) {
  // The store has forgotten this sender: nothing was counted, and a new one is number 1.
  if (IsGap(refusal)) return batch.number > 1;
  // Together they would pass the limit; some of them may fit.
  return absl::IsOutOfRange(refusal) && calls.size() > 1;
}

void Increments::ForgetIdle() {
  absl::erase_if(numberings_, [](const auto& entry) {
    return !entry.second.unanswered && entry.second.waiting.empty();
  });
}

}  // namespace livecounter::counter
