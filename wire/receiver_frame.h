// EdgeService's frames from counterd to gateway, between protobuf and core. Pure; any thread.

#ifndef LIVECOUNTER_WIRE_RECEIVER_FRAME_H_
#define LIVECOUNTER_WIRE_RECEIVER_FRAME_H_

#include "absl/status/statusor.h"
#include "core/session.h"
#include "livecounter/v1/edge_service.pb.h"

namespace livecounter::wire {

// As DecodeHolderFrame() (wire/holder_frame.h): a welcome stands alone in its frame, its lease is
// at least two keep-alives, values are not negative, refusals carry a code of google.rpc.Code but
// OK.
absl::StatusOr<ReceiverFrame> DecodeReceiverFrame(const v1::AttachResponse& message);

// Precondition: `frame` is one that decodes. `message` is empty. Of a refusal the code and the
// message travel, and of the message the first kilobyte.
void EncodeReceiverFrame(const ReceiverFrame& frame, v1::AttachResponse* message);

}  // namespace livecounter::wire

#endif  // LIVECOUNTER_WIRE_RECEIVER_FRAME_H_
