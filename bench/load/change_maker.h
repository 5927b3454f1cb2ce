// SEAM: how the number of a counter is changed, on the server that is measured.

#ifndef LIVECOUNTER_BENCH_LOAD_CHANGE_MAKER_H_
#define LIVECOUNTER_BENCH_LOAD_CHANGE_MAKER_H_

#include <cstdint>

#include "absl/status/status.h"

namespace livecounter::bench {

// Not thread-safe.
class ChangeMaker {
 public:
  virtual ~ChangeMaker() = default;

  // Lets `counters` counters have the number `base`, each.
  virtual absl::Status Begin(int counters, int64_t base) = 0;
  // Whether Make() may be called for `counter`.
  virtual bool Ready(int counter) = 0;
  // Makes the next change of `counter`, to `number`, which is one more than it was. Does not wait.
  virtual void Make(int counter, int64_t number) = 0;
  // Does what is due, waiting for it at most `milliseconds`. An error: no change can be made any more.
  virtual absl::Status Poll(int milliseconds) = 0;
};

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_CHANGE_MAKER_H_
