#include "core/rendezvous.h"

#include <algorithm>
#include <numeric>

namespace livecounter {
namespace {

// FNV-1a takes the bytes in; its high bits are weak, so a finalizer spreads them.
constexpr uint64_t kOffset = 0xcbf29ce484222325;
constexpr uint64_t kPrime = 0x100000001b3;

uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
  return x ^ (x >> 32);
}

}  // namespace

uint64_t StableHash(absl::string_view text, uint64_t seed) {
  uint64_t hash = kOffset ^ Mix(seed + 1);
  for (const char byte : text) hash = (hash ^ static_cast<uint8_t>(byte)) * kPrime;
  return Mix(hash ^ text.size());
}

std::vector<size_t> RankWorkers(absl::Span<const absl::string_view> workers,
                                absl::string_view key) {
  std::vector<uint64_t> weights;
  for (const absl::string_view worker : workers) {
    weights.push_back(StableHash(key, StableHash(worker)));
  }
  std::vector<size_t> ranked(workers.size());
  std::iota(ranked.begin(), ranked.end(), size_t{0});
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](size_t a, size_t b) { return weights[a] > weights[b]; });
  return ranked;
}

}  // namespace livecounter
