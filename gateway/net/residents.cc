#include "gateway/net/residents.h"

namespace livecounter::gateway::net {

void Residents::EvictAll() {
  while (!residents_.empty()) {
    auto node = residents_.extract(residents_.begin());
    node.value()->Evict();
  }
}

}  // namespace livecounter::gateway::net
