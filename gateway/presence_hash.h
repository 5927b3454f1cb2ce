// The line that raw presence IDs never pass (design §6): a pId may be a customer's session cookie, so
// only this hash of it is kept, sent upstream or compared. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_PRESENCE_HASH_H_
#define LIVECOUNTER_GATEWAY_PRESENCE_HASH_H_

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/ids.h"

namespace livecounter::gateway {

using PresenceSecret = std::array<uint8_t, 32>;

// 128 bits of keyed BLAKE2b (libsodium) of `presence_id` under its product's secret. The same on every
// gateway that has the same secret; without it nothing can be told of the presence ID.
PresenceHash HashPresenceId(absl::string_view presence_id, const PresenceSecret& secret);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_PRESENCE_HASH_H_
