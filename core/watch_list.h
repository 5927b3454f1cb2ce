// What a holder watches upstream: one subscription a counter however many watch here, the newest
// change of each, and the outcomes of hits that wait for the change that shows them.

#ifndef LIVECOUNTER_CORE_WATCH_LIST_H_
#define LIVECOUNTER_CORE_WATCH_LIST_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/types/optional.h"
#include "core/change.h"
#include "core/frame_budget.h"
#include "core/ids.h"
#include "core/sender_log.h"
#include "core/session.h"

namespace livecounter {

// Not thread-safe.
class WatchList {
 public:
  // One more watches; the newest change if one is known, which counts as passed on.
  absl::optional<Change> Watch(const CounterId& counter);
  // One fewer. After the last one its state is forgotten, once the receiver has been told.
  // Puts into `outcomes` those that waited here.
  void Unwatch(const CounterId& counter, std::vector<HitOutcome>* outcomes);

  // From the next frame on, every watch is told anew, with its floor.
  void TellAll();
  // The stream broke: the receiver knows of no watch. Puts into `outcomes` those that waited.
  void OnClosed(std::vector<HitOutcome>* outcomes);

  // Puts what fits of the watches that started and ended into `frame`.
  void Fill(HolderFrame* frame, FrameBudget* budget);
  // Nothing is left to be told.
  bool empty() const { return untold_.empty(); }

  // Drops what is not watched, or not newer than the newest. Puts into `outcomes` those that waited
  // for this version.
  void OnChange(const Change& change, std::vector<HitOutcome>* outcomes);
  // Puts `outcome` into `outcomes` when the change that shows it has come; else it waits here for
  // that. So a hit's own answer is never ahead of a value read here later (read your writes).
  void OnOutcome(const CounterId& counter, HitOutcome outcome, std::vector<HitOutcome>* outcomes);
  // Nobody waits for the outcome of `ticket` any more.
  void Abandon(const CounterId& counter, uint64_t ticket);

  // Changes not taken yet, the newest of each counter; they count as passed on.
  std::vector<Change> TakeChanges();

  // Dies when a watch that the receiver should hear of is not in the queue.
  void CheckInvariants() const;

 private:
  struct Subscription {
    uint64_t watchers = 0;
    bool told = false;                // the receiver knows of it, on this stream
    bool changed = false;             // `newest` is to be taken; in changed_
    uint64_t place = 0;               // in untold_; 0: not there
    absl::optional<Change> newest;    // of any epoch
    absl::optional<int64_t> floor;    // the presence last passed on
    std::vector<HitOutcome> waiting;  // for a version newer than `newest`
  };
  using Subscriptions = absl::flat_hash_map<CounterId, Subscription>;

  // Puts a subscription that changed where it belongs; drops it where nothing is left to remember.
  void Settle(Subscriptions::iterator it);
  // The receiver is to hear of every watch again; where the stream broke, it knows of none.
  void TellAnew(bool stream_broke);

  Subscriptions subscriptions_;
  // Where what we want and what the receiver was told differ: the order in which it is told.
  absl::btree_map<uint64_t, CounterId> untold_;
  uint64_t last_place_ = 0;
  // Counters with a change to take; may hold some that have none any more.
  std::deque<CounterId> changed_;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_WATCH_LIST_H_
