// Conflation is the back-pressure (design §4): between a producer and a slower reader stands one
// slot a key with the newest value, not a queue. The first value goes out at once, then at most one
// per interval, always ending in the newest. Used towards gateways (interval zero: a slot empties
// as soon as the stream takes it) and towards clients (the counter's min_update_interval).

#ifndef LIVECOUNTER_CORE_CONFLATOR_H_
#define LIVECOUNTER_CORE_CONFLATOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/check.h"

namespace livecounter {

// Not thread-safe. `Value` must have a `version` that orders it; O(1) memory a key, and none for
// keys that have been quiet for their interval.
template <typename Key, typename Value>
class Conflator {
 public:
  // Puts `value` in its slot, unless the slot, or what was last taken, is as new or newer. A value
  // taken at t makes the key's next one due at t + `interval` of this offer.
  void Offer(const Key& key, Value value, absl::Duration interval, absl::Time now) {
    const auto [it, fresh] = slots_.try_emplace(key);
    Slot& slot = it->second;
    if (!fresh && value.version <= slot.version) return;
    const bool was_pending = slot.value.has_value();
    slot.version = value.version;
    slot.value = std::move(value);
    slot.interval = interval;
    if (was_pending) return;
    if (!fresh) quiet_.erase(slot.place);
    slot.place = {std::max(now, slot.place.when), ++last_sequence_};
    due_.emplace(slot.place, &*it);
  }

  // Takes up to `limit` values that are due, longest due first.
  std::vector<Value> Take(absl::Time now, size_t limit = SIZE_MAX) {
    std::vector<Value> values;
    while (!due_.empty() && due_.begin()->first.when <= now && values.size() < limit) {
      Entry* entry = due_.begin()->second;
      due_.erase(due_.begin());
      Slot& slot = entry->second;
      values.push_back(*std::exchange(slot.value, absl::nullopt));
      slot.place = {now + slot.interval, ++last_sequence_};
      quiet_.emplace(slot.place, entry);
    }
    DropQuiet(now);
    return values;
  }

  // When the next value is due; InfiniteFuture when every slot is empty.
  absl::Time NextDue() const {
    return due_.empty() ? absl::InfiniteFuture() : due_.begin()->first.when;
  }

  // Drops the key's slot and its memory of what was taken.
  void Forget(const Key& key) {
    const auto it = slots_.find(key);
    if (it == slots_.end()) return;
    (it->second.value ? due_ : quiet_).erase(it->second.place);
    slots_.erase(it);
  }

  // Slots that hold a value, and keys in memory.
  size_t pending() const { return due_.size(); }
  size_t size() const { return slots_.size(); }

  // Dies unless every key stands in exactly the one order that it belongs to.
  void CheckInvariants() const {
    CheckInvariant(slots_.size() == due_.size() + quiet_.size(), "a key is due or quiet");
    for (const auto& entry : slots_) {
      const Order& order = entry.second.value ? due_ : quiet_;
      CheckInvariant(order.contains(entry.second.place), "a key has a place");
      CheckInvariant(order.at(entry.second.place) == &entry, "a place is one key's");
    }
  }

 private:
  // Equal times keep the order in which they came.
  struct Place {
    absl::Time when = absl::InfinitePast();
    uint64_t sequence = 0;
    friend bool operator<(const Place& a, const Place& b) {
      return std::tie(a.when, a.sequence) < std::tie(b.when, b.sequence);
    }
  };
  struct Slot {
    absl::optional<Value> value;       // waiting to be taken
    decltype(Value::version) version;  // of that, or of the one last taken
    absl::Duration interval;
    Place place;  // with a value: when it is due; else: when the key is forgotten
  };
  using Slots = absl::node_hash_map<Key, Slot>;
  using Entry = typename Slots::value_type;
  using Order = absl::btree_map<Place, Entry*>;

  void DropQuiet(absl::Time now) {
    while (!quiet_.empty() && quiet_.begin()->first.when <= now) {
      const auto first = quiet_.begin();
      // By iterator: the key lives in what is erased.
      slots_.erase(slots_.find(first->second->first));
      quiet_.erase(first);
    }
  }

  Slots slots_;
  Order due_;
  Order quiet_;
  uint64_t last_sequence_ = 0;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_CONFLATOR_H_
