// Who is present: one counter's distinct presence hashes, each with the number of those below who
// hold it. The same structure stands at every level of the tree of holders (design §1): below it
// are connections, then event loops, then gateways. Only the edges 0→1 and 1→0 go further up.

#ifndef LIVECOUNTER_CORE_PRESENCE_SET_H_
#define LIVECOUNTER_CORE_PRESENCE_SET_H_

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "core/ids.h"

namespace livecounter {

// Not thread-safe. Move-only use is expected; copies are deep.
class PresenceSet {
 public:
  // One more holds `hash`. True on the edge 0→1.
  bool Add(PresenceHash hash);
  // One fewer holds `hash`. True on the edge 1→0. What nobody holds stays so: false,
  // nothing changes.
  bool Remove(PresenceHash hash);

  bool Contains(PresenceHash hash) const { return holds_.contains(hash); }
  // How many distinct hashes are held: the presence value.
  int64_t size() const { return static_cast<int64_t>(holds_.size()); }
  bool empty() const { return holds_.empty(); }

  // In no particular order; `visit(PresenceHash)`.
  template <typename Visitor>
  void ForEach(Visitor visit) const {
    for (const auto& [hash, holds] : holds_) visit(hash);
  }

  // The same hashes, each held as often.
  friend bool operator==(const PresenceSet& a, const PresenceSet& b) {
    return a.holds_ == b.holds_;
  }

  // Dies when a hash is kept that nobody holds.
  void CheckInvariants() const;

 private:
  absl::flat_hash_map<PresenceHash, uint64_t> holds_;  // 64 bits: beside 16 bytes, 32 save nothing
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_PRESENCE_SET_H_
