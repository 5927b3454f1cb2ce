// Who watches what on counterd: streams of gateways and of gRPC clients alike, each with its own
// conflated slots (design §4): a slow one costs O(its counters), never a queue.

#ifndef LIVECOUNTER_CORE_WATCH_TABLE_H_
#define LIVECOUNTER_CORE_WATCH_TABLE_H_

#include <cstddef>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "core/change.h"
#include "core/conflator.h"
#include "core/session_table.h"

namespace livecounter {

// Not thread-safe: it belongs to counterd's loop.
class WatchTable {
 public:
  // True on the edge: nobody watched `counter` before, so that the engine is to be asked.
  bool Watch(StreamId stream, const CounterId& counter);
  // True on the edge: nobody watches it any more. False also where the stream did not watch it.
  bool Unwatch(StreamId stream, const CounterId& counter);
  // The stream is gone: the counters that nobody watches any more, in ascending order.
  std::vector<CounterId> Drop(StreamId stream);

  // Puts a change in the slot of everyone who watches its counter, and returns those who had
  // nothing to take before, in ascending order.
  std::vector<StreamId> Publish(const Change& change, absl::Time now);
  // Puts the current value in one stream's slot: the answer to its watch, also when the stream has
  // taken one as new before (a slot that still holds one as new is answer enough). Ignored where
  // the stream does not watch the counter any more.
  void Answer(StreamId stream, const Change& change, absl::Time now);

  // The stream can take up to `limit` changes: the newest of each counter, longest waiting first.
  std::vector<Change> Take(StreamId stream, absl::Time now, size_t limit);
  bool HasPending(StreamId stream) const;

  bool Watches(StreamId stream, const CounterId& counter) const;
  size_t watched_counters() const { return watchers_.size(); }

  // Dies unless both sides agree on who watches what, and slots are only of what is watched.
  void CheckInvariants() const;

 private:
  struct Watcher {
    absl::flat_hash_set<CounterId> counters;
    Conflator<CounterId, Change> slots;
  };
  using Watchers = absl::flat_hash_map<CounterId, absl::btree_set<StreamId>>;

  // Takes `stream` from those who watch `counter`. True when it was the last.
  bool Remove(StreamId stream, const CounterId& counter);

  Watchers watchers_;
  absl::flat_hash_map<StreamId, Watcher> streams_;  // those that watch something
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_WATCH_TABLE_H_
