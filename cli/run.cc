#include "cli/run.h"

#include <istream>
#include <ostream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/client.h"
#include "cli/json.h"
#include "cli/times.h"

namespace livecounter::cli {
namespace {

const std::string& Nothing() {
  static const auto* const nothing = new std::string();
  return *nothing;
}

}  // namespace

CommandRun::CommandRun(const CommandLine& line, const Settings& settings, Host& host)
    : line_(line), settings_(settings), host_(host) {}

CommandRun::~CommandRun() = default;

const std::string& CommandRun::Argument(size_t i) const {
  return i < line_.positionals.size() ? line_.positionals[i] : Nothing();
}

const std::string& CommandRun::Text(absl::string_view flag) const {
  const auto found = line_.flags.find(flag);
  return found == line_.flags.end() ? Nothing() : found->second;
}

int64_t CommandRun::Integer(absl::string_view flag) const {
  int64_t number = 0;
  return absl::SimpleAtoi(Text(flag), &number) ? number : 0;
}

double CommandRun::Number(absl::string_view flag) const {
  double number = 0;
  return absl::SimpleAtod(Text(flag), &number) ? number : 0;
}

absl::Duration CommandRun::Duration(absl::string_view flag) const {
  absl::Duration duration;
  return absl::ParseDuration(Text(flag), &duration) ? duration : absl::ZeroDuration();
}

absl::optional<absl::Time> CommandRun::Time(absl::string_view flag) const {
  return Has(flag) ? ParseTime(Text(flag), now()) : absl::nullopt;
}

absl::StatusOr<Client*> CommandRun::client() {
  if (client_ == nullptr) {
    absl::StatusOr<std::string> token = ResolveToken(settings_);
    if (!token.ok()) return token.status();
    absl::StatusOr<std::unique_ptr<Client>> client = MakeClient(*token, Timeout());
    if (!client.ok()) return client.status();
    client_ = *std::move(client);
  }
  return client_.get();
}

absl::StatusOr<std::unique_ptr<Client>> CommandRun::StreamingClient() const {
  absl::StatusOr<std::string> token = ResolveToken(settings_);
  if (!token.ok()) return token.status();
  return MakeClient(*token, absl::InfiniteDuration());
}

absl::StatusOr<std::unique_ptr<Client>> CommandRun::AnonymousClient() const {
  return MakeClient("", Timeout());
}

absl::Duration CommandRun::Timeout() const {
  constexpr absl::Duration kWithoutCommand = absl::Seconds(10);
  return settings_.timeout.value_or(line_.command != nullptr ? line_.command->timeout
                                                             : kWithoutCommand);
}

absl::StatusOr<std::unique_ptr<Client>> CommandRun::MakeClient(const std::string& token,
                                                               absl::Duration timeout) const {
  absl::StatusOr<std::unique_ptr<Client>> client = Client::Make({.server = settings_.server,
                                                                 .token = token,
                                                                 .tls = settings_.tls,
                                                                 .tls_files = settings_.tls_files,
                                                                 .timeout = timeout});
  if (client.ok()) return client;
  return UsageError(absl::StrCat(client.status().message(), "; see --server and the TLS flags"));
}

Style CommandRun::style() const {
  const absl::optional<std::string> no_color = host_.environment("NO_COLOR");
  return {.colored = host_.terminal.CanRedraw() && (!no_color || no_color->empty())};
}

void CommandRun::Print(absl::string_view text) { host_.out << text; }

void CommandRun::Flush() { host_.out << std::flush; }

void CommandRun::PrintJson(const google::protobuf::Message& message) {
  host_.out << JsonDocument(message);
}

void CommandRun::Note(absl::string_view text) { host_.err << text << "\n"; }

void CommandRun::NoteMore(absl::string_view next_page_token) {
  if (!next_page_token.empty()) {
    Note(absl::StrCat("There are more: --page_token=", next_page_token, " goes on."));
  }
}

absl::Status CommandRun::Confirm(absl::string_view question) {
  if (IsTrue("yes") || !host_.terminal.CanAsk()) return absl::OkStatus();
  host_.err << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(host_.in, answer);
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  if (answer == "y" || answer == "yes") return absl::OkStatus();
  return absl::CancelledError("nothing was done");
}

}  // namespace livecounter::cli
