#include "services/runtime/grpc_status.h"

#include <string>

#include "absl/strings/string_view.h"

namespace livecounter::runtime {
namespace {

// Both enums take their numbers from the same list, google/rpc/code.proto; the test holds each
// pair.
constexpr int kLastCode = 16;

bool IsCanonical(int code) { return code >= 0 && code <= kLastCode; }

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(status.message()));
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const int code = status.error_code();
  return absl::Status(
      IsCanonical(code) ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown,
      status.error_message());
}

}  // namespace livecounter::runtime
