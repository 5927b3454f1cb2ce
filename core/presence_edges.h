// Edges of presence as they happen, netted: who came and went again is not mentioned.

#ifndef LIVECOUNTER_CORE_PRESENCE_EDGES_H_
#define LIVECOUNTER_CORE_PRESENCE_EDGES_H_

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/ids.h"
#include "core/share.h"

namespace livecounter {

// Not thread-safe. The edges of one (counter, hash) pair alternate: joined, left, joined, …
class PresenceEdges {
 public:
  void Joined(const CounterId& counter, PresenceHash hash) {
    edges_[counter].push_back({hash, +1});
  }
  void Left(const CounterId& counter, PresenceHash hash) { edges_[counter].push_back({hash, -1}); }

  // The net edges since the last call, one delta a counter that has any; counters and hashes in
  // ascending order, so that the same history gives the same answer in every run.
  std::vector<PresenceDelta> Take();

 private:
  struct Edge {
    PresenceHash hash;
    int difference;
  };

  static PresenceDelta Net(const CounterId& counter, std::vector<Edge>& edges);

  absl::flat_hash_map<CounterId, std::vector<Edge>> edges_;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_PRESENCE_EDGES_H_
