// Takes away what has expired: keys of hits and records of senders of hits and usage (kRecordLifetime),
// records of record_store.h, and history (core/history.h), the minutes of which become hours. It is house-keeping only: what has expired counts as none before it is swept, but for
// the number of live keys of a product, which falls with the sweep.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_EXPIRY_SWEEPER_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_EXPIRY_SWEEPER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/counter/embedded/counters.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/store.h"
#include "services/counter/embedded/transaction.h"

namespace livecounter::counter::embedded {

// Not thread-safe: the committer's.
class ExpirySweeper {
 public:
  // All outlive it. One Sweep() looks at no more than `slice` of each kind.
  ExpirySweeper(Store& store, Counters& counters, SenderCache& senders, size_t slice)
      : store_(store), counters_(counters), senders_(senders), slice_(slice) {}

  // One slice, written without waiting for the disk: the oldest keys and records, and the senders after
  // those of the last slice, round and round. Whether more keys or records may have expired.
  absl::StatusOr<bool> Sweep(absl::Time now);

 private:
  using Remove = absl::Status (*)(Transaction&, const std::string& entry_key, const ExpiryEntry&);

  // Where the next slices begin: before it nothing is left, and reading would only pass over what was
  // deleted there.
  struct Begins {
    std::string key;
    std::string record;
    std::string sender;
    std::string usage_holder;
    std::string history;
  };

  absl::StatusOr<bool> SweepAll(Transaction& transaction);
  // What expires by the entries of `family`, the oldest first. Whether there may be more.
  absl::StatusOr<bool> SweepOldest(Transaction& transaction, Family family, Remove remove,
                                   std::string* begin);
  // As below, of who has history.
  absl::Status SweepHistories(Transaction& transaction);
  // Those of the senders of `family` that have expired, a slice after the last one.
  absl::Status SweepSenders(Transaction& transaction, Family family, std::string* begin);

  Store& store_;
  Counters& counters_;
  SenderCache& senders_;
  const size_t slice_;
  Begins next_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_EXPIRY_SWEEPER_H_
