#include "gateway/update_tally.h"

#include <algorithm>

#include "gateway/transport_label.h"

namespace livecounter::gateway {
namespace {

constexpr std::array<Connection::Kind, 2> kKinds = {Connection::Kind::kWebSocket,
                                                    Connection::Kind::kEventStream};

}  // namespace

UpdateTally::UpdateTally(EventLoop& loop, LoopTimers& timers,
                         observability::GatewayMetrics& metrics)
    : loop_(loop),
      timers_(timers),
      metrics_(metrics),
      delays_(observability::GatewayMetrics::UpdateDelayBounds().size() + 1) {}

void UpdateTally::ObserveDelay(absl::Duration delay) {
  delay = std::max(delay, absl::ZeroDuration());
  const std::vector<double>& bounds = observability::GatewayMetrics::UpdateDelayBounds();
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), absl::ToDoubleSeconds(delay));
  ++delays_[static_cast<size_t>(bucket - bounds.begin())];
  delay_sum_ += delay;
  TellSoon();
}

void UpdateTally::TellMetrics() {
  for (const Connection::Kind kind : kKinds) {
    int64_t& sent = sent_[static_cast<size_t>(kind)];
    if (sent > 0) metrics_.updates_sent(TransportOf(kind)).Increment(static_cast<double>(sent));
    sent = 0;
  }
  metrics_.update_delay().ObserveMultiple(delays_, absl::ToDoubleSeconds(delay_sum_));
  std::fill(delays_.begin(), delays_.end(), 0);
  delay_sum_ = absl::ZeroDuration();
}

}  // namespace livecounter::gateway
