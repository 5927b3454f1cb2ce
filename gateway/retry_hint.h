// When a client that is sent away may come back: a random time, so that those who are sent away
// together do not come back together (contract §2, §7).

#ifndef LIVECOUNTER_GATEWAY_RETRY_HINT_H_
#define LIVECOUNTER_GATEWAY_RETRY_HINT_H_

#include <cstdint>

#include "services/runtime/random.h"

namespace livecounter::gateway {

// Uniform from 1,000 to 5,000 milliseconds.
inline int64_t RetryHintMilliseconds(runtime::Random& random) {
  return 1000 + static_cast<int64_t>(random.Below(4001));
}

// The same in the unit of Retry-After: whole seconds, 1 to 5.
inline int64_t RetryHintSeconds(runtime::Random& random) {
  return 1 + static_cast<int64_t>(random.Below(5));
}

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_RETRY_HINT_H_
