// Who watches what over this replica: the engine is asked once a counter, however many streams
// watch it, and each stream gets the newest values through slots of its own (core/watch_table.h).

#ifndef LIVECOUNTER_SERVICES_COUNTER_WATCHES_H_
#define LIVECOUNTER_SERVICES_COUNTER_WATCHES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/change.h"
#include "core/ids.h"
#include "core/watch_table.h"
#include "services/counter/engine.h"

namespace livecounter::counter {

// Not thread-safe: it belongs to the replica's loop. What a stream takes of a counter never goes
// back in version.
class Watches {
 public:
  // `engine` outlives the watches; its change sink ends in Publish().
  explicit Watches(CounterEngine& engine) : engine_(engine) {}

  // The stream watches `counter` from now on. It is answered with the first value that is known and
  // has at least `floor` present: while recovering, changes may be on their way from before the
  // engine was told the floor. True: there is something to take now.
  bool Start(StreamId stream, const CounterId& counter, int64_t floor, absl::Time now);
  // The counters of which somebody waits for a floor.
  std::vector<CounterId> BelowFloors() const;
  // Recovery has ended: `counter` has no floors any more. `read` is how it stands since then (nothing:
  // that cannot be known), for what the engine told may be on its way still, and what came is from
  // before. Returns the streams that have something to take now.
  std::vector<StreamId> DropFloors(const CounterId& counter, const absl::optional<Change>& read,
                                   absl::Time now);
  void Stop(StreamId stream, const CounterId& counter);
  // The stream is gone.
  void Drop(StreamId stream);

  // Changes from the engine; returns the streams that have something to take now and had nothing
  // before.
  std::vector<StreamId> Publish(const std::vector<Change>& changes, absl::Time now);

  // Up to `limit` of what waits for the stream, the newest of each counter.
  std::vector<Change> Take(StreamId stream, absl::Time now, size_t limit) {
    return table_.Take(stream, now, limit);
  }
  bool HasPending(StreamId stream) const { return table_.HasPending(stream); }
  // Whether some stream watches `counter`.
  bool watched(const CounterId& counter) const { return watched_.contains(counter); }
  // Whether each counter that the stream watches has had its first value.
  bool Answered(StreamId stream) const { return !unanswered_.contains(stream); }

  void CheckInvariants() const;

 private:
  struct Waiting {
    StreamId stream;
    int64_t floor;
  };
  struct Watched {
    absl::optional<Change> newest;  // nothing: the engine has not answered yet
    std::vector<Waiting> waiting;  // for their first value, and not in the table before they had it
    bool in_table = false;         // somebody had it
  };

  // Answers those who wait and whose floor the newest value reaches.
  void AnswerWaiting(Watched& watched, absl::Time now, std::vector<StreamId>* answered);
  void StopWaiting(StreamId stream, const CounterId& counter);
  // Nobody watches `counter` in the table any more.
  void LeftTable(const CounterId& counter);
  void ReleaseIfUnwatched(const CounterId& counter);

  CounterEngine& engine_;
  WatchTable table_;
  absl::flat_hash_map<CounterId, Watched> watched_;
  // Of the streams that wait for a first value: for those of which counters.
  absl::flat_hash_map<StreamId, absl::flat_hash_set<CounterId>> unanswered_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_WATCHES_H_
