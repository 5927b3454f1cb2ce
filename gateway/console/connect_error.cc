#include "gateway/console/connect_error.h"

#include <map>
#include <memory>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/console/message_codec.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/rpc/error_details.pb.h"
#include "nlohmann/json.hpp"
#include "services/runtime/grpc_status.h"

namespace livecounter::gateway::console {
namespace {

using Json = nlohmann::ordered_json;

struct CodeRow {
  absl::StatusCode code;
  absl::string_view name;
  int http_status;
};

constexpr CodeRow kCodes[] = {
    {absl::StatusCode::kCancelled, "canceled", 499},
    {absl::StatusCode::kUnknown, "unknown", 500},
    {absl::StatusCode::kInvalidArgument, "invalid_argument", 400},
    {absl::StatusCode::kDeadlineExceeded, "deadline_exceeded", 504},
    {absl::StatusCode::kNotFound, "not_found", 404},
    {absl::StatusCode::kAlreadyExists, "already_exists", 409},
    {absl::StatusCode::kPermissionDenied, "permission_denied", 403},
    {absl::StatusCode::kResourceExhausted, "resource_exhausted", 429},
    {absl::StatusCode::kFailedPrecondition, "failed_precondition", 400},
    {absl::StatusCode::kAborted, "aborted", 409},
    {absl::StatusCode::kOutOfRange, "out_of_range", 400},
    {absl::StatusCode::kUnimplemented, "unimplemented", 501},
    {absl::StatusCode::kInternal, "internal", 500},
    {absl::StatusCode::kUnavailable, "unavailable", 503},
    {absl::StatusCode::kDataLoss, "data_loss", 500},
    {absl::StatusCode::kUnauthenticated, "unauthenticated", 401},
};
constexpr CodeRow kUnknownCode = kCodes[1];

constexpr char kErrorInfo[] = "google.rpc.ErrorInfo";

const CodeRow& RowOf(absl::StatusCode code) {
  for (const CodeRow& row : kCodes) {
    if (row.code == code) return row;
  }
  return kUnknownCode;
}

// Nothing where the type is not known, or the bytes are none of it.
Json Readable(const std::string& type, const std::string& value) {
  const google::protobuf::Descriptor* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
  if (descriptor == nullptr) return nullptr;
  const absl::StatusOr<std::string> json = EncodeMessage(*descriptor, Encoding::kJson, value);
  if (!json.ok()) return nullptr;
  return Json::parse(*json, /*cb=*/nullptr, /*allow_exceptions=*/false);
}

Json DetailJson(const std::string& type, const std::string& value) {
  std::string base64 = absl::Base64Escape(value);
  while (!base64.empty() && base64.back() == '=') base64.pop_back();
  Json detail = {{"type", type}, {"value", std::move(base64)}};
  Json readable = Readable(type, value);
  if (!readable.is_null()) detail["debug"] = std::move(readable);
  return detail;
}

// Without a reason of its own.
std::string PlainErrorInfo(const absl::Status& error) {
  google::rpc::ErrorInfo info;
  info.set_reason(runtime::ReasonOf(absl::Status(error.code(), "")));
  info.set_domain("livecounter");
  return info.SerializeAsString();
}

Json ToJson(const absl::Status& error) {
  Json json = {{"code", std::string(ConnectCodeName(error.code()))}};
  if (!error.message().empty()) json["message"] = std::string(error.message());
  std::map<std::string, std::string> payloads;
  error.ForEachPayload([&](absl::string_view type_url, const absl::Cord& value) {
    payloads.emplace(type_url.substr(type_url.rfind('/') + 1), std::string(value));
  });
  payloads.emplace(kErrorInfo, PlainErrorInfo(error));
  for (const auto& [type, value] : payloads) json["details"].push_back(DetailJson(type, value));
  return json;
}

// Bytes that are no UTF-8 are replaced: a message may hold what a client sent.
std::string Dump(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace

absl::string_view ConnectCodeName(absl::StatusCode code) { return RowOf(code).name; }

int HttpStatusOf(absl::StatusCode code) { return RowOf(code).http_status; }

std::string ErrorJson(const absl::Status& error) { return Dump(ToJson(error)); }

std::string EndOfStreamJson(const absl::Status& status) {
  return status.ok() ? "{}" : Dump({{"error", ToJson(status)}});
}

}  // namespace livecounter::gateway::console
