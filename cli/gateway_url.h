// Where browsers reach the gateways, for commands that open connections to them or say so.

#ifndef LIVECOUNTER_CLI_GATEWAY_URL_H_
#define LIVECOUNTER_CLI_GATEWAY_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/command.h"

namespace livecounter::cli {

class CommandRun;

// --url.
Flag GatewayUrlFlag();

// `text` without the slash at its end. UsageError() for anything but "http://host" or "https://host", each with or
// without a port.
absl::StatusOr<std::string> CheckGatewayUrl(absl::string_view text);

// What --url says, else the context, else a gateway of this machine.
absl::StatusOr<std::string> GatewayUrl(const CommandRun& run);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_GATEWAY_URL_H_
