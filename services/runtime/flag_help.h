// How flags are told to people: --help, --help_markdown, and what a flag takes in error messages.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_FLAG_HELP_H_
#define LIVECOUNTER_SERVICES_RUNTIME_FLAG_HELP_H_

#include <string>

#include "absl/flags/commandlineflag.h"
#include "services/runtime/flags.h"

namespace livecounter::runtime {

// What values of `flag` look like, from its type: "true or false". "" for types unknown here.
std::string TakesByType(const absl::CommandLineFlag& flag);

// The program, its flags by group with defaults, and the flags that every program has; wrapped for
// a terminal.
std::string HelpText(const Program& program);

// A section of docs/configuration.md: a heading, and a table for each group.
std::string HelpMarkdown(const Program& program);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_FLAG_HELP_H_
