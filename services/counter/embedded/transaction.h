// What one group commit is about to write, over what is durable: each write of the group sees those
// decided before it. Nothing of it can be read by others until it is durable; if that fails it is
// dropped, and nothing has happened.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_TRANSACTION_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_TRANSACTION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "services/counter/embedded/counters.h"
#include "services/counter/embedded/lru_cache.h"
#include "services/counter/embedded/store.h"
#include "services/counter/record_store.h"

namespace livecounter::counter::embedded {

// Values of Family::kSenders as last committed, by their keys: the records that hot senders need again
// with their next batch. The committer's alone.
using SenderCache = LruCache<std::string, std::string>;

// Not thread-safe: the committer's.
class Transaction {
 public:
  // All three outlive it. `now` is the time of every decision in it.
  Transaction(const Store& store, Counters& counters, SenderCache& senders, absl::Time now)
      : store_(store), counters_(counters), senders_(senders), now_(now) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  absl::Time now() const { return now_; }
  const Store& store() const { return store_; }

  // NOT_FOUND unless the product is there, and of this life: others get no counters and no hits.
  absl::Status CheckProduct(absl::string_view product, uint64_t life = 0) const;

  // --- Totals. Errors: those of the store's reads. ---

  absl::StatusOr<absl::optional<int64_t>> Total(const CounterId& counter);
  // `accepted_at` is when the caller's request came. Precondition: Total() of it was read.
  void SetTotal(const CounterId& counter, absl::optional<int64_t> hits, absl::Time accepted_at);

  // Claims the counter for one write that answers with the counter's whole value, or for any number
  // that do not. False: this transaction has the counter in the other way, the write belongs into the
  // next one.
  bool Claim(const CounterId& counter, bool alone);

  // --- Records of other families. ---

  absl::StatusOr<absl::optional<std::string>> Get(Family family, const std::string& key);
  // Durable records whose keys begin with `prefix`, up to `limit`; without what is decided here.
  absl::StatusOr<std::vector<StoreEntry>> Scan(Family family, absl::string_view prefix,
                                               size_t limit) const {
    return store_.Scan(family, prefix, "", limit);
  }
  void Put(Family family, std::string key, std::string value);
  void Delete(Family family, std::string key);

  // --- Changes of records, in the order of their versions. ---

  void NoteRecordChange(RecordChange change) { record_changes_.push_back(std::move(change)); }
  std::vector<RecordChange> TakeRecordChanges() { return std::exchange(record_changes_, {}); }

  // --- The epoch. ---

  uint64_t epoch() const { return epoch_ > counters_.epoch() ? epoch_ : counters_.epoch(); }
  // Precondition: higher than epoch().
  void RaiseEpoch(uint64_t epoch);

  // --- Room for keys. ---

  // Expired records may be swept before the rest of the group is decided, if somebody asks.
  void OfferSweep() { sweep_offered_ = true; }
  // False: there was a sweep a moment ago.
  bool AskForSweep() { return sweep_asked_ = sweep_offered_; }
  bool sweep_asked() const { return sweep_asked_; }

  // --- The commit. ---

  // It holds something that somebody waits for.
  void RequireSync() { needs_sync_ = true; }
  bool needs_sync() const { return needs_sync_; }
  // For the commit's report.
  void CountHits(int64_t hits) { hits_ += hits; }
  int64_t hits() const { return hits_; }

  std::vector<Mutation> Mutations() const;
  // The mutations are durable: they can be seen from here on.
  void Publish();
  // Whose totals it changes.
  std::vector<CounterId> ChangedCounters() const;

 private:
  struct PendingTotal {
    absl::optional<int64_t> hits;
    uint64_t revision = 0;  // of the next change
    absl::Time accepted_at;
    bool changed = false;
  };
  using Records = absl::flat_hash_map<std::string, absl::optional<std::string>>;

  Records& records(Family family) { return records_[static_cast<size_t>(family)]; }
  static absl::optional<StoredCounter> Stored(const PendingTotal& total);

  const Store& store_;
  Counters& counters_;
  SenderCache& senders_;
  const absl::Time now_;
  absl::flat_hash_map<CounterId, PendingTotal> totals_;
  absl::flat_hash_map<CounterId, bool> claims_;  // → alone
  std::array<Records, kFamilies> records_;
  std::vector<RecordChange> record_changes_;
  uint64_t epoch_ = 0;  // 0: not raised
  int64_t hits_ = 0;
  bool needs_sync_ = false;
  bool sweep_offered_ = false;
  bool sweep_asked_ = false;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_TRANSACTION_H_
