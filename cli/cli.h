// livecounterctl from its words to its exit code.

#ifndef LIVECOUNTER_CLI_CLI_H_
#define LIVECOUNTER_CLI_CLI_H_

#include <string>

#include "absl/types/span.h"
#include "cli/host.h"

namespace livecounter::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

// Runs one command. `arguments` are the words after the program's name. Errors are told on host.err.
int RunCli(absl::Span<const std::string> arguments, Host& host);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_CLI_H_
