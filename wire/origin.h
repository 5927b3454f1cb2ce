// A web origin (RFC 6454), as browsers send it and as a product allows it. Pure; any thread.

#ifndef LIVECOUNTER_WIRE_ORIGIN_H_
#define LIVECOUNTER_WIRE_ORIGIN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace livecounter::wire {

// An entry of a product's origins that allows any origin at all.
inline constexpr absl::string_view kAnyOrigin = "*";
// At the begin of an entry's host: exactly one label.
inline constexpr absl::string_view kAnyLabel = "*.";

// In lower case; an international name in its ASCII form.
struct Origin {
  std::string scheme;
  std::string host;
  int port = 0;  // the scheme's default where none was named; 0 where it has none
};

// `scheme://host` or `scheme://host:port` and nothing more; nothing for anything else, "null" too.
absl::optional<Origin> ParseOrigin(absl::string_view text);
// The same, and the host may begin with kAnyLabel.
absl::optional<Origin> ParseOriginEntry(absl::string_view text);

// Whether `entry` is kAnyOrigin or what ParseOriginEntry() takes, at most 300 bytes. INVALID_ARGUMENT
// says so.
absl::Status CheckOriginEntry(absl::string_view entry);

}  // namespace livecounter::wire

#endif  // LIVECOUNTER_WIRE_ORIGIN_H_
