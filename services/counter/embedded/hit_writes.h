// Hits as writes: batches of numbered senders, and hits that name themselves.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HIT_WRITES_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HIT_WRITES_H_

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/hits.h"
#include "services/counter/embedded/write.h"
#include "services/counter/engine.h"

namespace livecounter::counter::embedded {

class HitWrite final : public Write {
 public:
  HitWrite(HitBatch batch, absl::Time accepted_at, CounterEngine::Callback<HitResult> done)
      : batch_(std::move(batch)), accepted_at_(accepted_at), done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters& counters) override;
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  absl::StatusOr<HitDecision> DecideBatch(Transaction& transaction);

  const HitBatch batch_;
  const absl::Time accepted_at_;
  const CounterEngine::Callback<HitResult> done_;
  absl::StatusOr<HitDecision> decision_;
};

class KeyedHitWrite final : public Write {
 public:
  // `max_live_keys` of a product: kMaxLiveKeysPerProduct, or fewer.
  KeyedHitWrite(KeyedHit hit, int64_t max_live_keys, absl::Time accepted_at,
                CounterEngine::Callback<HitResult> done)
      : hit_(std::move(hit)),
        max_live_keys_(max_live_keys),
        accepted_at_(accepted_at),
        done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters& counters) override;
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  absl::StatusOr<HitDecision> DecideHit(Transaction& transaction);

  const KeyedHit hit_;
  const int64_t max_live_keys_;
  const absl::Time accepted_at_;
  const CounterEngine::Callback<HitResult> done_;
  absl::StatusOr<HitDecision> decision_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HIT_WRITES_H_
