// Types of flags that several programs share. Each parses and prints itself for absl::Flag; the
// parser's error text says what the flag takes, and flags.h puts the flag's name before it.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_FLAG_TYPES_H_
#define LIVECOUNTER_SERVICES_RUNTIME_FLAG_TYPES_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace livecounter::runtime {

// Where to listen: "host:port" or "[v6]:port", port 0 for any free one; empty for not at all.
struct ListenAddress {
  std::string host = {};  // without brackets; empty means "do not listen"
  int port = 0;           // 0–65535

  bool enabled() const { return !host.empty(); }
  // "host:port", "[v6]:port", or "" when not enabled.
  std::string ToString() const;
};

inline constexpr absl::string_view kListenAddressTakes =
    "host:port or [IPv6]:port, with port 0 for any free one, or nothing for no listener";

// InvalidArgument says which part is wrong. Host names are not resolved here.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

bool AbslParseFlag(absl::string_view text, ListenAddress* address, std::string* error);
std::string AbslUnparseFlag(const ListenAddress& address);

// For the AbslParseFlag of an enum: picks the value whose name is `text`, or leaves `*value` alone
// and puts "one of a, b" into `*error`.
template <typename Enum>
bool ParseChoice(absl::string_view text,
                 absl::Span<const std::pair<absl::string_view, Enum>> choices, Enum* value,
                 std::string* error) {
  for (const auto& [name, choice] : choices) {
    if (name == text) {
      *value = choice;
      return true;
    }
  }
  *error =
      absl::StrCat("one of ", absl::StrJoin(choices, ", ", [](std::string* out, const auto& c) {
                     absl::StrAppend(out, c.first);
                   }));
  return false;
}

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_FLAG_TYPES_H_
