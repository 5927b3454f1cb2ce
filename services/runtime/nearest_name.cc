#include "services/runtime/nearest_name.h"

#include <algorithm>

namespace livecounter::runtime {

size_t EditDistance(absl::string_view a, absl::string_view b) {
  // Three rows of the table of prefixes: distance[j] is from a's prefix to b's first j.
  std::vector<size_t> before_previous(b.size() + 1);
  std::vector<size_t> previous(b.size() + 1);
  std::vector<size_t> current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) current[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before_previous.swap(previous);
    previous.swap(current);
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_previous[j - 2] + 1);
      }
    }
  }
  return current[b.size()];
}

std::string NearestName(absl::string_view typed, const std::vector<std::string>& names) {
  size_t nearest = std::max<size_t>(2, typed.size() / 3) + 1;
  std::string name_of_nearest;
  for (const std::string& name : names) {
    const size_t distance = EditDistance(typed, name);
    if (distance < nearest && distance < name.size()) {
      nearest = distance;
      name_of_nearest = name;
    }
  }
  return name_of_nearest;
}

}  // namespace livecounter::runtime
