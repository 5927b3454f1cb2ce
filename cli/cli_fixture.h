// livecounterctl in a test's own process: a fake server, a terminal that answers, an environment and a
// home folder of its own.

#ifndef LIVECOUNTER_CLI_CLI_FIXTURE_H_
#define LIVECOUNTER_CLI_CLI_FIXTURE_H_

#include <stdlib.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "cli/cli.h"
#include "cli/fake_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::cli {

class FakeTerminal final : public Terminal {
 public:
  bool CanAsk() const override { return can_ask; }
  bool CanRedraw() const override { return can_redraw; }
  TerminalSize Size() const override { return size; }
  absl::StatusOr<std::string> ReadHidden(absl::string_view prompt) override {
    prompts.emplace_back(prompt);
    if (answers.empty()) return absl::CancelledError("nothing was entered");
    std::string answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    return answer;
  }

  bool can_ask = false;
  bool can_redraw = false;
  TerminalSize size = {};
  std::deque<std::string> answers = {};  // the last one for ever
  std::vector<std::string> prompts = {};
};

// Words as a shell would make them: blanks separate, ' and " quote.
inline std::vector<std::string> ShellWords(absl::string_view line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool open = false;
  for (const char c : line) {
    if (quote != 0 ? c == quote : c == '\'' || c == '"') {
      quote = quote != 0 ? 0 : c;
      open = true;
    } else if (c == ' ' && quote == 0) {
      if (open) words.push_back(std::exchange(word, ""));
      open = false;
    } else {
      word.push_back(c);
      open = true;
    }
  }
  if (open) words.push_back(word);
  return words;
}

class CliTest : public testing::Test {
 protected:
  static constexpr char kToken[] = "t0ken";

  CliTest() : home_((std::filesystem::temp_directory_path() / "livecounterctl_XXXXXX").string()) {
    if (mkdtemp(home_.data()) == nullptr) std::abort();
    environment_["HOME"] = home_;
    environment_["LIVECOUNTER_SERVER"] = server_.address();
    environment_["LIVECOUNTER_TOKEN"] = kToken;
  }
  ~CliTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(home_, ignored);
  }

  // The exit code; what was said is in out_ and err_. `line` stands after the program's name.
  int Run(absl::string_view line, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    Host host = {.environment = [this](absl::string_view name) -> absl::optional<std::string> {
                   const auto found = environment_.find(std::string(name));
                   if (found == environment_.end()) return absl::nullopt;
                   return found->second;
                 },
                 .working_folder = home_,
                 .in = in,
                 .out = out,
                 .err = err,
                 .terminal = terminal_,
                 .clock = *clock_used_,
                 .sleep = [this](absl::Duration time) { slept_.push_back(time); },
                 .zone = absl::UTCTimeZone()};
    const int code = RunCli(ShellWords(line), host);
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  std::string Path(absl::string_view name) const { return absl::StrCat(home_, "/", name); }
  void WriteFile(absl::string_view name, absl::string_view text) const {
    std::ofstream(Path(name)) << text;
  }
  std::string ReadFile(absl::string_view name) const {
    std::ostringstream text;
    text << std::ifstream(Path(name)).rdbuf();
    return text.str();
  }

  static absl::Time Start() {
    return absl::FromCivil(absl::CivilSecond(2026, 11, 22, 10, 0, 0), absl::UTCTimeZone());
  }

  FakeServer server_;
  FakeTerminal terminal_;
  runtime::RealClock clock_{Start()};
  runtime::Clock* clock_used_ = &clock_;
  std::vector<absl::Duration> slept_;
  std::map<std::string, std::string> environment_;
  std::string home_;
  std::string out_;
  std::string err_;
};

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_CLI_FIXTURE_H_
