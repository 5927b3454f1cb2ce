// Contexts: named sets of a server, how to be known there, and a default account, in one JSON file that
// only its owner may read.

#ifndef LIVECOUNTER_CLI_CONTEXTS_H_
#define LIVECOUNTER_CLI_CONTEXTS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/runtime/flags.h"
#include "services/runtime/tls_files.h"

namespace livecounter::cli {

struct Context {
  std::string server = {};
  std::string token = {};       // of a session; or
  std::string token_file = {};  // where to read one, an absolute path
  std::string account = {};     // an id
  std::string url = {};         // where browsers reach the gateways
  bool tls = false;
  runtime::TlsFiles tls_files = {};  // absolute paths

  friend bool operator==(const Context& a, const Context& b) {
    return a.server == b.server && a.token == b.token && a.token_file == b.token_file &&
           a.account == b.account && a.url == b.url && a.tls == b.tls &&
           a.tls_files.cert == b.tls_files.cert && a.tls_files.key == b.tls_files.key &&
           a.tls_files.ca == b.tls_files.ca;
  }
};

struct Contexts {
  std::string current = {};  // a key of `by_name`, or empty
  std::map<std::string, Context> by_name = {};
};

// $XDG_CONFIG_HOME or ~/.config, then livecounter/contexts.json. FailedPrecondition where neither
// XDG_CONFIG_HOME nor HOME is set.
absl::StatusOr<std::string> ContextsPath(const runtime::Environment& environment);

// What is in the file; nothing where it is not there. Errors name it.
absl::StatusOr<Contexts> LoadContexts(const std::string& path);

// Replaces the file, mode 0600, whole or not at all; makes its folder, mode 0700. Errors name it.
absl::Status SaveContexts(const std::string& path, const Contexts& contexts);

// The file's text, for LoadContexts() and tests. InvalidArgument says what is wrong.
absl::StatusOr<Contexts> ParseContexts(const std::string& text);
std::string ContextsText(const Contexts& contexts);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_CONTEXTS_H_
