// Takes away records whose time is over: keys of hits and records of senders (kRecordLifetime). It is
// house-keeping only: expired records count as none before they are swept, but for the number of live
// keys of a product, which falls with the sweep.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_EXPIRY_SWEEPER_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_EXPIRY_SWEEPER_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/counter/embedded/counters.h"
#include "services/counter/embedded/store.h"
#include "services/counter/embedded/transaction.h"

namespace livecounter::counter::embedded {

// Not thread-safe: the committer's.
class ExpirySweeper {
 public:
  // All outlive it. One Sweep() looks at no more than `slice` keys and `slice` senders.
  ExpirySweeper(Store& store, Counters& counters, SenderCache& senders, size_t slice)
      : store_(store), counters_(counters), senders_(senders), slice_(slice) {}

  // One slice, written without waiting for the disk: the oldest keys, and the senders after those of
  // the last slice, round and round. Whether more keys may have expired.
  absl::StatusOr<bool> Sweep(absl::Time now);

 private:
  absl::StatusOr<bool> SweepKeys(Transaction& transaction);
  absl::Status SweepSenders(Transaction& transaction);

  Store& store_;
  Counters& counters_;
  SenderCache& senders_;
  const size_t slice_;
  // Where the next slice begins: before it nothing is left, and reading would only pass over what was
  // deleted there.
  std::string next_key_;
  std::string next_sender_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_EXPIRY_SWEEPER_H_
