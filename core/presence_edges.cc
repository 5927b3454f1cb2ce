#include "core/presence_edges.h"

#include <algorithm>
#include <utility>

namespace livecounter {

PresenceDelta PresenceEdges::Net(const CounterId& counter, std::vector<Edge>& edges) {
  std::sort(edges.begin(), edges.end(),
            [](const Edge& a, const Edge& b) { return a.hash < b.hash; });
  PresenceDelta delta{.counter = counter, .joined = {}, .left = {}};
  for (size_t i = 0; i < edges.size();) {
    const PresenceHash hash = edges[i].hash;
    int net = 0;
    for (; i < edges.size() && edges[i].hash == hash; ++i) net += edges[i].difference;
    if (net > 0) delta.joined.push_back(hash);
    if (net < 0) delta.left.push_back(hash);
  }
  return delta;
}

std::vector<PresenceDelta> PresenceEdges::Take() {
  std::vector<PresenceDelta> deltas;
  for (auto& [counter, edges] : edges_) {
    PresenceDelta delta = Net(counter, edges);
    if (!delta.joined.empty() || !delta.left.empty()) deltas.push_back(std::move(delta));
  }
  edges_.clear();
  std::sort(deltas.begin(), deltas.end(),
            [](const PresenceDelta& a, const PresenceDelta& b) { return a.counter < b.counter; });
  return deltas;
}

}  // namespace livecounter
