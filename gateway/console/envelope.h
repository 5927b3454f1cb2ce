// The frames of a stream in the Connect protocol: a byte of flags, the length in four bytes, the message.
// Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_ENVELOPE_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_ENVELOPE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::gateway::console {

// What the payload is.
enum class EnvelopeKind : unsigned char {
  kMessage = 0x00,
  kEndOfStream = 0x02,  // the last: how the call ended, in JSON
};

// `payload` is shorter than 4 GiB.
std::string EncodeEnvelope(EnvelopeKind kind, absl::string_view payload);

// The message in `body`, which is one whole envelope and nothing more: what the client of a method sends
// whose server streams. A view into `body`. InvalidArgument says what it is instead.
absl::StatusOr<absl::string_view> DecodeOnlyEnvelope(absl::string_view body);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_ENVELOPE_H_
