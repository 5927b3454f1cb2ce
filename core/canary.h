// The canary: a counter that counterd moves each second and that every gateway watches, like any other, so
// that each knows how old the numbers are that it gives to clients (contract §7).
//
// It is no customer's: no account can be called "-", so nothing leads to it but the stream between gateway
// and counterd. It has neither hits nor presence that count, and nothing of it is stored.

#ifndef LIVECOUNTER_CORE_CANARY_H_
#define LIVECOUNTER_CORE_CANARY_H_

#include "absl/time/time.h"
#include "core/change.h"
#include "core/ids.h"

namespace livecounter {

// How often it moves.
inline constexpr absl::Duration kCanaryInterval = absl::Seconds(1);

inline CounterId CanaryId() { return {"accounts/-/products/-", "canary"}; }

// Its value from `now` on, in the life `epoch` of the store: later ones have higher revisions, also from
// another process whose clock is right.
inline Change CanaryChange(uint64_t epoch, absl::Time now) {
  const uint64_t milliseconds = static_cast<uint64_t>(absl::ToUnixMillis(now));
  return {.counter = CanaryId(),
          .version = {epoch, milliseconds},
          .hits = static_cast<int64_t>(milliseconds),
          .present = 0,
          .accepted_at = now};
}

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_CANARY_H_
