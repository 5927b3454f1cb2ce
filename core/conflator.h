// Conflation is the back-pressure (design §4): between a producer and a slower reader stands one
// slot a key with the newest value, not a queue. The first value goes out at once, then at most one
// per interval, always ending in the newest. Used towards gateways (interval zero: a slot empties as
// soon as the stream takes it) and towards clients (the counter's min_update_interval).

#ifndef LIVECOUNTER_CORE_CONFLATOR_H_
#define LIVECOUNTER_CORE_CONFLATOR_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace livecounter {

// Not thread-safe. `Value` must have a `version` that orders it; O(1) memory a key, and none for keys
// that have been quiet for their interval.
template <typename Key, typename Value>
class Conflator {
 public:
  // Puts `value` in its slot, unless the slot, or what was last taken, is as new or newer. A value
  // taken at t makes the key's next one due at t + `interval` of this offer.
  void Offer(const Key& key, Value value, absl::Duration interval, absl::Time now);

  // Takes up to `limit` values that are due, longest due first.
  std::vector<Value> Take(absl::Time now, size_t limit = SIZE_MAX);

  // When the next value is due; InfiniteFuture when every slot is empty.
  absl::Time NextDue() const;

  // Drops the key's slot and its memory of what was taken.
  void Forget(const Key& key);

  // Slots that hold a value, and keys in memory.
  size_t pending() const { return pending_; }
  size_t size() const { return slots_.size(); }

  void CheckInvariants() const;

 private:
  // To be completed by the implementation: slot {optional<Value> value; Version/… last taken; due},
  // ordered by (due, sequence) so that equal times keep their order.
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_CONFLATOR_H_
