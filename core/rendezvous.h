// Which of several equal workers has something: all who know the same workers choose the same one, and
// when one comes or goes, only what it has moves (rendezvous hashing, highest random weight).

#ifndef LIVECOUNTER_CORE_RENDEZVOUS_H_
#define LIVECOUNTER_CORE_RENDEZVOUS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace livecounter {

// The indices of `workers`, best for `key` first. The same on every machine and in every build; the order
// of `workers` makes no difference but between equal names. Pure.
std::vector<size_t> RankWorkers(absl::Span<const absl::string_view> workers, absl::string_view key);

// 64 bits of `text`, well mixed, the same on every machine and in every build: for choices that processes
// are to agree on. Not for secrets, nor against those who choose `text` to collide.
uint64_t StableHash(absl::string_view text, uint64_t seed = 0);

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_RENDEZVOUS_H_
