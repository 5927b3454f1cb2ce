// The names of things: 128-bit identities, counters, and the version of a value.
//
// Plain values: copyable, comparable, hashable, without threads, errors or I/O.

#ifndef LIVECOUNTER_CORE_IDS_H_
#define LIVECOUNTER_CORE_IDS_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace livecounter {

namespace internal {
std::string WordsToBytes(uint64_t high, uint64_t low);
bool BytesToWords(absl::string_view bytes, uint64_t* high, uint64_t* low);
std::string WordsToHex(uint64_t high, uint64_t low);
}  // namespace internal

// 128 bits that name one thing. `Tag` keeps a holder from being passed where a sender is meant.
// On the wire and on disk: 16 bytes, big-endian, `high` first.
template <typename Tag>
struct Id128 {
  uint64_t high = 0;
  uint64_t low = 0;

  friend auto operator<=>(const Id128&, const Id128&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Id128& id) {
    return H::combine(std::move(h), id.high, id.low);
  }

  std::string ToBytes() const { return internal::WordsToBytes(high, low); }
  // Nothing unless `bytes` is exactly 16 long.
  static absl::optional<Id128> FromBytes(absl::string_view bytes) {
    Id128 id;
    if (!internal::BytesToWords(bytes, &id.high, &id.low)) return absl::nullopt;
    return id;
  }
  // 32 lower-case hexadecimal digits, for logs. Never log a PresenceHash.
  std::string ToHex() const { return internal::WordsToHex(high, low); }
};

// The keyed hash of a presence ID (design §6): all that anything behind the gateway ever sees.
using PresenceHash = Id128<struct PresenceHashTag>;
// One process incarnation that holds presence at the next level (design §1): random at each start.
using HolderId = Id128<struct HolderIdTag>;
// One numbering of hit batches (design §2): random, and drawn anew whenever a numbering ends.
using SenderId = Id128<struct SenderIdTag>;

// One counter of one product. `product` is the resource name `accounts/{a}/products/{p}`; `id` is
// the customer's own name for it, decoded: 1–64 bytes for hits, 1–2,048 for presence (contract
// §2, §3).
struct CounterId {
  std::string product;
  std::string id;

  friend auto operator<=>(const CounterId&, const CounterId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const CounterId& counter) {
    return H::combine(std::move(h), counter.product, counter.id);
  }
};

// When a value was current: compared lexicographically, so that whoever holds a higher one drops a
// lower one (design §3). An epoch is one life of the store; a revision counts the changes of one
// counter within it.
struct Version {
  uint64_t epoch = 0;
  uint64_t revision = 0;

  friend auto operator<=>(const Version&, const Version&) = default;

  // `<epoch>-<revision>`, the id of a server-sent event (contract §2).
  std::string ToString() const;
  // Nothing unless `text` is exactly what ToString() writes.
  static absl::optional<Version> Parse(absl::string_view text);
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_IDS_H_
