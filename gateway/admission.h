// Whether the gateway takes one more stream or hit, over all event loops (contract §2, §3, §7).

#ifndef LIVECOUNTER_GATEWAY_ADMISSION_H_
#define LIVECOUNTER_GATEWAY_ADMISSION_H_

#include <atomic>
#include <cmath>
#include <cstdint>

#include "absl/types/optional.h"
#include "gateway/client_limits.h"
#include "gateway/product_places.h"
#include "observability/metrics.h"

namespace livecounter::gateway {

// Any thread.
class Admission {
 public:
  // More open streams than `max_connections` are not taken.
  explicit Admission(int64_t max_connections, const ClientLimits::Options& limits = {})
      : max_connections_(max_connections), limits_(limits) {}

  // Why a new stream is refused now, if it is: kDraining or kOverloaded. Several that ask at the same
  // moment may all be let in; what is too many of them shows when they open.
  absl::optional<observability::RejectReason> Refusal() const {
    if (draining()) return observability::RejectReason::kDraining;
    if (open_ >= max_connections_) return observability::RejectReason::kOverloaded;
    return absl::nullopt;
  }

  // False: that is one too many, to be closed at once. StreamClosed() follows either way.
  bool StreamOpened() { return ++open_ <= max_connections_; }
  void StreamClosed() { --open_; }
  int64_t open_streams() const { return open_; }

  // What each product has.
  ProductPlaces& places() { return places_; }
  // What one of many may have.
  ClientLimits& limits() { return limits_; }

  // For good.
  void StartDraining() { draining_ = true; }
  bool draining() const { return draining_; }
  // How much later an event loop's closes come than without it, as a part of the time between two of them:
  // 0 for the first loop that asks, then numbers below 1 that lie far apart. So the few streams of many loops
  // do not all go at the same moments.
  double NextDrainPhase() {
    constexpr double kGoldenRatio = 0.618033988749895;
    return std::fmod(kGoldenRatio * drain_phases_++, 1);
  }

 private:
  const int64_t max_connections_;
  ProductPlaces places_;
  ClientLimits limits_;
  std::atomic<int64_t> open_ = 0;
  std::atomic<bool> draining_ = false;
  std::atomic<int> drain_phases_ = 0;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_ADMISSION_H_
