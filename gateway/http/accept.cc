#include "gateway/http/accept.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace livecounter::gateway {
namespace {

// The length of the list's first element: up to a comma that stands in no quoted string.
size_t FirstElementLength(absl::string_view list) {
  bool is_quoted = false;
  for (size_t i = 0; i < list.size(); ++i) {
    if (is_quoted && list[i] == '\\') {
      ++i;
    } else if (list[i] == '"') {
      is_quoted = !is_quoted;
    } else if (list[i] == ',' && !is_quoted) {
      return i;
    }
  }
  return list.size();
}

}  // namespace

bool AcceptHolds(absl::string_view accept, absl::string_view media_type) {
  while (!accept.empty()) {
    const size_t length = FirstElementLength(accept);
    const absl::string_view element = accept.substr(0, length);
    const absl::string_view range = element.substr(0, element.find(';'));
    if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(range), media_type)) return true;
    accept.remove_prefix(length < accept.size() ? length + 1 : length);
  }
  return false;
}

}  // namespace livecounter::gateway
