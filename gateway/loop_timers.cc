#include "gateway/loop_timers.h"

#include <algorithm>

namespace livecounter::gateway {
namespace {

constexpr size_t kSlots = 256;  // 64 s a round: longer than any deadline here

}  // namespace

LoopTimers::LoopTimers(EventLoop& loop)
    : loop_(loop),
      start_(loop.Now()),
      wheel_(kGranularity, kSlots, start_),
      next_tick_(start_ + kGranularity) {
  Reschedule();
}

LoopTimers::~LoopTimers() {
  loop_.SetTimer(absl::InfiniteFuture(), [] {});
}

void LoopTimers::Reschedule() {
  absl::Time next = next_tick_;
  for (const Source* source : sources_) next = std::min(next, source->NextDue());
  if (next >= scheduled_) return;
  scheduled_ = next;
  loop_.SetTimer(next, [this] { OnLoopTimer(); });
}

absl::Time LoopTimers::NextTick(absl::Time now) const {
  return start_ + absl::Floor(now - start_, kGranularity) + kGranularity;
}

void LoopTimers::OnLoopTimer() {
  const absl::Time now = loop_.Now();
  for (Source* source : sources_) {
    if (source->NextDue() <= now) source->OnDue(now);
  }
  if (next_tick_ <= now) {
    const size_t fired = wheel_.Advance(now, kMaxFiredPerTurn, [now](TimerWheel::Entry* entry) {
      static_cast<Timer*>(entry)->OnTimer(now);
    });
    next_tick_ = fired < kMaxFiredPerTurn ? NextTick(now) : now;
  }
  scheduled_ = absl::InfiniteFuture();
  Reschedule();
}

}  // namespace livecounter::gateway
