#include "cli/completion.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/global_flags.h"

namespace livecounter::cli {
namespace {

// `compopt -o default` lets bash offer files where there is nothing to say. The word is taken anew from
// the line, because bash cuts words at "=" and ":".
constexpr char kBash[] = R"(# bash completion for livecounterctl:
#   source <(livecounterctl completion bash)
_livecounterctl() {
  local line=${COMP_LINE:0:COMP_POINT} words=() current
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=${words[-1]}
  mapfile -t COMPREPLY < <(livecounterctl __complete "${words[@]:1}" 2>/dev/null)
  if [[ $current == *=* ]]; then
    COMPREPLY=("${COMPREPLY[@]#*=}")
  fi
  if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace
  fi
}
complete -o default -F _livecounterctl livecounterctl
)";

constexpr char kZsh[] = R"(#compdef livecounterctl
# zsh completion for livecounterctl:
#   source <(livecounterctl completion zsh)
_livecounterctl() {
  local -a candidates open_ended
  candidates=("${(@f)$(livecounterctl __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  open_ended=("${(@M)candidates:#*=}")
  candidates=("${(@)candidates:#*=}")
  candidates=("${(@)candidates:#}")
  if (( ${#candidates} + ${#open_ended} == 0 )); then
    _files
    return
  fi
  compadd -- "${(@)candidates}"
  compadd -S '' -- "${(@)open_ended}"
}
compdef _livecounterctl livecounterctl
)";

// With candidates (-n) no files are offered beside them (-f).
constexpr char kFish[] = R"(# fish completion for livecounterctl:
#   livecounterctl completion fish | source
function __livecounterctl_complete
    set -l words (commandline -opc) (commandline -ct)
    livecounterctl __complete $words[2..-1] 2>/dev/null
end
complete -c livecounterctl -n 'count (__livecounterctl_complete) >/dev/null' -f -a '(__livecounterctl_complete)'
)";

std::vector<std::string> Matching(const std::set<std::string>& names, absl::string_view typed) {
  std::vector<std::string> matching;
  for (const std::string& name : names) {
    if (absl::StartsWith(name, typed)) matching.push_back(name);
  }
  return matching;
}

// Words that are neither flags nor values of flags.
std::vector<std::string> PlainWords(absl::Span<const std::string> words) {
  std::vector<std::string> plain;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!absl::StartsWith(words[i], "-")) {
      plain.push_back(words[i]);
    } else if (words[i] == "-o") {
      ++i;
    }
  }
  return plain;
}

const Command* FindCommand(const std::vector<Command>& commands,
                           const std::vector<std::string>& words) {
  const Command* found = nullptr;
  for (const Command& command : commands) {
    const std::vector<std::string> path = PathWords(command);
    if (path.size() <= words.size() && std::equal(path.begin(), path.end(), words.begin())) {
      found = &command;
    }
  }
  return found;
}

std::vector<Flag> FlagsOf(const Command* command) {
  std::vector<Flag> flags = GlobalFlags();
  flags.insert(flags.end(), RequestFlags().begin(), RequestFlags().end());
  if (command != nullptr) {
    flags.insert(flags.end(), command->flags.begin(), command->flags.end());
  }
  return flags;
}

// `typed` begins with "-".
std::vector<std::string> CompleteFlag(const std::vector<Flag>& flags,
                                      const std::vector<std::string>& contexts,
                                      absl::string_view typed) {
  std::set<std::string> names;
  for (const Flag& flag : flags) {
    const std::string stem = absl::StrCat("--", flag.name, "=");
    if (flag.type == FlagType::kBool) {
      names.insert(absl::StrCat("--", flag.name));
    } else if (!absl::StartsWith(typed, stem)) {
      names.insert(stem);
    } else if (flag.name == "context") {
      for (const std::string& context : contexts) names.insert(absl::StrCat(stem, context));
    } else {
      for (const std::string& choice : flag.choices) names.insert(absl::StrCat(stem, choice));
    }
  }
  return Matching(names, typed);
}

// The next word of a command's path, or what its positional takes.
std::vector<std::string> CompleteWord(const std::vector<Command>& commands, const Command* command,
                                      const std::vector<std::string>& contexts,
                                      const std::vector<std::string>& before,
                                      absl::string_view typed) {
  std::set<std::string> names;
  if (command == nullptr || command->path == "help") {
    std::vector<std::string> path = before;
    if (command != nullptr) path.erase(path.begin());
    for (const Command& each : commands) {
      const std::vector<std::string> words = PathWords(each);
      if (words.size() > path.size() && std::equal(path.begin(), path.end(), words.begin())) {
        names.insert(words[path.size()]);
      }
    }
    return Matching(names, typed);
  }
  const size_t position = before.size() - PathWords(*command).size();
  if (position < command->positionals.size()) {
    const std::vector<std::string>& choices = command->positionals[position].choices;
    names.insert(choices.begin(), choices.end());
  }
  if (command->path == "context use" || command->path == "context delete") {
    names.insert(contexts.begin(), contexts.end());
  }
  return Matching(names, typed);
}

}  // namespace

std::vector<std::string> Complete(const std::vector<Command>& commands,
                                  const std::vector<std::string>& contexts,
                                  absl::Span<const std::string> words) {
  if (words.empty()) return {};
  const std::string& typed = words.back();
  const absl::Span<const std::string> earlier = words.first(words.size() - 1);
  const std::vector<std::string> before = PlainWords(earlier);
  const Command* const command = FindCommand(commands, before);
  if (!earlier.empty() && earlier.back() == "-o") return Matching({"json", "table"}, typed);
  if (absl::StartsWith(typed, "-")) return CompleteFlag(FlagsOf(command), contexts, typed);
  return CompleteWord(commands, command, contexts, before, typed);
}

std::string CompletionScript(absl::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return "";
}

}  // namespace livecounter::cli
