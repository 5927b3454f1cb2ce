#include "cli/json.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"

namespace livecounter::cli {
namespace {

// Messages that came off the wire can always be printed: their strings are UTF-8, their times in range,
// or parsing would have failed.
std::string Print(const google::protobuf::Message& message, bool indented) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.add_whitespace = indented;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return absl::StrCat(absl::StripTrailingAsciiWhitespace(json), "\n");
}

}  // namespace

std::string JsonDocument(const google::protobuf::Message& message) { return Print(message, true); }

std::string JsonLine(const google::protobuf::Message& message) { return Print(message, false); }

}  // namespace livecounter::cli
