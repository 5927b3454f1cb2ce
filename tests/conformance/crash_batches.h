// What crash_writer counts, known to the test that checks it.

#ifndef LIVECOUNTER_TESTS_CONFORMANCE_CRASH_BATCHES_H_
#define LIVECOUNTER_TESTS_CONFORMANCE_CRASH_BATCHES_H_

#include <cstdint>

namespace livecounter::counter {

inline constexpr char kCrashProduct[] = "accounts/demo/products/demo";

// How many hits the batch of a number holds.
inline int64_t CountOfBatch(uint64_t number) { return 1 + static_cast<int64_t>(number % 3); }

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_TESTS_CONFORMANCE_CRASH_BATCHES_H_
