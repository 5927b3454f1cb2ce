// What a WebSocket server writes beside messages: the answer to the handshake and control frames
// (RFC 6455 §4.2.2, §5.5); and the body of a client's close frame. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_NET_FRAME_H_
#define LIVECOUNTER_GATEWAY_NET_FRAME_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

// 101, for a client's Sec-WebSocket-Key.
std::string EncodeSwitchingProtocols(absl::string_view key);

inline constexpr absl::string_view kPingFrame("\x89\0", 2);
// At most 125 bytes of payload, the ping's.
std::string EncodePong(absl::string_view payload);

// A close frame; text beyond 123 bytes is cut, between two characters.
std::string EncodeClose(const CloseReason& reason);

// What a close frame without a code stands for (RFC 6455 §7.1.5).
inline constexpr uint16_t kNoCode = 1005;
// The code in the body of a client's close frame. Nothing for a body that is not one, and for codes that
// may not be sent (RFC 6455 §7.4).
absl::optional<uint16_t> ParseClose(absl::string_view body);
// The answer to a client's close frame: its code again, or none where it had none.
std::string EncodeCloseEcho(uint16_t code);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_FRAME_H_
