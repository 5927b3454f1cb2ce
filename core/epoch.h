// Which epoch the next life of a store has (design §3).

#ifndef LIVECOUNTER_CORE_EPOCH_H_
#define LIVECOUNTER_CORE_EPOCH_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/ids.h"

namespace livecounter {

// The Unix time in milliseconds, where that is above `stored`, the epoch of the life before (0: none).
// With a clock that went back it is above `stored` by a step that is drawn from `random`: the lives
// that a restored copy does not know of may have gone on from the same `stored`, and must not have
// the same epoch. Those that went further are told by the holders' hellos.
uint64_t NextEpoch(uint64_t stored, absl::Time now, uint64_t random);

// What a life that a holder tells of a higher epoch, `told` (< 2⁶³), is to be raised above: `told`, and a
// step that is the holder's and the stream's own. A life that a restored copy does not know of may have
// been told the same by another one, and must not have got the same epoch.
uint64_t EpochToSurpass(uint64_t told, HolderId holder, uint64_t stream);

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_EPOCH_H_
