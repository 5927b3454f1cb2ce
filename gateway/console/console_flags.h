// The flags of a console, for the programs that have one: livecounter-gateway and livecounter.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_FLAGS_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_FLAGS_H_

#include <memory>

#include "absl/flags/declare.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gateway/console/console.h"
#include "observability/logging.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/flags.h"

ABSL_DECLARE_FLAG(livecounter::runtime::ListenAddress, console_listen);

namespace livecounter::gateway::console {

// --console_listen, for a program's group of listeners.
runtime::FlagSpec ConsoleListenFlag();
// --public_url, for the same.
runtime::FlagSpec PublicUrlFlag();

// Console::Start() with what --console_listen, --public_url, --tls_cert, --tls_key and --trusted_proxies say;
// null where the first is empty. `http_address`: where this process' gateway serves, "127.0.0.1:8080". After
// runtime::ParseCommandLine().
absl::StatusOr<std::unique_ptr<Console>> StartConsoleFromFlags(
    std::shared_ptr<grpc::Channel> counterd, absl::string_view http_address,
    const observability::Logger& logger, Console::Metrics metrics);

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_FLAGS_H_
