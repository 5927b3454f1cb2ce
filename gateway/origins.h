// Which web origins may use a product (contract §2, §3). Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_ORIGINS_H_
#define LIVECOUNTER_GATEWAY_ORIGINS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace livecounter::gateway {

// Whether `allowed` has the entry "*".
bool AnyOriginIsAllowed(const std::vector<std::string>& allowed);

// Whether `origin`, the value of an Origin header (RFC 6454 §7), is one of `allowed`. An entry is "*"
// for any origin at all, or an origin: same scheme, host and port, with a scheme's default port the
// same as none. "*." at the start of an entry's host stands for exactly one label. Schemes and hosts
// are compared without regard to case, hosts as the browser sends them: international names in their
// ASCII form, "example.com." not the same as "example.com". "null", and whatever is not an origin,
// matches "*" only; entries that are not origins match nothing.
bool OriginIsAllowed(const std::vector<std::string>& allowed, absl::string_view origin);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_ORIGINS_H_
