// The WebSocket control frames that we send by ourselves (RFC 6455 §5.5). Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_LWS_FRAME_H_
#define LIVECOUNTER_GATEWAY_LWS_FRAME_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

// With one byte in it: libwebsockets tells us only of pongs that carry something.
inline constexpr absl::string_view kPingFrame = "\x89\x01.";

// A close frame; text beyond 123 bytes is cut, between two characters.
std::string EncodeClose(const CloseReason& reason);
// The answer to a client's close frame: its code again, or none where it had none.
std::string EncodeCloseEcho(absl::optional<uint16_t> code);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_LWS_FRAME_H_
