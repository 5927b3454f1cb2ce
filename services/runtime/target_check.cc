#include "services/runtime/target_check.h"

#include <grpcpp/channel.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace livecounter::runtime {

void WarnIfNotReached(absl::string_view flag, absl::string_view target, grpc::Channel& channel,
                      absl::Duration patience, const observability::Logger& logger) {
  if (channel.WaitForConnected(absl::ToChronoTime(absl::Now() + patience))) return;
  logger.Warning("target_not_reached", {{"flag", absl::StrCat("--", flag)}, {"target", target}});
}

}  // namespace livecounter::runtime
