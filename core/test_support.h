// What the tests of core/ share: short names for values, and seeded random choices.

#ifndef LIVECOUNTER_CORE_TEST_SUPPORT_H_
#define LIVECOUNTER_CORE_TEST_SUPPORT_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/ids.h"

namespace livecounter::test {

inline absl::Time At(double seconds) {
  return absl::FromUnixSeconds(1'000'000) + absl::Seconds(seconds);
}

inline CounterId Counter(int n) { return {"accounts/a/products/p", absl::StrCat("counter-", n)}; }
inline PresenceHash Hash(uint64_t n) { return {.high = n * 0x9e3779b97f4a7c15, .low = n}; }
inline HolderId Holder(uint64_t n) { return {.high = 1, .low = n}; }
inline Version V(uint64_t epoch, uint64_t revision) { return {epoch, revision}; }

// The choices of one random test; the seed is printed where the test says SCOPED_TRACE(random.seed()).
class Random {
 public:
  explicit Random(uint64_t seed) : seed_(seed), bits_(seed) {}

  std::string seed() const { return absl::StrCat("seed ", seed_); }
  // 0 … n − 1.
  int Below(int n) { return static_cast<int>(bits_() % static_cast<uint64_t>(n)); }
  bool OneIn(int n) { return Below(n) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(Below(static_cast<int>(from.size())))];
  }
  std::mt19937_64& bits() { return bits_; }

 private:
  uint64_t seed_;
  std::mt19937_64 bits_;
};

}  // namespace livecounter::test

#endif  // LIVECOUNTER_CORE_TEST_SUPPORT_H_
