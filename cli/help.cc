#include "cli/help.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/command_line.h"
#include "cli/global_flags.h"
#include "cli/text.h"

namespace livecounter::cli {
namespace {

constexpr size_t kColumns = 80;
constexpr absl::string_view kProgram = "livecounterctl";

constexpr absl::string_view kNames =
    "Names are written short, account/product/counter, as in demo/demo/1, or in full, "
    "accounts/demo/products/demo/counters/1. Short, a counter's id stands as it is, slashes and "
    "all; in "
    "full it is percent-encoded. With a default account, from --account or the context, it may be "
    "left "
    "out: demo/1.";
constexpr absl::string_view kSources =
    "Each of these may also stand in the environment as LIVECOUNTER_<FLAG>, in upper case, and in "
    "a file "
    "named by --flagfile. The command line wins over the environment, the environment over the "
    "file, the "
    "file over the context, the context over the default.";
constexpr absl::string_view kMore =
    "`livecounterctl help` lists the flags of every command, such as --server, --token_file and -o "
    "json.";
constexpr absl::string_view kExitCodes =
    "Exit codes: 0 done, 1 failed, 2 the command was not written as it must be.";
constexpr absl::string_view kSecrets =
    "Secrets come from files, standard input or a hidden prompt, never from the command line: the "
    "token "
    "from --token_file, LIVECOUNTER_TOKEN or the context that signin fills.";

std::string Usage(const Command& command) {
  std::string usage = absl::StrCat(kProgram, " ", command.path);
  for (const Positional& positional : command.positionals) {
    const std::string name = absl::StrCat(positional.name, positional.repeated ? "..." : "");
    absl::StrAppend(&usage, " ", positional.optional ? absl::StrCat("[", name, "]") : name);
  }
  return absl::StrCat(usage, " [flags]");
}

std::string ValueName(const Flag& flag) {
  if (!flag.value_name.empty()) return flag.value_name;
  switch (flag.type) {
    case FlagType::kText:
      return "TEXT";
    case FlagType::kBool:
      return "";
    case FlagType::kInteger:
    case FlagType::kNumber:
      return "N";
    case FlagType::kDuration:
      return "DURATION";
    case FlagType::kTime:
      return "TIME";
    case FlagType::kChoice:
      return absl::StrJoin(flag.choices, "|");
    case FlagType::kFile:
      return "FILE";
  }
  return "";
}

// "-o, --output=table|json".
std::string Spelling(const Flag& flag) {
  const std::string value = ValueName(flag);
  return absl::StrCat(flag.letter.empty() ? "" : absl::StrCat("-", flag.letter, ", "), "--",
                      flag.name, value.empty() ? "" : absl::StrCat("=", value));
}

std::string Meaning(const Flag& flag) {
  std::string meaning = flag.meaning;
  if (flag.type == FlagType::kTime || flag.type == FlagType::kDuration) {
    absl::StrAppend(&meaning, " Takes ", FlagTakes(flag), ".");
  }
  if (!flag.default_text.empty()) absl::StrAppend(&meaning, " Default: ", flag.default_text, ".");
  return meaning;
}

void AppendFlags(absl::string_view title, const std::vector<Flag>& flags, std::string* out) {
  if (flags.empty()) return;
  absl::StrAppend(out, "\n", title, "\n");
  for (const Flag& flag : flags) {
    absl::StrAppend(out, "  ", Spelling(flag), "\n", Wrapped(Meaning(flag), "      ", kColumns));
  }
}

void AppendCommands(const std::vector<const Command*>& commands, std::string* out) {
  size_t width = 0;
  for (const Command* command : commands) width = std::max(width, command->path.size());
  for (const Command* command : commands) {
    absl::StrAppend(out, "  ", PadRight(command->path, width), "  ", command->summary, "\n");
  }
}

std::string FirstWord(const Command& command) { return PathWords(command)[0]; }

// Markdown would take <FLAG> for a tag of HTML, and | for the end of a cell.
std::string Prose(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"<", "\\<"}, {"|", "\\|"}, {"*", "\\*"}});
}

void AppendFlagTable(const std::vector<Flag>& flags, std::string* out) {
  absl::StrAppend(out, "| Flag | Meaning |\n|---|---|\n");
  for (const Flag& flag : flags) {
    absl::StrAppend(out, "| `", absl::StrReplaceAll(Spelling(flag), {{"|", "\\|"}}), "` | ",
                    Prose(Meaning(flag)), " |\n");
  }
}

