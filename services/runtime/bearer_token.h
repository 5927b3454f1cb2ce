// Bearer tokens for callback services: `authorization: Bearer <token>` on every call but health and
// reflection (contract §5).
//
// gRPC 1.51 has no place before the method that can refuse a call (see grpc_server.h), so every
// method starts with
//   if (absl::Status denied = CheckBearer(*context, verifier_); !denied.ok()) return
//   Finish(denied);
// and ExpectBearerRequired() in the service's test walks over all methods to see that none forgot.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_BEARER_TOKEN_H_
#define LIVECOUNTER_SERVICES_RUNTIME_BEARER_TOKEN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/runtime/random.h"

namespace grpc {
class CallbackServerContext;
}

namespace livecounter::runtime {

// Knows a token without keeping it: holds a salted BLAKE2b hash (libsodium) and compares in
// constant time. That is enough for random tokens; passwords need a slow hash. Immutable, any
// thread.
class TokenVerifier {
 public:
  explicit TokenVerifier(absl::string_view token);
  bool Matches(absl::string_view candidate) const;

 private:
  std::string Hash(absl::string_view token) const;

  std::string salt_;
  std::string hash_;
};

// OK if the call carries the token. Unauthenticated otherwise; the message says what is expected
// and never what was sent.
absl::Status CheckBearer(const grpc::CallbackServerContext& context, const TokenVerifier& verifier);

// The same for the value of an authorization header, nullopt-like when absent: "" is "not sent".
absl::Status CheckAuthorization(absl::string_view header, const TokenVerifier& verifier);

// A new token: 256 random bits, base64url, 43 characters.
std::string MakeToken(Random& random);

// The token in a file, without the newline and blanks around it. Errors name the file: NotFound,
// PermissionDenied, InvalidArgument if it is empty, over 4 KiB or not printable ASCII.
absl::StatusOr<std::string> LoadToken(const std::string& path);

// LoadToken(), or, where there is no such file, makes a token and writes it with mode 0600: whole
// or not at all, durable when it returns, and two processes that race get the same one. The folder
// must exist.
absl::StatusOr<std::string> LoadOrCreateToken(const std::string& path, Random& random);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_BEARER_TOKEN_H_
