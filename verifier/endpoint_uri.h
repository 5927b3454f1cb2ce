// The URI of a customer's endpoint: what is taken as one, read by libcurl's own parser, so that what is
// checked is what is called.

#ifndef LIVECOUNTER_VERIFIER_ENDPOINT_URI_H_
#define LIVECOUNTER_VERIFIER_ENDPOINT_URI_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/runtime/ip_address.h"

namespace livecounter::verifier {

inline constexpr size_t kMaxEndpointUriBytes = 2048;

struct EndpointUri {
  std::string uri;   // normalised; what libcurl is to be given
  std::string host;  // a name in lower case, or an address without brackets
  int port = 0;
  // Where the host is an address, in whatever spelling.
  absl::optional<runtime::IpAddress> address;
};

// InvalidArgument says what is wrong and what is taken: http or https, a host, no user or password, no
// fragment, no zone, a port of 1 to 65535, printable ASCII, 2,048 bytes. Any thread.
absl::StatusOr<EndpointUri> ParseEndpointUri(absl::string_view text);

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_ENDPOINT_URI_H_
