// The presence that the connections of one event loop hold, with the grace that lets a reload or a
// short loss of the network pass unseen (contract §3 "leaving", design §1 "grace belongs to the
// holder that outlives the client").

#ifndef LIVECOUNTER_CORE_LOCAL_PRESENCE_H_
#define LIVECOUNTER_CORE_LOCAL_PRESENCE_H_

#include <cstdint>
#include <tuple>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/share.h"

namespace livecounter {

// Not thread-safe: it belongs to its event loop.
class LocalPresence {
 public:
  // A connection that contributes came. True on the edge 0→1: nobody held it, not even in grace.
  bool Join(const CounterId& counter, PresenceHash hash);

  // One of the connections that joined went; its hold lasts `grace` longer, so that a pId with
  // several connections leaves when the last of their graces ends. Nothing happens where no
  // connection holds it.
  void Leave(const CounterId& counter, PresenceHash hash, absl::Duration grace, absl::Time now);

  // Nobody holds it any more, whatever its connections and graces. True on the edge: it was held. Their
  // Leave() changes nothing.
  bool Remove(const CounterId& counter, PresenceHash hash);

  // The edges 1→0 whose grace has ended by `now`, one delta a counter, `left` only.
  std::vector<PresenceDelta> Expire(absl::Time now);

  // When Expire() has something to do next; InfiniteFuture while no grace runs.
  absl::Time NextExpiry() const;

  // Pairs held, those in grace included.
  int64_t size() const { return size_; }

  // Dies when an entry has neither a connection nor a running grace.
  void CheckInvariants() const;

 private:
  struct Entry {
    uint64_t connections = 0;
    absl::Time grace_until = absl::InfinitePast();
  };
  // The entries of one counter, whose name stands once for all of them.
  using Entries = absl::flat_hash_map<PresenceHash, Entry>;
  struct Leaving {
    absl::Time grace_until;
    CounterId counter;
    PresenceHash hash;
    friend bool operator<(const Leaving& a, const Leaving& b) {
      return std::tie(a.grace_until, a.counter, a.hash) <
             std::tie(b.grace_until, b.counter, b.hash);
    }
  };

  absl::flat_hash_map<CounterId, Entries> counters_;  // none without entries
  int64_t size_ = 0;
  absl::btree_set<Leaving> leaving_;  // entries without a connection
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_LOCAL_PRESENCE_H_
