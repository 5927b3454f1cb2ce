// The value of a counter as it travels: read, watched, conflated, published.

#ifndef LIVECOUNTER_CORE_CHANGE_H_
#define LIVECOUNTER_CORE_CHANGE_H_

#include <cstdint>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"

namespace livecounter {

// Both numbers of one counter at one version. A level, not a difference: the newest one says all
// that the older ones did.
struct Change {
  CounterId counter;
  Version version;
  // Nothing while the hit counter has not been created: 404 over HTTP (contract §2).
  absl::optional<int64_t> hits;
  // Distinct presence IDs here now (contract §3).
  int64_t present = 0;
  // When counterd accepted what changed it; feeds livecounter_gateway_update_delay_seconds.
  absl::Time accepted_at = absl::InfinitePast();

  friend bool operator==(const Change&, const Change&) = default;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_CHANGE_H_
