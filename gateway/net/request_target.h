// The target of a request line (RFC 9112 §3.2) taken apart: a path and query parameters, decoded once.
// Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_NET_REQUEST_TARGET_H_
#define LIVECOUNTER_GATEWAY_NET_REQUEST_TARGET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

struct RequestTarget {
  std::string path;                // as Request::path
  bool has_escaped_slash = false;  // as Request::has_escaped_slash
  decltype(Request::query) query;  // as Request::query
};

// Accepts the origin form "/a?b", the absolute form "http://host/a?b", whose host is dropped, and "*".
// Bytes over 0x7f stand for themselves. INVALID_ARGUMENT for other forms, for spaces, control characters
// and "#", and where the path holds a "%" that does not start an escape, or an escaped NUL. Parameters whose
// names do are left out: nobody reads them.
absl::StatusOr<RequestTarget> ParseRequestTarget(absl::string_view target);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_REQUEST_TARGET_H_
