// Randomness as a thing that is passed in: libsodium's in programs, seeded in tests. All methods
// may be called from any thread.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_RANDOM_H_
#define LIVECOUNTER_SERVICES_RUNTIME_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::runtime {

class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Uint64() = 0;

  // Uniform in [0, bound), without modulo bias; 0 when `bound` is 0.
  uint64_t Below(uint64_t bound);
  // Uniform in [0, 1).
  double Fraction();
  // `size` random bytes.
  std::string Bytes(size_t size);
};

// Cryptographically secure (libsodium): for ids, salts, tokens.
class SecureRandom final : public Random {
 public:
  SecureRandom();
  uint64_t Uint64() override;
};

// The same seed gives the same numbers: for tests.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  uint64_t Uint64() override;

 private:
  absl::Mutex mutex_;
  std::mt19937_64 engine_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_RANDOM_H_
