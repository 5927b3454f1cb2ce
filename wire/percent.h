// Percent-encoding of one path segment (RFC 3986 §2.1). Pure; any thread.

#ifndef LIVECOUNTER_WIRE_PERCENT_H_
#define LIVECOUNTER_WIRE_PERCENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::wire {

// Every byte but the unreserved ones (letters, digits, `-`, `.`, `_`, `~`) becomes %XX, upper case:
// equal bytes have one encoding.
std::string PercentEncode(absl::string_view bytes);

// What PercentEncode() was given; hexadecimal digits may be of either case, and bytes that need not
// be encoded may be or not. INVALID_ARGUMENT for a % without two hexadecimal digits after it. `+`
// is a plus sign.
absl::StatusOr<std::string> PercentDecode(absl::string_view text);

}  // namespace livecounter::wire

#endif  // LIVECOUNTER_WIRE_PERCENT_H_
