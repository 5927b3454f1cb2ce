// The numbers that an inactive account's connections are shown (contract §3): plausible, moving, and
// nobody's. A pure function of the counter and the time, so that every gateway shows the same and no
// connection changes any.

#ifndef LIVECOUNTER_CORE_EXAMPLE_DATA_H_
#define LIVECOUNTER_CORE_EXAMPLE_DATA_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/ids.h"

namespace livecounter {

struct ExampleNumbers {
  // Counts up with the steps, so that of two the newer can be told. Its epoch is 0, which no store has.
  Version version;
  int64_t hits = 0;     // never falls
  int64_t present = 0;  // never below 1

  friend bool operator==(const ExampleNumbers&, const ExampleNumbers&) = default;
};

// The numbers of `counter` at `now`. They stay for one step, a few seconds that begin at another moment for
// each counter. Presence follows the hour (busiest in the afternoon, the hour of a product being its own)
// and the day of the week, and wavers; one step moves it by little. Integers only, so that it is the same
// on every machine. Pure. `now`: after 2000.
ExampleNumbers ExampleNumbersAt(const CounterId& counter, absl::Time now);

// When ExampleNumbersAt() is next to give others: after `now`.
absl::Time NextExampleStep(const CounterId& counter, absl::Time now);

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_EXAMPLE_DATA_H_
