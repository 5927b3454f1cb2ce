// The commands of livecounterctl, a file for each noun.

#ifndef LIVECOUNTER_CLI_COMMANDS_COMMANDS_H_
#define LIVECOUNTER_CLI_COMMANDS_COMMANDS_H_

#include <vector>

#include "cli/command.h"

namespace livecounter::cli {

std::vector<Command> AccountCommands();
std::vector<Command> ProductCommands();
std::vector<Command> SnippetCommands();
std::vector<Command> VerificationCommands();
std::vector<Command> ApiKeyCommands();
std::vector<Command> CounterCommands();
std::vector<Command> HistoryCommands();
std::vector<Command> WatchCommands();
std::vector<Command> UsageCommands();
std::vector<Command> SignInCommands();
std::vector<Command> ContextCommands();
std::vector<Command> BackupCommands();
std::vector<Command> SystemCommands();
// try, health, wait: for those who deploy the programs.
std::vector<Command> DeploymentCommands();
// help, completion, version: about the program itself.
std::vector<Command> ProgramCommands();

// All of them, in the order of the help. Made once.
const std::vector<Command>& AllCommands();

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_COMMANDS_COMMANDS_H_
