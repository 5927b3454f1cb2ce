// The holder's side of metering (contract §5): what was accepted since the last batch goes up in the next,
// under a number, and again, unchanged, until it is answered. So a receiver that dies loses nothing and
// counts nothing twice, and a holder that dies loses what came since its last batch.

#ifndef LIVECOUNTER_CORE_USAGE_SENDER_H_
#define LIVECOUNTER_CORE_USAGE_SENDER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/usage.h"

namespace livecounter {

// Not thread-safe. Remembers one number for each product and hour that is not counted yet.
class UsageSender {
 public:
  // At most one new batch in an `interval`, with up to `max_entries` (≥ 1) entries.
  UsageSender(absl::Duration interval, size_t max_entries)
      : interval_(interval), max_entries_(max_entries) {}

  // `connections` (≥ 1) of `product` were accepted in `hour`; `now` is when that was heard of.
  void Add(const std::string& product, int64_t hour, int64_t connections, absl::Time now);

  // Whether TakeBatch() gives one: an unanswered one that was not taken since the last Reset(), or a new
  // one, where none is unanswered and the interval has passed, or is not waited for (`at_once`).
  bool has_batch(absl::Time now, bool at_once = false) const;
  // The batch to send. Only where has_batch().
  UsageBatch TakeBatch(absl::Time now);
  // When has_batch() will be true without further input: InfiniteFuture for never.
  absl::Time NextDue() const;

  // The stream broke: the unanswered batch is to be taken again.
  void Reset() { is_taken_ = false; }
  // Batches up to `number` are counted. Later repeats of that change nothing.
  void OnCounted(uint64_t number);

  // When the oldest of what is not counted was added: InfiniteFuture where everything is.
  absl::Time UncountedSince() const { return std::min(unanswered_since_, waiting_since_); }

  // Everything is counted.
  bool empty() const { return !unanswered_ && waiting_.empty(); }

  // Dies when a number that is not at least 1 waits.
  void CheckInvariants() const;

 private:
  const absl::Duration interval_;
  const size_t max_entries_;
  absl::btree_map<std::pair<int64_t, std::string>, int64_t> waiting_;  // by hour and product
  absl::optional<UsageBatch> unanswered_;
  // When the oldest of each was added: InfiniteFuture for none.
  absl::Time waiting_since_ = absl::InfiniteFuture();
  absl::Time unanswered_since_ = absl::InfiniteFuture();
  bool is_taken_ = false;  // since the last Reset()
  uint64_t last_number_ = 0;
  absl::Time next_batch_ = absl::InfinitePast();
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_USAGE_SENDER_H_
