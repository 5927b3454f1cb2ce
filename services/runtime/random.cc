#include "services/runtime/random.h"

#include <sodium.h>

#include <cstdlib>
#include <limits>

namespace livecounter::runtime {

uint64_t Random::Below(uint64_t bound) {
  if (bound == 0) return 0;
  // Numbers of the last, incomplete run of `bound` are thrown away.
  const uint64_t incomplete = (std::numeric_limits<uint64_t>::max() % bound + 1) % bound;
  uint64_t number = Uint64();
  while (number > std::numeric_limits<uint64_t>::max() - incomplete) number = Uint64();
  return number % bound;
}

double Random::Fraction() {
  constexpr int kMantissaBits = std::numeric_limits<double>::digits;
  return static_cast<double>(Uint64() >> (64 - kMantissaBits)) /
         static_cast<double>(uint64_t{1} << kMantissaBits);
}

std::string Random::Bytes(size_t size) {
  std::string bytes;
  bytes.reserve(size);
  while (bytes.size() < size) {
    uint64_t number = Uint64();
    for (size_t i = 0; i < sizeof(number) && bytes.size() < size; ++i, number >>= 8) {
      bytes.push_back(static_cast<char>(number & 0xff));
    }
  }
  return bytes;
}

SecureRandom::SecureRandom() {
  // Fails only where the kernel gives no randomness: nothing can be secure then.
  if (sodium_init() < 0) std::abort();
}

uint64_t SecureRandom::Uint64() {
  uint64_t number = 0;
  randombytes_buf(&number, sizeof(number));
  return number;
}

uint64_t SeededRandom::Uint64() {
  absl::MutexLock lock(&mutex_);
  return engine_();
}

}  // namespace livecounter::runtime
