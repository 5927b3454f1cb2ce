#include "gateway/loop_drain.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace livecounter::gateway {

void LoopDrain::Start(absl::Duration duration, std::function<void()> done) {
  start_ = parts_.loop.Now();
  duration_ = duration;
  streams_at_start_ = parts_.streams.size();
  if (streams_at_start_ > 0) phase_ = parts_.admission.NextDrainPhase();
  done_ = std::move(done);
  OnTimer(start_);
}

int64_t LoopDrain::Target(absl::Time now) const {
  const absl::Duration elapsed = now - start_;
  if (elapsed >= duration_) return 0;
  const double steps =
      absl::FDivDuration(elapsed, duration_) * static_cast<double>(streams_at_start_);
  const auto closed = static_cast<int64_t>(std::floor(steps - phase_)) + 1;
  return std::max<int64_t>(0, streams_at_start_ - closed);
}

void LoopDrain::OnTimer(absl::Time now) {
  parts_.streams.CloseDownTo(Target(now));
  if (parts_.idle()) {
    std::exchange(done_, nullptr)();
  } else {
    parts_.timers.Arm(this, now + LoopTimers::kGranularity);
  }
}

}  // namespace livecounter::gateway
