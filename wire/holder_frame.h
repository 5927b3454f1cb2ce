// EdgeService's frames from gateway to counterd, between protobuf and core. Pure; any thread.

#ifndef LIVECOUNTER_WIRE_HOLDER_FRAME_H_
#define LIVECOUNTER_WIRE_HOLDER_FRAME_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "core/session.h"
#include "livecounter/v1/edge_service.pb.h"

namespace livecounter::wire {

// The bound of one frame, in either direction: hashes, watches, hits, changes, answers, and products'
// connections and usage, together.
// Senders keep frames shorter, so that they also fit gRPC's limit on messages, 4 MiB.
inline constexpr size_t kMaxFrameEntries = 4096;

// INVALID_ARGUMENT names the field, what it got and what it takes: ids and hashes of 16 bytes,
// counters in their form (wire/names.h), counts and numbers of at least 1, keys of 1 to 255 bytes,
// hours of usage that begin one, a hello alone in its frame, at most kMaxFrameEntries. Whether the frame
// fits where its stream stands is SessionTable's to say.
absl::StatusOr<HolderFrame> DecodeHolderFrame(const v1::AttachRequest& message);

// Precondition: `frame` is one that decodes. `message` is empty.
void EncodeHolderFrame(const HolderFrame& frame, v1::AttachRequest* message);

}  // namespace livecounter::wire

#endif  // LIVECOUNTER_WIRE_HOLDER_FRAME_H_
