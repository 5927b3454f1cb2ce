// A share: everything that one holder holds, over all counters, and a digest of it that two
// processes can compare (the audit of design §1).

#ifndef LIVECOUNTER_CORE_SHARE_H_
#define LIVECOUNTER_CORE_SHARE_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/ids.h"
#include "core/presence_set.h"

namespace livecounter {

// Edges of one counter: who came and who went since the last one. A full resend has `joined` only.
struct PresenceDelta {
  CounterId counter;
  std::vector<PresenceHash> joined;
  std::vector<PresenceHash> left;

  friend bool operator==(const PresenceDelta&, const PresenceDelta&) = default;
};

// Order-free fingerprint of a share: equal shares have equal digests in every process and version;
// different ones differ but for a chance of 2⁻¹²⁸.
struct ShareDigest {
  uint64_t high = 0;
  uint64_t low = 0;
  uint64_t entries = 0;

  friend bool operator==(const ShareDigest&, const ShareDigest&) = default;
};

// The sum, in each half and in `entries`, over all (counter, hash) pairs; so an edge costs O(1).
// What a pair adds is written down in share.cc and never changes: both ends of a session
// compute it.
//
// Not thread-safe. Counters with nobody present take no memory.
class Share {
 public:
  // As PresenceSet::Add and Remove, for one counter. True on the edge.
  bool Add(const CounterId& counter, PresenceHash hash);
  bool Remove(const CounterId& counter, PresenceHash hash);

  bool Contains(const CounterId& counter, PresenceHash hash) const;
  // Distinct hashes of one counter.
  int64_t present(const CounterId& counter) const;
  // Distinct (counter, hash) pairs.
  int64_t size() const { return static_cast<int64_t>(digest_.entries); }
  bool empty() const { return digest_.entries == 0; }
  const ShareDigest& digest() const { return digest_; }

  // In no particular order; `visit(const CounterId&, const PresenceSet&)`.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const auto& [id, counter] : counters_) visit(id, counter.set);
  }
  // All of it as `joined`, counters and hashes in ascending order: the same in every run.
  std::vector<PresenceDelta> ToDeltas() const;

  // The same pairs, each held as often.
  friend bool operator==(const Share& a, const Share& b) { return a.counters_ == b.counters_; }

  // Dies when the digest is not that of the content, or an empty counter is kept.
  void CheckInvariants() const;

 private:
  // Where the mixes of the digest's halves stand after the counter's name.
  struct Prefix {
    uint64_t high = 0;
    uint64_t low = 0;
    friend bool operator==(const Prefix&, const Prefix&) = default;
  };
  struct Counter {
    PresenceSet set;
    Prefix prefix;
    friend bool operator==(const Counter&, const Counter&) = default;
  };

  static Prefix MixName(const CounterId& counter);
  static ShareDigest MixPair(const Prefix& prefix, PresenceHash hash);

  absl::flat_hash_map<CounterId, Counter> counters_;
  ShareDigest digest_;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_SHARE_H_
