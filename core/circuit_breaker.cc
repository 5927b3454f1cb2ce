#include "core/circuit_breaker.h"

#include <algorithm>
#include <utility>

namespace livecounter {
namespace {

constexpr double kJitter = 0.2;

}  // namespace

CircuitBreaker::CircuitBreaker(const Options& options, std::function<double()> random)
    : options_(options), random_(std::move(random)), pause_(options.first_pause) {}

CircuitBreaker::State CircuitBreaker::state(absl::Time now) const {
  if (closed()) return State::kClosed;
  return now < retry_at_ ? State::kOpen : State::kHalfOpen;
}

void CircuitBreaker::Succeeded() {
  failures_ = 0;
  pause_ = options_.first_pause;
}

void CircuitBreaker::Failed(absl::Time now) {
  if (state(now) == State::kOpen) return;
  if (closed()) ++failures_;
  if (!closed()) Open(now);
}

void CircuitBreaker::Open(absl::Time now) {
  retry_at_ = now + pause_ * (1.0 - kJitter * random_());
  pause_ = std::min(2 * pause_, options_.longest_pause);
}

}  // namespace livecounter
