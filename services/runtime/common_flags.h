// Flags that every program has, and the groups that they are listed in.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_COMMON_FLAGS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_COMMON_FLAGS_H_

#include "absl/flags/declare.h"
#include "observability/logging.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/flags.h"

ABSL_DECLARE_FLAG(livecounter::observability::LogFormat, log_format);
ABSL_DECLARE_FLAG(livecounter::observability::LogLevel, log_level);
ABSL_DECLARE_FLAG(livecounter::runtime::ListenAddress, metrics_listen);
ABSL_DECLARE_FLAG(bool, core_dumps);

namespace livecounter::runtime {

// --log_format, --log_level, --core_dumps.
FlagGroup LogFlags();

// --metrics_listen with the program's own default, for its group of listeners.
FlagSpec MetricsListenFlag(const ListenAddress& default_address);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_COMMON_FLAGS_H_
