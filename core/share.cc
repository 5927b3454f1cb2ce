#include "core/share.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace livecounter {
namespace {

// The digest of one (counter, hash) pair: two mixes of 64 bits, independent by seed and
// multipliers. Each absorbs, 8 bytes at a time, little-endian, the last piece padded with zeros:
//   length of product, product, length of id, id, hash.high, hash.low
// and each piece is XORed into the state, which then goes through a bijection of the kind x ^= x >>
// r; x *= m — three shifts and two odd multipliers, those of SplitMix64 and of MurmurHash3's
// finaliser. Presence hashes are keyed and uniform, so nobody outside can choose what collides.
struct Mixer {
  int first_shift;
  uint64_t first_multiplier;
  int second_shift;
  uint64_t second_multiplier;
  int third_shift;

  constexpr uint64_t Absorb(uint64_t state, uint64_t piece) const {
    uint64_t x = state ^ piece;
    x = (x ^ x >> first_shift) * first_multiplier;
    x = (x ^ x >> second_shift) * second_multiplier;
    // A mix leaves 0 where it is; the addition makes zeros count.
    return (x ^ x >> third_shift) + 0x9e3779b97f4a7c15;
  }

  uint64_t Absorb(uint64_t state, absl::string_view bytes) const {
    state = Absorb(state, bytes.size());
    for (size_t at = 0; at < bytes.size(); at += 8) {
      uint64_t piece = 0;
      const size_t end = std::min(bytes.size(), at + 8);
      for (size_t i = end; i > at; --i)
        piece = piece << 8 | static_cast<unsigned char>(bytes[i - 1]);
      state = Absorb(state, piece);
    }
    return state;
  }
};

constexpr Mixer kHigh{30, 0xbf58476d1ce4e5b9, 27, 0x94d049bb133111eb, 31};
constexpr Mixer kLow{33, 0xff51afd7ed558ccd, 33, 0xc4ceb9fe1a85ec53, 33};
constexpr uint64_t kHighSeed = 0x6c697665636f756e;  // "livecoun"
constexpr uint64_t kLowSeed = 0x7465722073686172;   // "ter shar"

}  // namespace

Share::Prefix Share::MixName(const CounterId& counter) {
  return {.high = kHigh.Absorb(kHigh.Absorb(kHighSeed, counter.product), counter.id),
          .low = kLow.Absorb(kLow.Absorb(kLowSeed, counter.product), counter.id)};
}

ShareDigest Share::MixPair(const Prefix& prefix, PresenceHash hash) {
  return {.high = kHigh.Absorb(kHigh.Absorb(prefix.high, hash.high), hash.low),
          .low = kLow.Absorb(kLow.Absorb(prefix.low, hash.high), hash.low),
          .entries = 1};
}

bool Share::Add(const CounterId& counter, PresenceHash hash) {
  const auto [it, fresh] = counters_.try_emplace(counter);
  if (fresh) it->second.prefix = MixName(counter);
  if (!it->second.set.Add(hash)) return false;
  const ShareDigest pair = MixPair(it->second.prefix, hash);
  digest_.high += pair.high;
  digest_.low += pair.low;
  digest_.entries += pair.entries;
  return true;
}

bool Share::Remove(const CounterId& counter, PresenceHash hash) {
  const auto it = counters_.find(counter);
  if (it == counters_.end() || !it->second.set.Remove(hash)) return false;
  const ShareDigest pair = MixPair(it->second.prefix, hash);
  digest_.high -= pair.high;
  digest_.low -= pair.low;
  digest_.entries -= pair.entries;
  if (it->second.set.empty()) counters_.erase(it);
  return true;
}

bool Share::Contains(const CounterId& counter, PresenceHash hash) const {
  const auto it = counters_.find(counter);
  return it != counters_.end() && it->second.set.Contains(hash);
}

int64_t Share::present(const CounterId& counter) const {
  const auto it = counters_.find(counter);
  return it == counters_.end() ? 0 : it->second.set.size();
}

std::vector<PresenceDelta> Share::ToDeltas() const {
  std::vector<PresenceDelta> deltas;
  deltas.reserve(counters_.size());
  for (const auto& [id, counter] : counters_) {
    PresenceDelta& delta = deltas.emplace_back();
    delta.counter = id;
    delta.joined.reserve(static_cast<size_t>(counter.set.size()));
    counter.set.ForEach([&](PresenceHash hash) { delta.joined.push_back(hash); });
    std::sort(delta.joined.begin(), delta.joined.end());
  }
  std::sort(deltas.begin(), deltas.end(),
            [](const PresenceDelta& a, const PresenceDelta& b) { return a.counter < b.counter; });
  return deltas;
}

void Share::CheckInvariants() const {
  ShareDigest digest;
  for (const auto& [id, counter] : counters_) {
    counter.set.CheckInvariants();
    CheckInvariant(!counter.set.empty(), "a kept counter has somebody present");
    const Prefix prefix = MixName(id);
    CheckInvariant(counter.prefix == prefix, "the prefix is that of the counter's name");
    counter.set.ForEach([&](PresenceHash hash) {
      const ShareDigest pair = MixPair(prefix, hash);
      digest.high += pair.high;
      digest.low += pair.low;
      digest.entries += pair.entries;
    });
  }
  CheckInvariant(digest == digest_, "the digest is that of the content");
}

}  // namespace livecounter
