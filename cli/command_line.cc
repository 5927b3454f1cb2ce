#include "cli/command_line.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "cli/global_flags.h"
#include "cli/times.h"
#include "services/runtime/nearest_name.h"

namespace livecounter::cli {
namespace {

// Quoted, and cut where it is long: a mistake may well be a whole file.
std::string Shown(absl::string_view value) {
  constexpr size_t kLongest = 100;
  return absl::StrCat("\"", absl::Utf8SafeCHexEscape(value.substr(0, kLongest)),
                      value.size() > kLongest ? "…\"" : "\"");
}

const Flag* FindFlag(const std::vector<Flag>& flags, absl::string_view name) {
  const auto found =
      std::find_if(flags.begin(), flags.end(), [&](const Flag& flag) { return flag.name == name; });
  return found == flags.end() ? nullptr : &*found;
}

std::string DidYouMean(absl::string_view typed, const std::vector<std::string>& names,
                       absl::string_view prefix = "") {
  const std::string nearest = runtime::NearestName(typed, names);
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", prefix, nearest, "?");
}

// A flag as it was written.
struct WrittenFlag {
  std::string source;  // "--limit", "-o": for messages
  std::string name;    // with "_"
  std::string letter;  // instead of a name
  bool has_value = false;
  std::string value;
};

bool IsFlag(absl::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  return !absl::ascii_isdigit(static_cast<unsigned char>(word[1]));
}

WrittenFlag Dissect(absl::string_view word) {
  WrittenFlag written;
  if (absl::ConsumePrefix(&word, "--")) {
    const std::pair<absl::string_view, absl::string_view> split =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    written.source = absl::StrCat("--", split.first);
    written.name = absl::StrReplaceAll(split.first, {{"-", "_"}});
    written.has_value = absl::StrContains(word, '=');
    written.value = std::string(split.second);
  } else {
    written.letter = std::string(word.substr(1, 1));
    written.source = absl::StrCat("-", written.letter);
    word.remove_prefix(2);
    written.has_value = !word.empty();
    absl::ConsumePrefix(&word, "=");
    written.value = std::string(word);
  }
  return written;
}

class Parser {
 public:
  explicit Parser(const std::vector<Command>& commands) : commands_(commands) {}

