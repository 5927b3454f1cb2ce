// Messages between the encodings that the console speaks and the bytes that gRPC carries. Generic over
// descriptors of the generated pool. Pure; any thread; any bytes.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_MESSAGE_CODEC_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_MESSAGE_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace livecounter::gateway::console {

enum class Encoding { kJson, kProto };

// `body`, a message of `type`, as bytes for gRPC. InvalidArgument says where it is none. In JSON a field
// that `type` does not have is refused, not passed over: it may be a misspelt `validateOnly`.
absl::StatusOr<std::string> DecodeMessage(const google::protobuf::Descriptor& type,
                                          Encoding encoding, absl::string_view body);

// `bytes`, a message of `type` as gRPC brought it, as a body. JSON is the one of ProtoJSON, fields with
// default values printed too, int64 as a string. Internal where the bytes are no such message.
absl::StatusOr<std::string> EncodeMessage(const google::protobuf::Descriptor& type,
                                          Encoding encoding, const std::string& bytes);

// The same of a message.
absl::StatusOr<std::string> EncodeMessage(Encoding encoding,
                                          const google::protobuf::Message& message);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_MESSAGE_CODEC_H_
