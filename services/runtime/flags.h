// Flags as the contract wants them (§1): each flag of a program is read from the command line, from
// the environment as LIVECOUNTER_<FLAG> and from --flagfile=F, and the command line wins over the
// environment, the environment over the file, the file over the default. A bad one ends the program
// with exit code 2 and a message that names the flag, what it got and what it takes.
//
// Values live in absl::Flag (defined by ABSL_FLAG wherever they belong, read by absl::GetFlag);
// this replaces absl's own parser, which exits with 1 and does not read the environment. A program
// lists the flags that are its own; others that happen to be linked in are neither shown nor
// accepted.
//
//   const runtime::Program program = {
//       "livecounter-gateway", "the edge: WebSocket, SSE and HTTP to gRPC",
//       {{"Listening", {runtime::OwnFlag(FLAGS_http_listen),
//                       runtime::OwnFlag(FLAGS_threads, {.takes = "0 (one a core) to 64",
//                                                        .valid = [](int n) { … }})}},
//        runtime::LogFlags()}};
//   if (auto exit_code = runtime::ParseCommandLine(program, argc, argv)) return *exit_code;
//
// Besides its own, each program has --help, --help_markdown, --version, --flagfile, --check_config.
// To be called once, from main(), before other threads start.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_FLAGS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_FLAGS_H_

#include <functional>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/marshalling.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"

// True: check flags and what they lead to (files, addresses), print the result and exit.
ABSL_DECLARE_FLAG(bool, check_config);

namespace livecounter::runtime {

// One flag as one program has it. Made by OwnFlag().
struct FlagSpec {
  std::string name;
  absl::optional<std::string> default_text;  // this program's own default
  std::string takes;                         // what it takes, for messages and help
  std::function<bool()> valid;               // of the value that it has now; null: any
};

// What a program adds to a flag's definition.
template <typename T>
struct FlagRules {
  absl::optional<T> default_value = absl::nullopt;  // where programs differ
  std::string takes = "";                           // "1 to 64"; empty: said by the type
  std::function<bool(const T&)> valid = nullptr;    // a narrower range than the type's
};

// Naming the flag by its variable, not by a string, makes a forgotten definition a link error.
template <typename T>
FlagSpec OwnFlag(const absl::Flag<T>& flag, FlagRules<T> rules = {}) {
  FlagSpec spec;
  spec.name = std::string(absl::GetFlagReflectionHandle(flag).Name());
  if (rules.default_value) spec.default_text = absl::UnparseFlag<T>(*rules.default_value);
  spec.takes = std::move(rules.takes);
  if (rules.valid) {
    spec.valid = [&flag, valid = std::move(rules.valid)] { return valid(absl::GetFlag(flag)); };
  }
  return spec;
}

struct FlagGroup {
  std::string title;
  std::vector<FlagSpec> flags;
};

struct Program {
  std::string name;     // "livecounter-gateway"
  std::string summary;  // one line, in lower case, no full stop
  std::vector<FlagGroup> groups;
};

// Looks up one variable of the environment.
using Environment = std::function<absl::optional<std::string>(absl::string_view variable)>;
Environment ProcessEnvironment();

// Sets the program's flags. Nullopt: go on. Otherwise main() returns the value: 0 after --help,
// --help_markdown or --version (printed to `out`), 2 after bad usage (all of it told on `err`).
// Variables of the environment that name none of the program's flags are ignored: Kubernetes sets
// such for every Service.
absl::optional<int> ParseCommandLine(const Program& program, int argc, const char* const* argv);
absl::optional<int> ParseCommandLine(const Program& program,
                                     absl::Span<const std::string> arguments,
                                     const Environment& environment, std::ostream& out,
                                     std::ostream& err);

// A value that only turned out to be bad after parsing (a file that is not there, two flags that
// exclude each other): "--flag: got "value"; it takes …". runtime::RunProgram turns it into exit
// code 2. `flag` must be a flag of this process.
absl::Status BadFlag(absl::string_view flag, absl::string_view takes);
bool IsBadFlag(const absl::Status& status);

// The variable of the environment for a flag: LIVECOUNTER_HTTP_LISTEN for "http_listen".
std::string EnvironmentVariable(absl::string_view flag);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_FLAGS_H_
