// What a command of livecounterctl is, as data: its parser, its help, docs/cli.md and the shell's
// completion all read the same table, so that none of them can forget what another knows.
//
// Tables are made once, at start, and only read after that.

#ifndef LIVECOUNTER_CLI_COMMAND_H_
#define LIVECOUNTER_CLI_COMMAND_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace livecounter::cli {

class CommandRun;

// What a flag's value is checked against when it is read.
enum class FlagType {
  kText,
  kBool,      // --flag, --noflag, --flag=true
  kInteger,   // 64-bit, 0 or more
  kNumber,    // 0 or more, with a fraction
  kDuration,  // "100ms", "10s"
  kTime,      // see times.h
  kChoice,    // one of `choices`
  kFile,      // a path, which the shell completes
};

struct Flag {
  std::string name = {};    // "page_token"; people may write "-" for "_"
  std::string letter = {};  // "o" for -o, or none
  FlagType type = FlagType::kText;
  std::string value_name = {};  // "FILE" in the help; empty: by the type
  std::vector<std::string> choices = {};
  std::string default_text = {};  // shown in the help
  std::string meaning = {};       // one or more whole sentences
};

struct Positional {
  std::string name = {};  // "PRODUCT"
  std::string meaning = {};
  bool optional = false;
  bool repeated = false;  // the last one only: this and all that follow
  std::vector<std::string> choices = {};
};

struct Example {
  std::string meaning = {};  // "Everything of this month", without a full stop
  std::string line = {};     // as it is typed, from "livecounterctl" on
};

struct Command {
  std::string path = {};         // "account create": a noun and a verb, or one word
  std::string summary = {};      // one line, with a full stop
  std::string description = {};  // what else there is to know: paragraphs, an empty line between
  std::vector<Positional> positionals = {};
  std::vector<Flag> flags = {};  // those of every command, global_flags.h, come on top
  std::vector<Example> examples = {};
  absl::Duration timeout = absl::Seconds(10);  // of one call, where --timeout is not given
  // Errors are for the user as they are. Those made by UsageError() end the program with 2.
  std::function<absl::Status(CommandRun&)> run = {};
};

// The words of `command.path`.
std::vector<std::string> PathWords(const Command& command);

// The command was not written as it must be; the message says what it takes.
absl::Status UsageError(const std::string& message);
bool IsUsageError(const absl::Status& status);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_COMMAND_H_
