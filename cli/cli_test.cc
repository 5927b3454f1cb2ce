// The program as a whole: help, exit codes, and errors of calls.

#include "cli/cli.h"

#include <string>

#include "cli/cli_fixture.h"
#include "cli/commands/commands.h"

namespace livecounter::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class WholeTest : public CliTest {};

TEST_F(WholeTest, WithoutACommandTheOverviewIsBadUsage) {
  EXPECT_EQ(Run(""), 2);
  EXPECT_THAT(err_, HasSubstr("counter increment"));
  EXPECT_EQ(out_, "");
}

TEST_F(WholeTest, HelpExplainsEveryCommandWithExamples) {
  for (const Command& command : AllCommands()) {
    for (const std::string& line : {"help " + command.path, command.path + " --help"}) {
      EXPECT_EQ(Run(line), 0) << line;
      EXPECT_THAT(out_, HasSubstr("Usage: livecounterctl " + command.path)) << line;
      EXPECT_THAT(out_, HasSubstr("Examples:")) << line;
      for (const Flag& flag : command.flags) EXPECT_THAT(out_, HasSubstr("--" + flag.name)) << line;
    }
  }
}

TEST_F(WholeTest, HelpOfANounListsItsVerbs) {
  for (const char* line : {"help account", "account --help"}) {
    EXPECT_EQ(Run(line), 0) << line;
    EXPECT_THAT(out_, HasSubstr("account deactivate"));
    EXPECT_THAT(out_, Not(HasSubstr("product create")));
  }
  EXPECT_EQ(Run("help acount"), 2);
  EXPECT_EQ(Run("help acount get"), 2);
  EXPECT_THAT(err_, HasSubstr("livecounterctl help account get"));
}

TEST_F(WholeTest, VersionIsSaidInThreeWays) {
  ASSERT_EQ(Run("version"), 0);
  const std::string version = out_;
  EXPECT_THAT(version, testing::MatchesRegex("livecounterctl [0-9.]+\n"));
  EXPECT_EQ(Run("--version"), 0);
  EXPECT_EQ(out_, version);
}

TEST_F(WholeTest, BadUsageSaysWhereHelpIs) {
  EXPECT_EQ(Run("account get a/b/c"), 2);
  EXPECT_THAT(err_, HasSubstr("Try: livecounterctl help account get\n"));
}

TEST_F(WholeTest, ErrorsOfCallsSayWhatToDo) {
  const struct {
    absl::Status status;
    const char* advice;
  } cases[] = {
      {absl::UnauthenticatedError("no"), "livecounterctl signin"},
      {absl::PermissionDeniedError("operators only"), "livecounterctl whoami"},
      {absl::AbortedError("another etag"), "livecounterctl: another etag\n"},
      {absl::UnimplementedError(""), "older than this program"},
      {absl::UnavailableError("draining"), "livecounterctl: draining\n"},
      {absl::UnavailableError(""), "livecounterctl: UNAVAILABLE\n"},
      {absl::InternalError(""), "INTERNAL"},
  };
  for (const auto& each : cases) {
    FakeServer server;
    server.Refuse("AdminService/GetAccount", each.status);
    environment_["LIVECOUNTER_SERVER"] = server.address();
    EXPECT_EQ(Run("account get demo"), 1) << each.status;
    EXPECT_THAT(err_, HasSubstr(std::string(each.status.message())));
    EXPECT_THAT(err_, HasSubstr(each.advice));
    EXPECT_THAT(err_, Not(HasSubstr("cannot reach")));
    EXPECT_THAT(err_, Not(HasSubstr(kToken)));
    EXPECT_EQ(out_, "");
  }
}

TEST_F(WholeTest, NoAnswerInTimeIsSaidAsThat) {
  server_.Hold("AdminService/GetAccount");
  EXPECT_EQ(Run("account get demo --timeout=50ms"), 1);
  EXPECT_THAT(err_, HasSubstr("no answer from " + server_.address() + " within 50 ms"));
  EXPECT_THAT(err_, HasSubstr("--timeout"));
}

TEST_F(WholeTest, AServerThatIsNotThereIsNamedWithTheReason) {
  EXPECT_EQ(Run("account get demo --server=127.0.0.1:1"), 1);
  EXPECT_THAT(err_, HasSubstr("cannot reach 127.0.0.1:1: Connection refused\n"));
  EXPECT_THAT(err_, HasSubstr("--server=HOST:PORT"));
}

TEST_F(WholeTest, MarkdownHasEveryCommand) {
  ASSERT_EQ(Run("--help_markdown"), 0);
  for (const Command& command : AllCommands()) {
    EXPECT_THAT(out_, HasSubstr("### " + command.path + "\n"));
  }
}

}  // namespace
}  // namespace livecounter::cli
