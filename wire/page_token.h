// Tokens of the pages of a list (AIP-158): where the next page begins, so that the server remembers nothing.
// Pure; any thread.

#ifndef LIVECOUNTER_WIRE_PAGE_TOKEN_H_
#define LIVECOUNTER_WIRE_PAGE_TOKEN_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace livecounter::wire {

// `list` says which list it is, and `last` where its page ended.
std::string MakePageToken(absl::string_view list, absl::string_view last);

// The `last` of a token that was made for `list`; nothing for one that was cut, changed, or made for another.
// That is to find mistakes: who means to can make one, so it must open nothing that `list` does not.
absl::optional<std::string> ReadPageToken(absl::string_view list, absl::string_view token);

}  // namespace livecounter::wire

#endif  // LIVECOUNTER_WIRE_PAGE_TOKEN_H_