std::string CommandMarkdown(const Command& command) {
  std::string out = absl::StrCat("### ", command.path, "\n\n", Prose(command.summary),
                                 "\n\n```sh\n", Usage(command), "\n```\n");
  if (!command.description.empty()) absl::StrAppend(&out, "\n", Prose(command.description), "\n");
  if (!command.positionals.empty()) {
    absl::StrAppend(&out, "\n| Argument | Meaning |\n|---|---|\n");
    for (const Positional& positional : command.positionals) {
      absl::StrAppend(&out, "| `", positional.name, "` | ", Prose(positional.meaning), " |\n");
    }
  }
  if (!command.flags.empty()) {
    absl::StrAppend(&out, "\n");
    AppendFlagTable(command.flags, &out);
  }
  if (!command.examples.empty()) {
    absl::StrAppend(&out, "\n```sh\n");
    for (const Example& example : command.examples) {
      absl::StrAppend(&out, "# ", example.meaning, "\n", example.line, "\n");
    }
    absl::StrAppend(&out, "```\n");
  }
  return out;
}

}  // namespace

std::string Overview(const std::vector<Command>& commands, absl::string_view noun) {
  std::vector<const Command*> shown;
  for (const Command& command : commands) {
    if (noun.empty() || FirstWord(command) == noun) shown.push_back(&command);
  }
  std::string out;
  if (noun.empty()) {
    absl::StrAppend(&out, kProgram, ": live counters from the command line\n\n");
  }
  absl::StrAppend(&out, "Usage: ", kProgram, " ", noun.empty() ? "COMMAND" : noun, " ...\n\n");
  AppendCommands(shown, &out);
  if (!noun.empty()) {
    absl::StrAppend(&out, "\n`", kProgram, " help ", noun, " VERB` explains one.\n");
    return out;
  }
  absl::StrAppend(&out, "\n`", kProgram, " help COMMAND` explains one, with examples.\n\n",
                  Wrapped(kNames, "", kColumns));
  AppendFlags("Flags of every command:", GlobalFlags(), &out);
  absl::StrAppend(&out, "\n", Wrapped(kSources, "", kColumns));
  AppendFlags("Other flags:", RequestFlags(), &out);
  absl::StrAppend(&out, "\n", Wrapped(kSecrets, "", kColumns), "\n", kExitCodes, "\n");
  return out;
}

std::string CommandHelp(const Command& command) {
  std::string out =
      absl::StrCat("Usage: ", Usage(command), "\n\n", Wrapped(command.summary, "", kColumns));
  for (const absl::string_view paragraph :
       absl::StrSplit(command.description, "\n\n", absl::SkipEmpty())) {
    absl::StrAppend(&out, "\n", Wrapped(paragraph, "", kColumns));
  }
  if (!command.positionals.empty()) absl::StrAppend(&out, "\nArguments:\n");
  for (const Positional& positional : command.positionals) {
    absl::StrAppend(&out, "  ", positional.name, "\n",
                    Wrapped(positional.meaning, "      ", kColumns));
  }
  AppendFlags("Flags:", command.flags, &out);
  if (!command.examples.empty()) absl::StrAppend(&out, "\nExamples:\n");
  for (const Example& example : command.examples) {
    absl::StrAppend(&out, "  # ", example.meaning, "\n  ", example.line, "\n");
  }
  absl::StrAppend(&out, "\n", Wrapped(kMore, "", kColumns));
  return out;
}

std::string HelpMarkdown(const std::vector<Command>& commands) {
  std::string out = absl::StrCat("## All commands\n\n| Command | |\n|---|---|\n");
  for (const Command& command : commands) {
    absl::StrAppend(&out, "| [", command.path, "](#",
                    absl::StrReplaceAll(command.path, {{" ", "-"}}), ") | ", Prose(command.summary),
                    " |\n");
  }
  absl::StrAppend(&out, "\n## Names\n\n", Prose(kNames), "\n\n## Flags of every command\n\n",
                  Prose(kSources), "\n\n");
  AppendFlagTable(GlobalFlags(), &out);
  absl::StrAppend(&out, "\n");
  AppendFlagTable(RequestFlags(), &out);
  absl::StrAppend(&out, "\n", Prose(kSecrets), "\n\n", kExitCodes, "\n\n## Each command\n");
  for (const Command& command : commands) absl::StrAppend(&out, "\n", CommandMarkdown(command));
  return out;
}

}  // namespace livecounter::cli