  absl::StatusOr<CommandLine> Parse(absl::Span<const std::string> arguments) {
    FindCommand(arguments);
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i] == "--" && !flags_ended_) {
        flags_ended_ = true;
      } else if (!flags_ended_ && IsFlag(arguments[i])) {
        const std::string* next = i + 1 < arguments.size() ? &arguments[i + 1] : nullptr;
        absl::StatusOr<bool> took_next = ReadFlag(Dissect(arguments[i]), next);
        if (!took_next.ok()) return took_next.status();
        if (*took_next) ++i;
      } else {
        words_.push_back(arguments[i]);
      }
    }
    if (absl::Status status = SortWords(); !status.ok()) return status;
    return std::move(line_);
  }

 private:
  // The command decides which flags there are, and flags may stand before it: so it is looked for
  // first, by the words that are neither flags nor the values of flags of any command.
  void FindCommand(absl::Span<const std::string> arguments) {
    std::vector<absl::string_view> words;
    for (size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
      if (!IsFlag(arguments[i])) {
        words.push_back(arguments[i]);
        continue;
      }
      if (TakesNextWord(Dissect(arguments[i]))) ++i;
    }
    for (const Command& command : commands_) {
      const std::vector<std::string> path = PathWords(command);
      if (path.size() <= words.size() && std::equal(path.begin(), path.end(), words.begin())) {
        line_.command = &command;
      }
    }
  }

  bool TakesNextWord(const WrittenFlag& written) const {
    if (written.has_value) return false;
    const Flag* flag = Find(written, GlobalFlags());
    if (flag == nullptr) flag = Find(written, RequestFlags());
    for (const Command& command : commands_) {
      if (flag == nullptr) flag = Find(written, command.flags);
    }
    return flag != nullptr && flag->type != FlagType::kBool;
  }

  static const Flag* Find(const WrittenFlag& written, const std::vector<Flag>& flags) {
    for (const Flag& flag : flags) {
      if (written.letter.empty() ? flag.name == written.name : flag.letter == written.letter) {
        return &flag;
      }
    }
    return nullptr;
  }

  // True if the next word was the flag's value.
  absl::StatusOr<bool> ReadFlag(WrittenFlag written, const std::string* next) {
    const auto [flag, values] = Locate(&written);
    if (flag == nullptr) return UnknownFlag(written);
    bool took_next = false;
    if (!written.has_value && flag->type == FlagType::kBool) {
      written.value = "true";
    } else if (!written.has_value) {
      if (next == nullptr) {
        return UsageError(
            absl::StrCat(written.source, " got no value; it takes ", FlagTakes(*flag)));
      }
      written.value = *next;
      took_next = true;
    }
    absl::StatusOr<std::string> value = CheckFlagValue(*flag, written.source, written.value);
    if (!value.ok()) return value.status();
    (*values)[flag->name] = *std::move(value);
    return took_next;
  }

  // The flag and where its value goes. `--noflag` becomes --flag=false.
  std::pair<const Flag*, FlagValues*> Locate(WrittenFlag* written) {
    std::vector<std::pair<const std::vector<Flag>*, FlagValues*>> tables = {
        {&GlobalFlags(), &line_.globals}, {&RequestFlags(), &line_.requests}};
    if (line_.command != nullptr) {
      tables.insert(tables.begin(), {&line_.command->flags, &line_.flags});
    }
    for (const auto& [flags, values] : tables) {
      if (const Flag* flag = Find(*written, *flags)) return {flag, values};
    }
    absl::string_view name = written->name;
    if (written->has_value || !absl::ConsumePrefix(&name, "no")) return {nullptr, nullptr};
    for (const auto& [flags, values] : tables) {
      const Flag* flag = FindFlag(*flags, name);
      if (flag == nullptr || flag->type != FlagType::kBool) continue;
      written->has_value = true;
      written->value = "false";
      return {flag, values};
    }
    return {nullptr, nullptr};
  }

  absl::Status UnknownFlag(const WrittenFlag& written) const {
    std::vector<std::string> names;
    for (const auto* flags : {&GlobalFlags(), &RequestFlags()}) {
      for (const Flag& flag : *flags) names.push_back(flag.name);
    }
    if (line_.command != nullptr) {
      for (const Flag& flag : line_.command->flags) names.push_back(flag.name);
    }
    const std::string owner =
        line_.command == nullptr ? "livecounterctl" : absl::StrCat("`", line_.command->path, "`");
    return UsageError(
        absl::StrCat(written.source, " is not a flag of ", owner,
                     written.letter.empty() ? DidYouMean(written.name, names, "--") : ""));
  }

  bool HelpIsWanted() const {
    return std::any_of(line_.requests.begin(), line_.requests.end(), [](const auto& request) {
      return request.first != "flagfile" && request.second == "true";
    });
  }

  // Tells the words of the path from the positionals.
  absl::Status SortWords() {
    if (line_.command == nullptr) {
      line_.words = words_;
      if (HelpIsWanted() && words_.size() < 2 && (words_.empty() || IsNoun(words_[0]))) {
        return absl::OkStatus();
      }
      return UnknownCommand();
    }
    line_.words = PathWords(*line_.command);
    line_.positionals.assign(words_.begin() + static_cast<ptrdiff_t>(line_.words.size()),
                             words_.end());
    return HelpIsWanted() ? absl::OkStatus() : CheckPositionals();
  }

  bool IsNoun(absl::string_view word) const {
    return std::any_of(commands_.begin(), commands_.end(), [&](const Command& command) {
      return absl::StartsWith(command.path, absl::StrCat(word, " "));
    });
  }

  absl::Status UnknownCommand() const {
    if (words_.empty()) return UsageError("no command was given");
    std::set<std::string> names;
    const bool is_noun = IsNoun(words_[0]);
    for (const Command& command : commands_) {
      const std::vector<std::string> path = PathWords(command);
      if (!is_noun) {
        names.insert(path[0]);
      } else if (path.size() == 2 && path[0] == words_[0]) {
        names.insert(path[1]);
      }
    }
    const std::vector<std::string> choices(names.begin(), names.end());
    const std::string accepted = absl::StrJoin(choices, ", ");
    if (!is_noun) {
      return UsageError(
          absl::StrCat("there is no command ", Shown(words_[0]), DidYouMean(words_[0], choices)));
    }
    if (words_.size() == 1) {
      return UsageError(absl::StrCat("`", words_[0], "` takes one of ", accepted));
    }
    const std::string meant = DidYouMean(words_[1], choices, absl::StrCat(words_[0], " "));
    return UsageError(absl::StrCat(
        "there is no command ", Shown(absl::StrCat(words_[0], " ", words_[1])),
        meant.empty() ? absl::StrCat("; `", words_[0], "` takes one of ", accepted) : meant));
  }

  absl::Status CheckPositionals() const {
    const std::vector<Positional>& wanted = line_.command->positionals;
    const std::vector<std::string>& given = line_.positionals;
    for (size_t i = given.size(); i < wanted.size(); ++i) {
      if (wanted[i].optional) continue;
      return UsageError(absl::StrCat("`", line_.command->path, "` needs ", wanted[i].name, ": ",
                                     wanted[i].meaning));
    }
    const bool open_ended = !wanted.empty() && wanted.back().repeated;
    if (given.size() > wanted.size() && !open_ended) {
      return UsageError(absl::StrCat("`", line_.command->path, "` does not take ",
                                     Shown(given[wanted.size()]), "; it takes ",
                                     wanted.empty() ? "flags only" : PositionalNames()));
    }
    for (size_t i = 0; i < given.size(); ++i) {
      const Positional& positional = wanted[std::min(i, wanted.size() - 1)];
      if (positional.choices.empty() || absl::c_linear_search(positional.choices, given[i])) {
        continue;
      }
      return UsageError(absl::StrCat(positional.name, " got ", Shown(given[i]),
                                     "; it takes one of ", absl::StrJoin(positional.choices, ", "),
                                     DidYouMean(given[i], positional.choices)));
    }
    return absl::OkStatus();
  }

  std::string PositionalNames() const {
    return absl::StrJoin(line_.command->positionals, " ",
                         [](std::string* out, const auto& each) { out->append(each.name); });
  }

  const std::vector<Command>& commands_;
  CommandLine line_;
  std::vector<std::string> words_;
  bool flags_ended_ = false;
};

