// Full-jitter exponential back-off: each pause is uniform in (0, min(cap, base · 2ⁿ)], so that
// those who lost the same peer at the same moment do not come back at the same moment.

#ifndef LIVECOUNTER_CORE_BACKOFF_H_
#define LIVECOUNTER_CORE_BACKOFF_H_

#include <functional>

#include "absl/time/time.h"

namespace livecounter {

// Not thread-safe. `random` gives uniform numbers in [0, 1).
class Backoff {
 public:
  struct Options {
    absl::Duration base = absl::Milliseconds(50);
    absl::Duration cap = absl::Seconds(1);  // must stay well below the lease (design §1)
  };

  Backoff(Options options, std::function<double()> random);

  // The pause before the next attempt.
  absl::Duration Next();
  // After success the next pause is short again.
  void Reset();

 private:
  Options options_;
  std::function<double()> random_;
  absl::Duration bound_;  // of the next pause
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_BACKOFF_H_
