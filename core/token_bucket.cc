#include "core/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace livecounter {

TokenBucket::Rate TokenBucket::PerSecond(double per_second) {
  return {.interval = absl::Seconds(1) / per_second,
          .burst = std::max(1, static_cast<int>(std::ceil(std::min(per_second, 1e9))))};
}

bool TokenBucket::Take(const Rate& rate, absl::Time now) {
  if (NextToken(rate, now) > now) return false;
  full_at_ = std::max(full_at_, now) + rate.interval;
  return true;
}

absl::Time TokenBucket::NextToken(const Rate& rate, absl::Time now) const {
  return std::max(now, full_at_ - (rate.burst - 1) * rate.interval);
}

}  // namespace livecounter
