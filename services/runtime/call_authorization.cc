#include "services/runtime/call_authorization.h"

#include "absl/strings/string_view.h"

namespace livecounter::runtime {

absl::Status CheckBearer(const grpc::CallbackServerContext& context,
                         const TokenVerifier& verifier) {
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  if (first == last) return CheckAuthorization("", verifier);
  if (std::next(first) != last) {
    return absl::UnauthenticatedError(
        "send the header \"authorization: Bearer <token>\" once; it came more often");
  }
  return CheckAuthorization(absl::string_view(first->second.data(), first->second.size()),
                            verifier);
}

}  // namespace livecounter::runtime
