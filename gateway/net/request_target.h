// The target of a request line (RFC 9112 §3.2) taken apart: a path and query parameters, decoded once.
// Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_NET_REQUEST_TARGET_H_
#define LIVECOUNTER_GATEWAY_NET_REQUEST_TARGET_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::gateway::net {

struct RequestTarget {
  std::string path;                                        // as Request::path
  bool has_escaped_slash = false;                          // as Request::has_escaped_slash
  std::vector<std::pair<std::string, std::string>> query;  // as Request::query
};

// The parameters that some resource reads (gateway/http/query.h, badge.h).
inline constexpr absl::string_view kReadParameters[] = {"color", "i",   "key",
                                                        "label", "pId", "urlId"};

// Accepts the origin form "/a?b", the absolute form "http://host/a?b", whose host is dropped, and "*".
// Bytes over 0x7f stand for themselves. INVALID_ARGUMENT for other forms, for spaces, control characters
// and "#", and where the path or a parameter of kReadParameters holds a "%" that does not start an escape, or
// an escaped NUL: such a parameter is named. Other parameters that do are left out, as they are ignored.
absl::StatusOr<RequestTarget> ParseRequestTarget(absl::string_view target);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_REQUEST_TARGET_H_
