#include "gateway/console/connect_request.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "gateway/console/envelope.h"
#include "google/protobuf/descriptor.h"

namespace livecounter::gateway::console {
namespace {

constexpr absl::string_view kUnaryPrefix = "application/";
constexpr absl::string_view kStreamPrefix = "application/connect+";
constexpr size_t kMaxTimeoutDigits = 10;

absl::string_view PrefixOf(bool is_stream) { return is_stream ? kStreamPrefix : kUnaryPrefix; }

// "application/json; charset=utf-8" is "application/json". Nothing for another charset.
absl::optional<std::string> MediaTypeOf(absl::string_view content_type) {
  const std::vector<absl::string_view> parts = absl::StrSplit(content_type, ';');
  for (size_t i = 1; i < parts.size(); ++i) {
    absl::string_view parameter = absl::StripAsciiWhitespace(parts[i]);
    const bool is_charset = absl::StartsWithIgnoreCase(parameter, "charset=");
    if (!is_charset) continue;
    parameter.remove_prefix(parameter.find('=') + 1);
    absl::ConsumePrefix(&parameter, "\"");
    absl::ConsumeSuffix(&parameter, "\"");
    if (!absl::EqualsIgnoreCase(parameter, "utf-8")) return absl::nullopt;
  }
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[0]));
}

absl::optional<Encoding> EncodingOf(absl::string_view content_type, bool is_stream) {
  const absl::optional<std::string> media_type = MediaTypeOf(content_type);
  if (media_type == absl::StrCat(PrefixOf(is_stream), "json")) return Encoding::kJson;
  if (media_type == absl::StrCat(PrefixOf(is_stream), "proto")) return Encoding::kProto;
  return absl::nullopt;
}

ConnectRefusal WrongContentType(const google::protobuf::MethodDescriptor& method) {
  const absl::string_view prefix = PrefixOf(method.server_streaming());
  const std::string accepted = absl::StrCat(prefix, "json, ", prefix, "proto");
  return {415,
          absl::InvalidArgumentError(
              absl::StrCat("the content-type of ", method.name(), " is one of ", accepted)),
          {{"accept-post", accepted}}};
}

absl::Status CheckVersion(const Request& request) {
  if (request.header("connect-protocol-version").value_or("1") == "1") return absl::OkStatus();
  return absl::InvalidArgumentError("Connect-Protocol-Version is 1 here, or not there");
}

absl::Status CheckIdentity(const Request& request, const ConnectCall& call) {
  const absl::string_view name = call.is_stream ? "connect-content-encoding" : "content-encoding";
  if (request.header(name).value_or("identity") == "identity") return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat(name, ": bodies are read as they are here; send identity"));
}

absl::StatusOr<absl::Duration> TimeoutOf(const Request& request) {
  const absl::optional<absl::string_view> text = request.header("connect-timeout-ms");
  if (!text.has_value()) return absl::InfiniteDuration();
  int64_t milliseconds = 0;
  if (text->size() <= kMaxTimeoutDigits &&
      std::all_of(text->begin(), text->end(), absl::ascii_isdigit) &&
      absl::SimpleAtoi(*text, &milliseconds)) {
    return absl::Milliseconds(milliseconds);
  }
  return absl::InvalidArgumentError("Connect-Timeout-Ms is a number of at most ten digits");
}

}  // namespace

std::string ContentTypeOf(const ConnectCall& call) {
  return absl::StrCat(PrefixOf(call.is_stream),
                      call.encoding == Encoding::kJson ? "json" : "proto");
}

absl::variant<ConnectCall, ConnectRefusal> FindCall(const Request& request,
                                                    const MethodTable& methods) {
  absl::string_view path = request.path;
  absl::ConsumePrefix(&path, kApiPrefix);
  const google::protobuf::MethodDescriptor* method = methods.Find(path);
  if (method == nullptr) {
    return ConnectRefusal{
        404, absl::UnimplementedError(
                 "there is no such method; methods are /api/livecounter.v1.Service/Method of "
                 "CounterService and AdminService")};
  }
  if (request.method != "POST") {
    return ConnectRefusal{
        405, absl::UnimplementedError("methods are called with POST"), {{"allow", "POST"}}};
  }
  ConnectCall call = {.method = method, .is_stream = method->server_streaming()};
  const absl::optional<Encoding> encoding =
      EncodingOf(request.header("content-type").value_or(""), call.is_stream);
  if (!encoding.has_value()) return WrongContentType(*method);
  call.encoding = *encoding;
  return call;
}

absl::StatusOr<CallParameters> ReadCall(const Request& request, const ConnectCall& call) {
  if (absl::Status status = CheckVersion(request); !status.ok()) return status;
  if (absl::Status status = CheckIdentity(request, call); !status.ok()) return status;
  const absl::StatusOr<absl::Duration> timeout = TimeoutOf(request);
  if (!timeout.ok()) return timeout.status();
  absl::StatusOr<absl::string_view> body = absl::string_view(request.body);
  if (call.is_stream) body = DecodeOnlyEnvelope(request.body);
  if (!body.ok()) return body.status();
  absl::StatusOr<std::string> message =
      DecodeMessage(*call.method->input_type(), call.encoding, *body);
  if (!message.ok()) return message.status();
  return CallParameters{*std::move(message), *timeout};
}

}  // namespace livecounter::gateway::console