bool IsCount(absl::string_view value) {
  int64_t number = 0;
  return absl::SimpleAtoi(value, &number) && number >= 0;
}

bool IsNumber(absl::string_view value) {
  double number = 0;
  return absl::SimpleAtod(value, &number) && number >= 0 && number < 1e18;
}

bool IsDuration(absl::string_view value) {
  absl::Duration duration;
  return absl::ParseDuration(value, &duration) && duration >= absl::ZeroDuration() &&
         duration < absl::InfiniteDuration();
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<Command>& commands,
                                             absl::Span<const std::string> arguments) {
  return Parser(commands).Parse(arguments);
}

absl::StatusOr<std::string> CheckFlagValue(const Flag& flag, absl::string_view source,
                                           absl::string_view value) {
  bool good = true;
  bool boolean = false;
  switch (flag.type) {
    case FlagType::kText:
      break;
    case FlagType::kFile:
      good = !value.empty();
      break;
    case FlagType::kBool:
      good = absl::SimpleAtob(value, &boolean);
      if (good) value = boolean ? "true" : "false";
      break;
    case FlagType::kInteger:
      good = IsCount(value);
      break;
    case FlagType::kNumber:
      good = IsNumber(value);
      break;
    case FlagType::kDuration:
      good = IsDuration(value);
      break;
    case FlagType::kTime:
      good = IsTime(value);
      break;
    case FlagType::kChoice:
      good = absl::c_linear_search(flag.choices, value);
      break;
  }
  if (good) return std::string(value);
  return UsageError(absl::StrCat(source, " got ", Shown(value), "; it takes ", FlagTakes(flag)));
}

std::string FlagTakes(const Flag& flag) {
  switch (flag.type) {
    case FlagType::kText:
      return flag.value_name.empty() ? "text" : flag.value_name;
    case FlagType::kBool:
      return "true or false";
    case FlagType::kInteger:
      return "a whole number from 0";
    case FlagType::kNumber:
      return "a number from 0";
    case FlagType::kDuration:
      return "a duration such as 100ms, 10s or 5m";
    case FlagType::kTime:
      return std::string(kTimeTakes);
    case FlagType::kChoice:
      return absl::StrCat("one of ", absl::StrJoin(flag.choices, ", "));
    case FlagType::kFile:
      return "the path of a file";
  }
  return "";
}

absl::StatusOr<FlagValues> ParseFlagFile(absl::string_view path, absl::string_view text) {
  FlagValues values;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    const std::string word =
        absl::StartsWith(line, "--") ? std::string(line) : absl::StrCat("--", line);
    WrittenFlag written = Dissect(word);
    const std::string source = absl::StrCat(path, ":", number, ": ", written.source);
    const Flag* flag = FindFlag(GlobalFlags(), written.name);
    if (flag == nullptr) {
      return UsageError(absl::StrCat(source, " is not a flag of every command"));
    }
    if (!written.has_value && flag->type == FlagType::kBool) written.value = "true";
    absl::StatusOr<std::string> value = CheckFlagValue(*flag, source, written.value);
    if (!value.ok()) return value.status();
    values[flag->name] = *std::move(value);
  }
  return values;
}

}  // namespace livecounter::cli
