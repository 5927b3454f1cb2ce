// Who may call: the bearer token of a gRPC call (contract §5).
//
// gRPC 1.51 has no place before the method that can refuse a call: a server interceptor can only
// cancel it, and a metadata processor aborts the process on ports without TLS and is passed by on
// in-process channels. So every method of a service begins with
//   if (absl::Status denied = CheckBearer(*context, verifier_); !denied.ok()) { … finish with it …
//   }
// or, where it matters who calls, with Authenticate() and the checks of principal.h,
// and the service's test calls UnprotectedMethods() (grpc_test_support.h), which walks over all of
// its methods without a token and with a wrong one, so that none is forgotten.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_CALL_AUTHORIZATION_H_
#define LIVECOUNTER_SERVICES_RUNTIME_CALL_AUTHORIZATION_H_

#include <grpcpp/server_context.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/principal.h"

namespace livecounter::runtime {

// OK if the call carries the token. Unauthenticated otherwise, also when the header was sent twice;
// the message says what is expected and never what was sent.
absl::Status CheckBearer(const grpc::CallbackServerContext& context, const TokenVerifier& verifier);

// Who the call's token speaks for. Unauthenticated as CheckBearer().
absl::StatusOr<Principal> Authenticate(const grpc::CallbackServerContext& context,
                                       const PrincipalResolver& callers);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_CALL_AUTHORIZATION_H_
