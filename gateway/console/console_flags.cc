#include "gateway/console/console_flags.h"

#include <utility>

#include "absl/flags/flag.h"
#include "gateway/gateway_flags.h"
#include "gateway/limit_flags.h"

ABSL_FLAG(livecounter::runtime::ListenAddress, console_listen,
          (livecounter::runtime::ListenAddress{"127.0.0.1", 8081}),
          "Where the console is: the dashboard, and the services in JSON over HTTP.");

namespace livecounter::gateway::console {

runtime::FlagSpec ConsoleListenFlag() { return runtime::OwnFlag(FLAGS_console_listen); }

absl::StatusOr<std::unique_ptr<Console>> StartConsoleFromFlags(
    std::shared_ptr<grpc::Channel> counterd, const observability::Logger& logger) {
  Console::Options options;
  options.listen = absl::GetFlag(FLAGS_console_listen);
  if (!options.listen.enabled()) return nullptr;
  options.tls = GatewayOptionsFromFlags().tls;
  options.trusted_proxies = ClientLimitsFromFlags().trusted_proxies;
  return Console::Start(options, std::move(counterd), logger);
}

}  // namespace livecounter::gateway::console
