// The visible values of counters: hits, presence, floors, versions (design §1, §3). What an engine
// keeps in memory in front of its store, and the oracle of the conformance suite.
//
// Every visible difference makes a Change with the counter's next revision. What is visible is
// max(|present|, floor); floors stand only while recovering. Lists of changes are ordered
// by counter.

#ifndef LIVECOUNTER_CORE_COUNTER_TABLE_H_
#define LIVECOUNTER_CORE_COUNTER_TABLE_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/change.h"
#include "core/ids.h"
#include "core/presence_set.h"

namespace livecounter {

// Not thread-safe: an engine has one per shard, under the shard's lock.
class CounterTable {
 public:
  explicit CounterTable(uint64_t epoch) : epoch_(epoch) {}

  uint64_t epoch() const { return epoch_; }

  // Whether the counter's stored part is in memory; an engine loads on demand. Read(), SetHits()
  // and NextRevision() need it. Presence and floors do not: the changes they make of a counter that
  // is not loaded have no hits, and are for nobody (to watch or read it, load it first).
  bool Loaded(const CounterId& counter) const;
  // Puts the stored part (nothing: there is none) of a counter that is not loaded in memory.
  // `revision` is the stored one; a counter that has shown anything in this epoch, before it was
  // forgotten or loaded, comes back higher than that. Precondition: not Loaded().
  void Load(const CounterId& counter, absl::optional<int64_t> hits, uint64_t revision);

  // The current value. Precondition: Loaded().
  Change Read(const CounterId& counter) const;

  // The total is `hits` now (nothing: deleted), as it is stored. Nothing comes back when it already
  // was. `revision` of the next change is at least what NextRevision() said.
  // Precondition: Loaded().
  absl::optional<Change> SetHits(const CounterId& counter, absl::optional<int64_t> hits,
                                 absl::Time now);
  // What SetHits() would give as revision: stored with the total, so that revisions go on after a
  // restart. Presence may move it further meanwhile, never back. Precondition: Loaded().
  uint64_t NextRevision(const CounterId& counter) const;

  // Presence of the whole replica: edges, idempotent. Nothing comes back when the visible
  // value stays.
  absl::optional<Change> Join(const CounterId& counter, PresenceHash hash, absl::Time now);
  absl::optional<Change> Leave(const CounterId& counter, PresenceHash hash, absl::Time now);

  // While recovering: publish no presence below `floor` (the highest one told counts).
  absl::optional<Change> RaiseFloor(const CounterId& counter, int64_t floor, absl::Time now);
  // All floors fall; a change for every counter whose visible value moves.
  std::vector<Change> DropFloors(absl::Time now);

  // A new life of the store: every loaded counter's current value again, in the higher epoch.
  // Precondition: `epoch` > epoch().
  std::vector<Change> RaiseEpoch(uint64_t epoch, absl::Time now);

  // Frees the memory of a counter; false and nothing freed while somebody is present or a floor
  // stands. A counter that is not loaded needs no forgetting: it goes with its last presence
  // and floor.
  bool Forget(const CounterId& counter);

  // Counters in memory.
  size_t size() const { return counters_.size(); }
  // `visit(const CounterId&, int64_t visible_present)` for counters with somebody present.
  template <typename Visitor>
  void ForEachPresent(Visitor visit) const {
    for (const auto& [id, counter] : counters_) {
      if (Visible(counter) > 0) visit(id, Visible(counter));
    }
  }

  // Dies when a counter is kept for nothing.
  void CheckInvariants() const;

 private:
  struct Counter {
    bool loaded = false;
    absl::optional<int64_t> hits;
    PresenceSet present;
    int64_t floor = 0;
    uint64_t revision = 0;
  };
  using Counters = absl::flat_hash_map<CounterId, Counter>;

  static int64_t Visible(const Counter& counter) {
    return counter.present.size() > counter.floor ? counter.present.size() : counter.floor;
  }

  // The counter, as new in memory if it is not there.
  Counters::iterator Touch(const CounterId& counter);
  // Precondition: Loaded().
  const Counter& Get(const CounterId& counter) const;
  Change MakeChange(const CounterId& id, const Counter& counter, absl::Time accepted_at) const;
  // A change under the next revision, if something else was visible before; then forgets what is
  // for nothing.
  absl::optional<Change> Settle(Counters::iterator it, int64_t visible_before, absl::Time now);
  void Erase(Counters::iterator it);

  uint64_t epoch_;
  // Where a counter new in memory starts: above anything that a forgotten one has shown.
  uint64_t first_revision_ = 0;
  Counters counters_;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_COUNTER_TABLE_H_
