// Hits of one loop that wait for their answer from the counter service, each for a limited time.

#ifndef LIVECOUNTER_GATEWAY_PENDING_HITS_H_
#define LIVECOUNTER_GATEWAY_PENDING_HITS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/sender_log.h"
#include "gateway/catalog.h"
#include "gateway/loop_link.h"
#include "gateway/loop_timers.h"

namespace livecounter::gateway {

// Belongs to its loop's thread.
class PendingHits {
 public:
  // The hit's own value, durable; or why it was not counted (core/hits.h). UNAVAILABLE and
  // DEADLINE_EXCEEDED: it may have been.
  using Done = std::function<void(absl::StatusOr<int64_t>)>;

  // How long a POST waits while the counter service is away (contract §2).
  static constexpr absl::Duration kPatience = absl::Seconds(5);

  // `link` and `timers` outlive the hits.
  PendingHits(LoopLink& link, LoopTimers& timers);
  ~PendingHits();

  // Sends one hit on `counter`, of `product` as it is now. `idempotency_key`: 1–255 bytes, or empty for none.
  // `done` is called once, within kPatience; a client that is gone by then does not take its hit back.
  void Hit(const CounterId& counter, const Product& product, std::string idempotency_key,
           Done done);

  // From the link.
  void OnOutcome(const HitOutcome& outcome);

  size_t size() const { return waiting_.size(); }

 private:
  class Waiting;

  void GiveUp(const Waiting& waiting);
  void Finish(uint64_t ticket, absl::StatusOr<int64_t> result);

  LoopLink& link_;
  LoopTimers& timers_;
  uint64_t last_ticket_ = 0;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Waiting>> waiting_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_PENDING_HITS_H_
