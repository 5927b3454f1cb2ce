#include "gateway/console/message_codec.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"

namespace livecounter::gateway::console {
namespace {

std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type) {
  return std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

absl::StatusOr<std::string> DecodeJson(const google::protobuf::Descriptor& type,
                                       absl::string_view body) {
  const std::unique_ptr<google::protobuf::Message> message = NewMessage(type);
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(body.data(), body.size()), message.get());
  if (status.ok()) return message->SerializeAsString();
  return absl::InvalidArgumentError(
      absl::StrCat("the body is not a ", type.full_name(), " in JSON, {} at the least: ",
                   absl::string_view(status.message().data(), status.message().size())));
}

}  // namespace

absl::StatusOr<std::string> DecodeMessage(const google::protobuf::Descriptor& type,
                                          Encoding encoding, absl::string_view body) {
  if (encoding == Encoding::kJson) return DecodeJson(type, body);
  std::string bytes(body);
  if (NewMessage(type)->ParseFromString(bytes)) return bytes;
  return absl::InvalidArgumentError(
      absl::StrCat("the body is not a serialised ", type.full_name()));
}

absl::StatusOr<std::string> EncodeMessage(const google::protobuf::Descriptor& type,
                                          Encoding encoding, const std::string& bytes) {
  if (encoding == Encoding::kProto) return bytes;
  const std::unique_ptr<google::protobuf::Message> message = NewMessage(type);
  if (message->ParseFromString(bytes)) return EncodeMessage(encoding, *message);
  return absl::InternalError(absl::StrCat("the answer is not a ", type.full_name()));
}

absl::StatusOr<std::string> EncodeMessage(Encoding encoding,
                                          const google::protobuf::Message& message) {
  if (encoding == Encoding::kProto) return message.SerializeAsString();
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  if (status.ok()) return json;
  return absl::InternalError(
      absl::StrCat("the answer, a ", message.GetTypeName(), ", cannot be written in JSON"));
}

}  // namespace livecounter::gateway::console
