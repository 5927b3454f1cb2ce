// From words on the command line to a command, its arguments and its flags. Pure; any thread.

#ifndef LIVECOUNTER_CLI_COMMAND_LINE_H_
#define LIVECOUNTER_CLI_COMMAND_LINE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/command.h"

namespace livecounter::cli {

// Values by the flag's name, each already of the form that its type asks for; bools are "true" or
// "false".
using FlagValues = std::map<std::string, std::string, std::less<>>;

struct CommandLine {
  const Command* command = nullptr;     // null: none was named, as after `livecounterctl --help`
  std::vector<std::string> words = {};  // of the path, as far as they were given
  std::vector<std::string> positionals = {};
  FlagValues flags = {};  // the command's own
  FlagValues globals = {};
  FlagValues requests = {};
};

// Reads the words after the program's name. Flags may stand anywhere, as --flag=value, --flag value,
// -o value or -ovalue; `--` ends them, and `-` alone or a negative number is no flag. A UsageError()
// names what was wrong, what is accepted, and what was probably meant. Where help is asked for, an
// incomplete command is none.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<Command>& commands,
                                             absl::Span<const std::string> arguments);

// `value` as `flag` takes it: bools in one spelling. A UsageError() that begins with `source`, such
// as "--limit".
absl::StatusOr<std::string> CheckFlagValue(const Flag& flag, absl::string_view source,
                                           absl::string_view value);

// What the flag takes, for messages: "a duration such as 100ms, 10s or 5m".
std::string FlagTakes(const Flag& flag);

// The flags of a --flagfile's text; `path` is for messages.
absl::StatusOr<FlagValues> ParseFlagFile(absl::string_view path, absl::string_view text);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_COMMAND_LINE_H_
