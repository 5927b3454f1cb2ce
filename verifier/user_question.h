// What is asked of a customer's endpoint, and the calls that ask it.

#ifndef LIVECOUNTER_VERIFIER_USER_QUESTION_H_
#define LIVECOUNTER_VERIFIER_USER_QUESTION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "observability/trace_context.h"
#include "services/runtime/random.h"
#include "verifier/customer_endpoint.h"

namespace livecounter::verifier {

// A customer's endpoint, and what its answers are held to.
struct EndpointSettings {
  std::string uri;
  std::vector<std::string> api_keys;  // a good answer's body is one of them
  std::string signing_secret;         // "whsec_…"
};

// Whether a user may count. The presence ID may be a session cookie: never in a log, a metric or an error.
struct UserQuestion {
  std::string product;
  std::string presence_id;
  EndpointSettings endpoint;
  absl::optional<observability::TraceContext> trace = {};  // of who asks
};

// InvalidArgument says which field is wrong, and what it takes.
absl::Status CheckSettings(const EndpointSettings& endpoint);
absl::Status CheckQuestion(const UserQuestion& question);

// The call that asks about one user: `{"pId":"…"}`, signed (contract §4), with the header traceparent where
// there is a trace. Precondition: CheckSettings().
EndpointCall MakeCall(const EndpointSettings& endpoint, absl::string_view presence_id,
                      const absl::optional<observability::TraceContext>& trace, absl::Time now,
                      runtime::Random& random);

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_USER_QUESTION_H_
