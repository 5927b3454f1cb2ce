// Reading an Accept header (RFC 9110 §12.5.1), as far as the contract does: §2 asks what it *holds*.

#ifndef LIVECOUNTER_GATEWAY_HTTP_ACCEPT_H_
#define LIVECOUNTER_GATEWAY_HTTP_ACCEPT_H_

#include "absl/strings/string_view.h"

namespace livecounter::gateway {

// Whether the list `accept` names `media_type` (lower case, "text/event-stream") itself: parameters and
// weights do not matter, and ranges such as "*/*" do not name it. Any bytes; pure; any thread.
bool AcceptHolds(absl::string_view accept, absl::string_view media_type);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_ACCEPT_H_
