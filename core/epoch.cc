#include "core/epoch.h"

#include <algorithm>

namespace livecounter {

uint64_t NextEpoch(uint64_t stored, absl::Time now, uint64_t random) {
  constexpr uint64_t kMaxStep = uint64_t{1} << 20;
  const auto clock = static_cast<uint64_t>(std::max<int64_t>(1, absl::ToUnixMillis(now)));
  return clock > stored ? clock : stored + 1 + random % kMaxStep;
}

}  // namespace livecounter
