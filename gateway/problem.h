// Refusals that say what was wrong and what is accepted: application/problem+json (RFC 9457).

#ifndef LIVECOUNTER_GATEWAY_PROBLEM_H_
#define LIVECOUNTER_GATEWAY_PROBLEM_H_

#include "absl/strings/string_view.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// A response with `status` and a body of the members type (about:blank), title (of the status), status
// and detail: `detail`, full sentences in UTF-8 for the client's developer. Not to be cached. Pure.
Response Problem(int status, absl::string_view detail);

// 405 for `method`; `allow` is the list of methods that the resource has.
Response MethodNotAllowed(absl::string_view method, absl::string_view allow);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_PROBLEM_H_
