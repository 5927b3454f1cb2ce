// What the flags of every command come to: the command line wins over the environment, the environment
// over --flagfile, that over the context, and the context over the default.

#ifndef LIVECOUNTER_CLI_SETTINGS_H_
#define LIVECOUNTER_CLI_SETTINGS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "cli/command_line.h"
#include "cli/contexts.h"
#include "cli/host.h"
#include "services/runtime/tls_files.h"

namespace livecounter::cli {

inline constexpr char kDefaultServer[] = "127.0.0.1:9090";

struct Settings {
  std::string server = {};
  // At most one of the two.
  std::string token = {};
  std::string token_file = {};
  std::string account = {};  // default account; may be empty
  std::string url = {};      // of the gateways, by the context; may be empty
  bool json = false;
  absl::optional<absl::Duration> timeout = {};
  bool tls = false;
  runtime::TlsFiles tls_files = {};

  std::string contexts_path = {};  // empty where none can be had
  Contexts contexts = {};
  std::string context_name =
      {};  // named by flag or environment, else the current one; may be empty
  bool context_was_named = false;
  // A context belongs to its server: where --server names another one, neither its token nor its TLS
  // settings nor its account nor its url go there.
  bool uses_context = false;
};

// UsageError() for bad values and files of flags that cannot be read.
absl::StatusOr<Settings> ResolveSettings(const CommandLine& line, const Host& host);

// The token to call with. Unauthenticated says how to get one.
absl::StatusOr<std::string> ResolveToken(const Settings& settings);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_SETTINGS_H_
