// Stops asking one who fails every time, and finds out by itself when that is over (contract §4).
//
// Closed, until so many failures came in a row. Then open for a while: nothing is tried. Then half-open:
// one trial is let through; its success closes the breaker, its failure opens it again, for twice as long.

#ifndef LIVECOUNTER_CORE_CIRCUIT_BREAKER_H_
#define LIVECOUNTER_CORE_CIRCUIT_BREAKER_H_

#include <functional>

#include "absl/time/time.h"

namespace livecounter {

// Not thread-safe. `random` gives uniform numbers in [0, 1).
class CircuitBreaker {
 public:
  struct Options {
    int failures_to_open = 20;
    // How long it is open at first and at most, each time less up to a fifth, at random.
    absl::Duration first_pause = absl::Seconds(5);
    absl::Duration longest_pause = absl::Seconds(30);
  };
  enum class State { kClosed, kOpen, kHalfOpen };

  CircuitBreaker(const Options& options, std::function<double()> random);

  State state(absl::Time now) const;
  bool closed() const { return failures_ < options_.failures_to_open; }
  // Nothing has failed since the last success.
  bool untouched() const { return failures_ == 0; }
  // When an open one becomes half-open.
  absl::Time retry_at() const { return retry_at_; }

  // What was tried has succeeded: closed, whenever it was begun.
  void Succeeded();
  // It has failed. While open that says nothing new: it was begun before.
  void Failed(absl::Time now);

 private:
  void Open(absl::Time now);

  Options options_;
  std::function<double()> random_;
  int failures_ = 0;  // in a row; at `failures_to_open` no longer closed
  absl::Duration pause_;
  absl::Time retry_at_ = absl::InfinitePast();
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_CIRCUIT_BREAKER_H_
