// One run of one command: its arguments, its settings, the server and what it prints.
//
// Used by the main thread. Errors of calls are made for the user already (call_errors.h).

#ifndef LIVECOUNTER_CLI_RUN_H_
#define LIVECOUNTER_CLI_RUN_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "cli/command_line.h"
#include "cli/host.h"
#include "cli/settings.h"
#include "cli/style.h"

namespace google::protobuf {
class Message;
}

namespace livecounter::cli {

class Client;

class CommandRun {
 public:
  // What it is given outlives it.
  CommandRun(const CommandLine& line, const Settings& settings, Host& host);
  ~CommandRun();

  const CommandLine& line() const { return line_; }
  const Settings& settings() const { return settings_; }
  Host& host() { return host_; }
  absl::Time now() const { return host_.clock.Now(); }

  // The positional number `i`, "" where it was left out.
  const std::string& Argument(size_t i) const;
  // Flags of the command; where they were not given "", false, 0 and nothing.
  bool Has(absl::string_view flag) const { return line_.flags.contains(flag); }
  const std::string& Text(absl::string_view flag) const;
  bool IsTrue(absl::string_view flag) const { return Text(flag) == "true"; }
  int64_t Integer(absl::string_view flag) const;
  double Number(absl::string_view flag) const;
  absl::Duration Duration(absl::string_view flag) const;
  absl::optional<absl::Time> Time(absl::string_view flag) const;

  // The server, with the user's token. Made when it is first asked for.
  absl::StatusOr<Client*> client();
  // The same for streams that last until somebody ends them: no time-out.
  absl::StatusOr<std::unique_ptr<Client>> StreamingClient() const;
  // The server, for calls that need no token.
  absl::StatusOr<std::unique_ptr<Client>> AnonymousClient() const;

  bool json() const { return settings_.json; }
  Style style() const;
  void Print(absl::string_view text);
  void Flush();
  void PrintJson(const google::protobuf::Message& message);
  void Note(absl::string_view text);  // beside the output, on standard error
  // Says that a list goes on, unless `next_page_token` is empty.
  void NoteMore(absl::string_view next_page_token);
  // For calls that answer nothing: says what was done, as a note, where the call went well.
  template <typename Answer>
  absl::Status Done(const absl::StatusOr<Answer>& answer, absl::string_view what) {
    if (answer.ok()) Note(what);
    return answer.status();
  }

  // Asks "question [y/N]" where somebody is there to answer and --yes was not given; Cancelled unless
  // the answer is yes. Scripts are not asked.
  absl::Status Confirm(absl::string_view question);

 private:
  // Of one call.
  absl::Duration Timeout() const;
  absl::StatusOr<std::unique_ptr<Client>> MakeClient(const std::string& token,
                                                     absl::Duration timeout) const;

  const CommandLine& line_;
  const Settings& settings_;
  Host& host_;
  std::unique_ptr<Client> client_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_RUN_H_
