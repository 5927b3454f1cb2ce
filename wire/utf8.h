// Whether bytes are text. Pure; any thread.

#ifndef LIVECOUNTER_WIRE_UTF8_H_
#define LIVECOUNTER_WIRE_UTF8_H_

#include "absl/strings/string_view.h"

namespace livecounter::wire {

// Whether `bytes` is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above
// U+10FFFF, nothing cut off. The empty string is.
bool IsUtf8(absl::string_view bytes);

}  // namespace livecounter::wire

#endif  // LIVECOUNTER_WIRE_UTF8_H_
