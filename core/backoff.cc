#include "core/backoff.h"

#include <algorithm>
#include <utility>

namespace livecounter {

Backoff::Backoff(Options options, std::function<double()> random)
    : options_(options), random_(std::move(random)), bound_(std::min(options.base, options.cap)) {}

absl::Duration Backoff::Next() {
  const absl::Duration pause = bound_ * (1.0 - random_());
  bound_ = std::min(options_.cap, 2 * bound_);
  return std::max(pause, absl::Nanoseconds(1));
}

void Backoff::Reset() { bound_ = std::min(options_.base, options_.cap); }

}  // namespace livecounter
