#include <iterator>
#include <utility>

#include "cli/commands/commands.h"

namespace livecounter::cli {

const std::vector<Command>& AllCommands() {
  static const auto* const all = [] {
    auto* const commands = new std::vector<Command>;
    for (auto* const make :
         {CounterCommands, HistoryCommands, WatchCommands, AccountCommands, ProductCommands,
          VerificationCommands, ApiKeyCommands, SnippetCommands, UsageCommands, SignInCommands,
          BackupCommands, SystemCommands, DeploymentCommands, ContextCommands, ProgramCommands}) {
      std::vector<Command> some = make();
      std::move(some.begin(), some.end(), std::back_inserter(*commands));
    }
    return commands;
  }();
  return *all;
}

}  // namespace livecounter::cli
