// Bearer tokens: `authorization: Bearer <token>` on every call but health and reflection (contract
// §5). Here is what needs no gRPC; call_authorization.h reads the header of a call.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_BEARER_TOKEN_H_
#define LIVECOUNTER_SERVICES_RUNTIME_BEARER_TOKEN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/runtime/random.h"

namespace livecounter::runtime {

// Knows a token without keeping it: holds a salted BLAKE2b hash (libsodium) and compares in
// constant time. That is enough for random tokens; passwords need a slow hash. Immutable, any
// thread.
class TokenVerifier {
 public:
  // `token` is not empty.
  TokenVerifier(absl::string_view token, Random& random);
  bool Matches(absl::string_view candidate) const;

 private:
  const std::string salt_;
  const std::string hash_;
};

// The token in `header`, the value of an authorization header; "" stands for none sent. Unauthenticated
// where there is none, with what is expected and never what was sent.
absl::StatusOr<absl::string_view> ParseAuthorization(absl::string_view header);

// What is said of a token that nobody has. Unauthenticated.
absl::Status UnknownToken();

// OK if `header`, the value of an authorization header, carries the token; "" stands for none sent.
// Else Unauthenticated, which says what is expected and never what was sent.
absl::Status CheckAuthorization(absl::string_view header, const TokenVerifier& verifier);

// The header's value for a token: "Bearer <token>".
std::string AuthorizationHeader(absl::string_view token);

// A new token: 256 random bits, base64url, 43 characters.
std::string MakeToken(Random& random);

// The token in a file, without newlines and blanks around it. Errors name the file: those of
// ReadSmallFile(), InvalidArgument if it is empty, over 4 KiB or not printable ASCII without
// blanks.
absl::StatusOr<std::string> LoadToken(const std::string& path);

// LoadToken(), or, where there is no such file, makes a token and writes it with mode 0600: whole
// or not at all, durable when it returns, and two processes that race get the same one. The folder
// must exist.
absl::StatusOr<std::string> LoadOrCreateToken(const std::string& path, Random& random);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_BEARER_TOKEN_H_
