#include "services/runtime/grpc_status.h"

#include "absl/strings/cord.h"
#include "absl/types/optional.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace livecounter::runtime {
namespace {

// Both enums take their numbers from the same list, google/rpc/code.proto; the test holds each
// pair.
constexpr int kLastCode = 16;
constexpr char kDomain[] = "livecounter";
// Where an absl::Status keeps its ErrorInfo, serialised.
constexpr char kErrorInfoType[] = "type.googleapis.com/google.rpc.ErrorInfo";

bool IsCanonical(int code) { return code >= 0 && code <= kLastCode; }

google::rpc::ErrorInfo ErrorInfoOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  const absl::optional<absl::Cord> payload = status.GetPayload(kErrorInfoType);
  if (payload && info.ParseFromString(std::string(*payload))) return info;
  info.set_reason(absl::StatusCodeToString(status.code()));
  info.set_domain(kDomain);
  return info;
}

std::string DetailsOf(const absl::Status& status) {
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(std::string(status.message()));
  details.add_details()->PackFrom(ErrorInfoOf(status));
  return details.SerializeAsString();
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()),
                      DetailsOf(status));
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const int code = status.error_code();
  absl::Status from(
      IsCanonical(code) ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown,
      status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return from;
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (!detail.UnpackTo(&info) || info.domain() != kDomain) continue;
    // What DetailsOf() would say anyway.
    if (info.reason() == absl::StatusCodeToString(from.code()) && info.metadata().empty()) continue;
    from.SetPayload(kErrorInfoType, absl::Cord(info.SerializeAsString()));
  }
  return from;
}

absl::Status WithReason(
    absl::Status status, absl::string_view reason,
    const std::vector<std::pair<absl::string_view, absl::string_view>>& metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(kDomain);
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[std::string(key)] = std::string(value);
  }
  status.SetPayload(kErrorInfoType, absl::Cord(info.SerializeAsString()));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  return status.ok() ? "" : ErrorInfoOf(status).reason();
}

}  // namespace livecounter::runtime
