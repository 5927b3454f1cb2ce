// Whether a gRPC server answers where a flag says: for --check_config, of what a program can do without.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_TARGET_CHECK_H_
#define LIVECOUNTER_SERVICES_RUNTIME_TARGET_CHECK_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "observability/logging.h"

namespace grpc {
class Channel;
}

namespace livecounter::runtime {

// Logs a warning unless `channel`, which leads to `target` of `flag`, is connected within `patience`. No error,
// since the program would serve: a worker that is away must not keep the rest from starting.
void WarnIfNotReached(absl::string_view flag, absl::string_view target, grpc::Channel& channel,
                      absl::Duration patience, const observability::Logger& logger);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_TARGET_CHECK_H_
