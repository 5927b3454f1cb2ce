// Entity tags (RFC 9110 §8.8.3) of what is served from memory. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_HTTP_ETAG_H_
#define LIVECOUNTER_GATEWAY_HTTP_ETAG_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// A strong one, quoted: the same for the same bytes, in every process.
std::string EtagOf(absl::string_view content);

// Whether the client has what `etag` is of: If-None-Match names it, or anything.
bool HasIt(const Request& request, absl::string_view etag);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_HTTP_ETAG_H_
