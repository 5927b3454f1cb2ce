// What --version and livecounter_build_info say: the project's version in CMakeLists.txt.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_VERSION_H_
#define LIVECOUNTER_SERVICES_RUNTIME_VERSION_H_

#include "absl/strings/string_view.h"

namespace livecounter::runtime {

absl::string_view Version();

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_VERSION_H_
