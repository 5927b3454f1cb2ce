// What a failed call means to whoever typed the command. Pure; any thread.

#ifndef LIVECOUNTER_CLI_CALL_ERRORS_H_
#define LIVECOUNTER_CLI_CALL_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace livecounter::cli {

struct CallSite {
  std::string server = {};
  absl::Duration timeout = absl::InfiniteDuration();
  bool tls = false;
  bool with_token = false;
  bool answered = false;  // the failure is the server's own answer, not that of the way to it
};

// The same code; what the server said, made printable, and on a line of its own what to do about it
// where the server cannot know that. OK stays OK.
absl::Status ExplainCall(const absl::Status& status, const CallSite& site);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_CALL_ERRORS_H_
