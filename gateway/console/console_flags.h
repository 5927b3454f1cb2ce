// The flags of a console, for the programs that have one: livecounter-gateway and livecounter.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_FLAGS_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_FLAGS_H_

#include <memory>

#include "absl/flags/declare.h"
#include "absl/status/statusor.h"
#include "gateway/console/console.h"
#include "observability/logging.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/flags.h"

ABSL_DECLARE_FLAG(livecounter::runtime::ListenAddress, console_listen);

namespace livecounter::gateway::console {

// --console_listen, for a program's group of listeners.
runtime::FlagSpec ConsoleListenFlag();

// Console::Start() with what --console_listen, --tls_cert, --tls_key and --trusted_proxies say; null where
// the first is empty. After runtime::ParseCommandLine().
absl::StatusOr<std::unique_ptr<Console>> StartConsoleFromFlags(
    std::shared_ptr<grpc::Channel> counterd, const observability::Logger& logger);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_FLAGS_H_
