#include "cli/cli.h"

#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/client.h"
#include "cli/command_line.h"
#include "cli/commands/commands.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/run.h"
#include "cli/settings.h"
#include "services/runtime/version.h"

namespace livecounter::cli {
namespace {

int Failed(const absl::Status& status, const std::string& command, Host& host) {
  host.err << "livecounterctl: " << status.message() << "\n";
  if (!IsUsageError(status)) return kExitFailed;
  host.err << "Try: livecounterctl help" << (command.empty() ? "" : " ") << command << "\n";
  return kExitUsage;
}

bool IsAsked(const CommandLine& line, const char* request) {
  const auto found = line.requests.find(request);
  return found != line.requests.end() && found->second == "true";
}

// --help and its like; true if there was one.
bool Answer(const CommandLine& line, Host& host) {
  if (IsAsked(line, "help_markdown")) {
    host.out << HelpMarkdown(AllCommands());
  } else if (IsAsked(line, "version")) {
    host.out << "livecounterctl " << runtime::Version() << "\n";
  } else if (IsAsked(line, "help")) {
    host.out << (line.command != nullptr
                     ? CommandHelp(*line.command)
                     : Overview(AllCommands(), line.words.empty() ? "" : line.words[0]));
  } else {
    return false;
  }
  return true;
}

// --check_config (contract §7): what the flags name is there, and the server answers.
absl::Status CheckConfig(CommandRun& run) {
  const absl::StatusOr<std::string> token = ResolveToken(run.settings());
  if (!token.ok()) return token.status();
  const absl::StatusOr<Client*> client = run.client();
  if (!client.ok()) return client.status();
  if (absl::Status status = (*client)->WaitForConnection(); !status.ok()) return status;
  run.Print(absl::StrCat("good: ", run.settings().server, " answers",
                         run.settings().tls ? " over TLS" : "", "\n"));
  return absl::OkStatus();
}

int PrintCandidates(absl::Span<const std::string> words, Host& host) {
  std::vector<std::string> names;
  if (const absl::StatusOr<std::string> path = ContextsPath(host.environment); path.ok()) {
    if (const absl::StatusOr<Contexts> contexts = LoadContexts(*path); contexts.ok()) {
      for (const auto& [name, context] : contexts->by_name) names.push_back(name);
    }
  }
  for (const std::string& candidate : Complete(AllCommands(), names, words)) {
    host.out << candidate << "\n";
  }
  return kExitDone;
}

absl::Status Run(const CommandLine& line, Host& host) {
  const absl::StatusOr<Settings> settings = ResolveSettings(line, host);
  if (!settings.ok()) return settings.status();
  CommandRun run(line, *settings, host);
  if (IsAsked(line, "check_config")) return CheckConfig(run);
  return line.command->run(run);
}

}  // namespace

int RunCli(absl::Span<const std::string> arguments, Host& host) {
  if (!arguments.empty() && arguments[0] == kCompleteCommand) {
    return PrintCandidates(arguments.subspan(1), host);
  }
  if (arguments.empty()) {
    host.err << Overview(AllCommands());
    return kExitUsage;
  }
  const absl::StatusOr<CommandLine> line = ParseCommandLine(AllCommands(), arguments);
  if (!line.ok()) return Failed(line.status(), "", host);
  if (Answer(*line, host)) return kExitDone;
  const absl::Status status = Run(*line, host);
  host.out << std::flush;
  if (!status.ok()) return Failed(status, absl::StrJoin(line->words, " "), host);
  if (host.out) return kExitDone;
  return Failed(absl::UnavailableError("cannot write to standard output"), "", host);
}

}  // namespace livecounter::cli
