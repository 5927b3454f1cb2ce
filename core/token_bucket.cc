#include "core/token_bucket.h"

#include <algorithm>

namespace livecounter {

bool TokenBucket::Take(const Rate& rate, absl::Time now) {
  if (NextToken(rate, now) > now) return false;
  full_at_ = std::max(full_at_, now) + rate.interval;
  return true;
}

absl::Time TokenBucket::NextToken(const Rate& rate, absl::Time now) const {
  return std::max(now, full_at_ - (rate.burst - 1) * rate.interval);
}

}  // namespace livecounter
