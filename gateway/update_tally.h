// What one event loop has sent since it last told the metrics. To count an update is an addition here; in
// the metrics, which all threads share, it is a search, a lock and a dozen atomics.

#ifndef LIVECOUNTER_GATEWAY_UPDATE_TALLY_H_
#define LIVECOUNTER_GATEWAY_UPDATE_TALLY_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "gateway/loop_timers.h"
#include "gateway/transport.h"
#include "observability/metrics.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class UpdateTally final : private LoopTimers::Timer {
 public:
  // All outlive the tally.
  UpdateTally(EventLoop& loop, LoopTimers& timers, observability::GatewayMetrics& metrics);
  ~UpdateTally() { TellMetrics(); }

  // So many updates were written to streams of this kind.
  void CountSent(Connection::Kind kind, int64_t updates) {
    sent_[static_cast<size_t>(kind)] += updates;
    TellSoon();
  }
  // So long after its change was accepted an update was written; below zero counts as zero.
  void ObserveDelay(absl::Duration delay);

  // Tells the metrics now. It does by itself once in kInterval while there is something to tell.
  void TellMetrics();

 private:
  static constexpr absl::Duration kInterval = absl::Milliseconds(250);

  void OnTimer(absl::Time /*now*/) override { TellMetrics(); }
  void TellSoon() {
    if (!armed()) timers_.Arm(this, loop_.Now() + kInterval);
  }

  EventLoop& loop_;
  LoopTimers& timers_;
  observability::GatewayMetrics& metrics_;
  std::array<int64_t, observability::kTransports> sent_ = {};  // by kind
  // Delays: how many in each bucket of the metric, and their sum.
  std::vector<double> delays_;
  absl::Duration delay_sum_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_UPDATE_TALLY_H_
