// Secrets that people give: from a file, from standard input, or typed without being shown. Never from
// the command line, which other users of a machine can read.

#ifndef LIVECOUNTER_CLI_SECRETS_H_
#define LIVECOUNTER_CLI_SECRETS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/host.h"

namespace livecounter::cli {

struct SecretSource {
  std::string flag = {};    // which names the file: "password_file"
  std::string file = {};    // its value; "-" is standard input, empty asks on the terminal
  std::string prompt = {};  // "Password"
  bool twice = false;       // ask again, and refuse what differs: for new ones
};

// One line without its newline. From standard input the next one, so that a command may read several.
// UsageError() where there is neither a file nor a terminal, or nothing in them; Cancelled after Ctrl-C.
absl::StatusOr<std::string> ReadSecret(const SecretSource& source, Host& host);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_SECRETS_H_
