#include "services/runtime/version.h"

namespace livecounter::runtime {

absl::string_view Version() { return LIVECOUNTER_VERSION; }

}  // namespace livecounter::runtime
