// The end of one event loop's service (contract §7): its streams are closed one after the other, so that
// their clients do not all arrive elsewhere at once.

#ifndef LIVECOUNTER_GATEWAY_LOOP_DRAIN_H_
#define LIVECOUNTER_GATEWAY_LOOP_DRAIN_H_

#include <cstdint>
#include <functional>

#include "absl/time/time.h"
#include "gateway/loop_parts.h"
#include "gateway/loop_timers.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class LoopDrain final : private LoopTimers::Timer {
 public:
  // `parts` outlives the drain.
  explicit LoopDrain(LoopParts& parts) : parts_(parts) {}

  // Closes the streams evenly over `duration`: the first one now, or, where other loops drain too, a little
  // later than theirs. Calls `done` when the last one has gone and nobody waits for an answer. Once, after
  // Admission::StartDraining().
  void Start(absl::Duration duration, std::function<void()> done);

 private:
  void OnTimer(absl::Time now) override;
  // How many streams may still be open.
  int64_t Target(absl::Time now) const;

  LoopParts& parts_;
  absl::Time start_;
  absl::Duration duration_;
  int64_t streams_at_start_ = 0;
  double phase_ = 0;  // Admission::NextDrainPhase()
  std::function<void()> done_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_LOOP_DRAIN_H_
