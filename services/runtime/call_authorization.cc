#include "services/runtime/call_authorization.h"

#include "absl/strings/string_view.h"

namespace livecounter::runtime {

namespace {

// What the call carries; "" for nothing.
absl::StatusOr<absl::string_view> HeaderOf(const grpc::CallbackServerContext& context) {
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  if (first == last) return "";
  if (std::next(first) != last) {
    return absl::UnauthenticatedError(
        "send the header \"authorization: Bearer <token>\" once; it came more often");
  }
  return absl::string_view(first->second.data(), first->second.size());
}

}  // namespace

absl::Status CheckBearer(const grpc::CallbackServerContext& context,
                         const TokenVerifier& verifier) {
  const absl::StatusOr<absl::string_view> header = HeaderOf(context);
  return header.ok() ? CheckAuthorization(*header, verifier) : header.status();
}

absl::StatusOr<Principal> Authenticate(const grpc::CallbackServerContext& context,
                                       const PrincipalResolver& callers) {
  const absl::StatusOr<absl::string_view> header = HeaderOf(context);
  if (!header.ok()) return header.status();
  const absl::StatusOr<absl::string_view> token = ParseAuthorization(*header);
  return token.ok() ? callers.Resolve(*token) : token.status();
}

}  // namespace livecounter::runtime
