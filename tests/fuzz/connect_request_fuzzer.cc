// What anybody may send to the console: a path, a content type, a Cookie and an Origin, a line each, and a
// body after them. What is taken for a call is a message that is read back as it was, in both encodings; and
// the same bytes as an answer are written or refused.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "gateway/console/connect_error.h"
#include "gateway/console/connect_request.h"
#include "gateway/console/credentials.h"
#include "gateway/console/message_codec.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/stubs/logging.h"

namespace livecounter::gateway::console {
namespace {

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

std::string TakeLine(absl::string_view& rest) {
  const size_t end = std::min(rest.find('\n'), rest.size());
  const std::string line(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

Request MakeRequest(absl::string_view bytes) {
  Request request;
  request.method = "POST";
  request.path = TakeLine(bytes);
  request.headers = {{"host", "console.example"}};
  for (const char* name : {"content-type", "cookie", "origin"}) {
    std::string value = TakeLine(bytes);
    if (!value.empty()) request.headers.emplace_back(name, std::move(value));
  }
  request.body = std::string(bytes);
  return request;
}

// Only the console's own page has a cookie become a credential, and no credential breaks its line.
void CheckAuthorization(const Request& request) {
  const absl::StatusOr<std::string> authorization = AuthorizationOf(request, /*own_tls=*/false);
  if (!authorization.ok() || authorization->empty()) return;
  const absl::string_view origin = request.header("origin").value_or("");
  Require(absl::EqualsIgnoreCase(origin, "http://console.example") ||
          absl::EqualsIgnoreCase(origin, "https://console.example"));
  for (const char c : *authorization) Require(c >= ' ' && c <= '~');
}

void CheckCall(const Request& request, const ConnectCall& call) {
  const absl::StatusOr<CallParameters> read = ReadCall(request, call);
  if (!read.ok()) {
    Require(!ErrorJson(read.status()).empty());
    return;
  }
  const google::protobuf::Descriptor& type = *call.method->input_type();
  const absl::StatusOr<std::string> json = EncodeMessage(type, Encoding::kJson, read->message);
  if (!json.ok()) return;  // such as a time out of its range, which the binary format can carry
  const absl::StatusOr<std::string> again = DecodeMessage(type, Encoding::kJson, *json);
  if (!again.ok()) return;  // such as what JSON nests too deeply
  const absl::StatusOr<std::string> json_again = EncodeMessage(type, Encoding::kJson, *again);
  Require(json_again.ok());
  // Protobuf writes a double's -0 and reads it as 0, which it then leaves out.
  const bool has_negative_zero =
      absl::StrContains(*json, ":-0,") || absl::StrContains(*json, ":-0}");
  Require(has_negative_zero || *json_again == *json);
}

}  // namespace
}  // namespace livecounter::gateway::console

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  google::protobuf::SetLogHandler(nullptr);  // it has a line to say for each string that is no text
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace console = livecounter::gateway::console;
  const livecounter::gateway::Request request =
      console::MakeRequest(absl::string_view(reinterpret_cast<const char*>(data), size));
  console::CheckAuthorization(request);
  const auto found = console::FindCall(request, console::ConsoleMethods());
  const auto* call = absl::get_if<console::ConnectCall>(&found);
  if (call == nullptr) return 0;
  console::CheckCall(request, *call);
  console::EncodeMessage(*call->method->output_type(), console::Encoding::kJson, request.body)
      .IgnoreError();
  return 0;
}
