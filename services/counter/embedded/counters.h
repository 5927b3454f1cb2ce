// All counters, in memory: shards by hash, and the way of their changes to the sink. What can be seen
// of the store is here; what is here of hits is durable.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COUNTERS_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COUNTERS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "services/counter/embedded/change_outbox.h"
#include "services/counter/embedded/counter_shard.h"
#include "services/counter/embedded/store.h"
#include "services/counter/product_directory.h"

namespace livecounter::counter::embedded {

// All methods may be called from any thread, but Publish(), FlushChanges() and RaiseEpoch() are the
// committer's. See CounterShard for what each means.
class Counters {
 public:
  // `store` outlives it. `shards` ≥ 1.
  Counters(const Store& store, uint64_t epoch, size_t shards, size_t max_in_memory);

  // See CounterEngine::SetProducts().
  void SetProducts(const ProductDirectory& products) {
    products_.store(&products, std::memory_order_release);
  }
  // Whether the product is there, and of this life as far as that is known on both sides (0: it is not).
  bool HasProduct(absl::string_view product, uint64_t life = 0) const {
    const ProductDirectory* products = products_.load(std::memory_order_acquire);
    if (products == nullptr) return true;
    const absl::optional<uint64_t> now = products->LifeOf(product);
    return now && (life == 0 || *now == 0 || *now == life);
  }

  void SetSink(CounterEngine::ChangeSink sink) { outbox_.SetSink(std::move(sink)); }
  uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }

  absl::StatusOr<Change> Read(const CounterId& counter) { return Shard(counter).Read(counter); }
  absl::StatusOr<Total> ReadTotal(const CounterId& counter) {
    return Shard(counter).ReadTotal(counter);
  }

  void Publish(const CounterId& counter, const absl::optional<StoredCounter>& stored,
               absl::Time accepted_at) {
    Shard(counter).Publish(counter, stored, accepted_at);
  }
  // After Publish() or RaiseEpoch(): their changes go to the sink.
  void FlushChanges() { outbox_.Flush(); }
  // Nothing happens unless `epoch` is higher.
  void RaiseEpoch(uint64_t epoch, absl::Time now);

  void UpdatePresence(const std::vector<PresenceDelta>& deltas, absl::Time now);
  void RaiseFloor(const CounterId& counter, int64_t floor, absl::Time now);
  void EndRecovery(absl::Time now);

  void Watch(const CounterId& counter);
  void Unwatch(const CounterId& counter) { Shard(counter).Unwatch(counter); }
  void RetryWatches();

  // Up to `limit` ids of `product` after `after` with somebody present, in order.
  std::vector<std::string> PresentAfter(const std::string& product, const std::string& after,
                                        size_t limit) const;

  // History that is not in the store yet, of all shards. `write` gets what is finished, or, where `open`,
  // all there is, shard by shard; where it returns true that is in the store now.
  void WriteHistory(absl::Time now, bool open,
                    absl::FunctionRef<bool(const std::vector<CounterPoint>&)> write);
  std::vector<HistoryPoint> History(const CounterId& counter, absl::Time now) const {
    return Shard(counter).History(counter, now);
  }
  std::vector<std::string> HistoriesAfter(const std::string& product, const std::string& after,
                                          size_t limit) const;
  void ForgetHistory(const CounterId& counter) { Shard(counter).ForgetHistory(counter); }
  void ForgetHistories(const std::string& product);

  // Counters in memory.
  size_t size() const;
  void CheckInvariants() const;

 private:
  CounterShard& Shard(const CounterId& counter) const;
  // Up to `limit` ids that `after_in(shard)` gives, in order.
  std::vector<std::string> Merged(
      size_t limit,
      absl::FunctionRef<std::vector<std::string>(const CounterShard& shard)> after_in) const;

  ChangeOutbox outbox_;
  std::atomic<const ProductDirectory*> products_{nullptr};
  std::atomic<uint64_t> epoch_;
  std::vector<std::unique_ptr<CounterShard>> shards_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COUNTERS_H_
