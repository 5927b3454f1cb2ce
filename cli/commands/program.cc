#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/commands.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/run.h"
#include "services/runtime/nearest_name.h"
#include "services/runtime/version.h"

namespace livecounter::cli {
namespace {

absl::Status UnknownTopic(const std::string& topic) {
  std::vector<std::string> paths;
  for (const Command& command : AllCommands()) paths.push_back(command.path);
  const std::string nearest = runtime::NearestName(topic, paths);
  return UsageError(absl::StrCat(
      "there is no command `", topic, "`",
      nearest.empty() ? "" : absl::StrCat("; did you mean `livecounterctl help ", nearest, "`?")));
}

absl::Status Help(CommandRun& run) {
  const std::string topic = absl::StrJoin(run.line().positionals, " ");
  bool is_noun = topic.empty();
  for (const Command& command : AllCommands()) {
    if (command.path == topic) {
      run.Print(CommandHelp(command));
      return absl::OkStatus();
    }
    is_noun |= PathWords(command).size() == 2 && PathWords(command)[0] == topic;
  }
  if (!is_noun) return UnknownTopic(topic);
  run.Print(Overview(AllCommands(), topic));
  return absl::OkStatus();
}

absl::Status Completion(CommandRun& run) {
  run.Print(CompletionScript(run.Argument(0)));
  return absl::OkStatus();
}

absl::Status Version(CommandRun& run) {
  run.Print(absl::StrCat("livecounterctl ", runtime::Version(), "\n"));
  return absl::OkStatus();
}

}  // namespace

std::vector<Command> ProgramCommands() {
  return {
      {.path = "completion",
       .summary = "Prints a script that completes commands and flags in a shell.",
       .positionals = {{.name = "SHELL",
                        .meaning = "bash, zsh or fish.",
                        .choices = {"bash", "zsh", "fish"}}},
       .examples = {{"In this shell", "source <(livecounterctl completion bash)"},
                    {"In fish", "livecounterctl completion fish | source"}},
       .run = Completion},
      {.path = "version",
       .summary = "Prints the version of this program.",
       .examples = {{"For a report", "livecounterctl version"}},
       .run = Version},
      {.path = "help",
       .summary = "Explains a command, or lists them all.",
       .positionals = {{.name = "COMMAND",
                        .meaning = "A command, such as account create.",
                        .optional = true,
                        .repeated = true}},
       .examples = {{"With examples", "livecounterctl help counter increment"}},
       .run = Help},
  };
}

}  // namespace livecounter::cli
