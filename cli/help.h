// Help, from the table of commands. Pure; any thread.

#ifndef LIVECOUNTER_CLI_HELP_H_
#define LIVECOUNTER_CLI_HELP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/command.h"

namespace livecounter::cli {

// What there is, a line for each command: of all commands, or of those whose first word is `noun`.
std::string Overview(const std::vector<Command>& commands, absl::string_view noun = "");

// All about one command.
std::string CommandHelp(const Command& command);

// docs/cli.md.
std::string HelpMarkdown(const std::vector<Command>& commands);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_HELP_H_
