// Completion in shells: the shell's script asks this program what may follow, so the scripts know
// nothing of commands and never grow old.

#ifndef LIVECOUNTER_CLI_COMPLETION_H_
#define LIVECOUNTER_CLI_COMPLETION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/command.h"

namespace livecounter::cli {

// The hidden command that scripts call: `livecounterctl __complete WORD...`, the last word being the
// one that is typed.
inline constexpr absl::string_view kCompleteCommand = "__complete";

// What the last of `words` may become, in order; nothing where the shell should offer files or cannot
// be helped. `contexts` are the names of contexts. Pure; any thread.
std::vector<std::string> Complete(const std::vector<Command>& commands,
                                  const std::vector<std::string>& contexts,
                                  absl::Span<const std::string> words);

// The script for "bash", "zsh" or "fish"; empty for others.
std::string CompletionScript(absl::string_view shell);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_COMPLETION_H_
