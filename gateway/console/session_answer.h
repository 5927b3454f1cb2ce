// The sign-in of browsers: the one thing that the console knows of particular methods. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_SESSION_ANSWER_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_SESSION_ANSWER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gateway/transport.h"

namespace google::protobuf {
class MethodDescriptor;
}  // namespace google::protobuf

namespace livecounter::gateway::console {

// Whether the method begins a session by something that can be guessed: SignIn, SignUp.
bool BeginsSession(const google::protobuf::MethodDescriptor& method);

// Set-Cookie for the answer to a browser's call, or nothing. Where the call began a session, its cookie, and
// the token is taken out of `message`, the serialised answer. Where GetSession was called with a token of the
// browser's own (Authorization) and it is good, the cookie with that: so an operator signs in. Where SignOut
// ended the session, or it was over already, or there is none that could end (the operator's), the cookie's
// removal. `own_tls` as IsSecure() has it.
absl::optional<std::string> TakeSession(const google::protobuf::MethodDescriptor& method,
                                        const Request& request, const absl::Status& status,
                                        absl::Time now, bool own_tls, std::string& message);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_SESSION_ANSWER_H_
