// Some of the counters, in memory, in front of the store: core's CounterTable under a lock, with what
// decides who stays in memory and whose changes are published.
//
// A counter is read from the store when it is first needed and stays while it is watched, somebody is
// present, or it is among those last used. The store is never read under the lock; what was read
// counts only if nothing was forgotten meanwhile, so that it cannot be older than what was shown.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COUNTER_SHARD_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COUNTER_SHARD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/change.h"
#include "core/counter_table.h"
#include "core/share.h"
#include "services/counter/embedded/change_outbox.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/history_table.h"
#include "services/counter/embedded/lru_cache.h"
#include "services/counter/embedded/store.h"

namespace livecounter::counter::embedded {

// The counter as it is stored; nothing where it does not exist.
absl::StatusOr<absl::optional<StoredCounter>> ReadStoredCounter(const Store& store,
                                                                const CounterId& counter);

// What a write builds on.
struct Total {
  absl::optional<int64_t> hits;
  uint64_t next_revision = 0;
};

// All methods may be called from any thread but Publish(), which is the committer's.
class CounterShard {
 public:
  // Whether the product is there: what is not has no history. Must be quick; called under the lock.
  using HasProduct = std::function<bool(absl::string_view product)>;

  // All outlive it. At most `max_in_memory` counters stay that nobody watches or is present at.
  CounterShard(const Store& store, ChangeOutbox& outbox, HasProduct has_product, uint64_t epoch,
               size_t max_in_memory);

  // Errors: those of Store::Get().
  absl::StatusOr<Change> Read(const CounterId& counter) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<Total> ReadTotal(const CounterId& counter) ABSL_LOCKS_EXCLUDED(mutex_);

  // `stored` (nothing: deleted) is durable now and can be seen from here on.
  void Publish(const CounterId& counter, const absl::optional<StoredCounter>& stored,
               absl::Time accepted_at) ABSL_LOCKS_EXCLUDED(mutex_);

  void UpdatePresence(const PresenceDelta& delta, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  void RaiseFloor(const CounterId& counter, int64_t floor, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // All floors fall, and none stands again.
  void EndRecovery(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // A counter that cannot be read now is watched all the same; its value comes with RetryWatches().
  void Watch(const CounterId& counter) ABSL_LOCKS_EXCLUDED(mutex_);
  void Unwatch(const CounterId& counter) ABSL_LOCKS_EXCLUDED(mutex_);
  void RetryWatches() ABSL_LOCKS_EXCLUDED(mutex_);

  // Precondition: higher than before.
  void RaiseEpoch(uint64_t epoch, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Up to `limit` ids of `product` after `after` with somebody present, in order.
  std::vector<std::string> PresentAfter(const std::string& product, const std::string& after,
                                        size_t limit) const ABSL_LOCKS_EXCLUDED(mutex_);

  // --- History that is not in the store yet: see HistoryTable. ---

  std::vector<CounterPoint> FinishedHistory(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<CounterPoint> AllHistory(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  void HistoryWritten(const std::vector<CounterPoint>& points) ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<HistoryPoint> History(const CounterId& counter, absl::Time now) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<std::string> HistoriesAfter(const std::string& product, const std::string& after,
                                          size_t limit) const ABSL_LOCKS_EXCLUDED(mutex_);
  void ForgetHistory(const CounterId& counter) ABSL_LOCKS_EXCLUDED(mutex_);
  void ForgetHistories(const std::string& product) ABSL_LOCKS_EXCLUDED(mutex_);

  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);
  void CheckInvariants() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Status Load(const CounterId& counter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Insert(const CounterId& counter, const absl::optional<StoredCounter>& stored)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Note(const absl::optional<Change>& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Likewise, a change of the numbers: it makes history.
  void Record(const absl::optional<Change>& change, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A counter that has no hits and nobody present is in memory for those who watch it, and for nobody
  // else: pages are without number, and their ids are long.
  void ForgetIfNothing(const CounterId& counter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forgotten(const CounterId& counter) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Store& store_;
  ChangeOutbox& outbox_;
  const HasProduct has_product_;
  const size_t max_in_memory_;

  mutable absl::Mutex mutex_;
  CounterTable table_ ABSL_GUARDED_BY(mutex_);
  HistoryTable history_ ABSL_GUARDED_BY(mutex_);
  // Every loaded counter.
  LruCache<CounterId, std::monostate> used_ ABSL_GUARDED_BY(mutex_);
  // How often a counter was forgotten.
  uint64_t forgotten_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_set<CounterId> watched_ ABSL_GUARDED_BY(mutex_);
  // Watched, and not loaded because the store could not be read.
  absl::flat_hash_set<CounterId> unread_ ABSL_GUARDED_BY(mutex_);
  // With somebody present, as it is published.
  absl::btree_set<CounterId> present_ ABSL_GUARDED_BY(mutex_);
  bool recovering_ ABSL_GUARDED_BY(mutex_) = true;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COUNTER_SHARD_H_
