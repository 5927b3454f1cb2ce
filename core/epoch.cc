#include "core/epoch.h"

#include <algorithm>

namespace livecounter {
namespace {

constexpr uint64_t kMaxStep = uint64_t{1} << 20;

}  // namespace

uint64_t NextEpoch(uint64_t stored, absl::Time now, uint64_t random) {
  const auto clock = static_cast<uint64_t>(std::max<int64_t>(1, absl::ToUnixMillis(now)));
  return clock > stored ? clock : stored + 1 + random % kMaxStep;
}

uint64_t EpochToSurpass(uint64_t told, HolderId holder, uint64_t stream) {
  return told + (holder.low + stream) % kMaxStep;
}

}  // namespace livecounter
