// "Did you mean …?" for names that people type.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_NEAREST_NAME_H_
#define LIVECOUNTER_SERVICES_RUNTIME_NEAREST_NAME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace livecounter::runtime {

// Insertions, deletions and substitutions of one character, and swaps of neighbours, that lead from
// one to the other.
size_t EditDistance(absl::string_view a, absl::string_view b);

// The one of `names` that `typed` was most probably meant to be; "" if none is near.
std::string NearestName(absl::string_view typed, const std::vector<std::string>& names);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_NEAREST_NAME_H_
