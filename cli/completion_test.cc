#include "cli/completion.h"

#include <string>
#include <vector>

#include "cli/cli_fixture.h"
#include "cli/commands/commands.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> After(const std::vector<std::string>& words) {
  return Complete(AllCommands(), {"local", "production"}, words);
}

TEST(CompletionTest, CommandsComeWordByWord) {
  EXPECT_THAT(After({"acc"}), ElementsAre("account"));
  EXPECT_THAT(After({"account", "de"}), ElementsAre("deactivate", "delete"));
  EXPECT_THAT(After({"-o", "json", "account", "g"}), ElementsAre("get"));
  EXPECT_THAT(After({"nonsense", ""}), IsEmpty());
  EXPECT_THAT(After({""}), Contains("usage"));
  EXPECT_THAT(After({}), IsEmpty());
}

TEST(CompletionTest, FlagsAreThoseOfTheCommandAndOfAll) {
  EXPECT_THAT(After({"counter", "increment", "--b"}), ElementsAre("--by="));
  EXPECT_THAT(After({"counter", "get", "--b"}), IsEmpty());
  EXPECT_THAT(After({"counter", "get", "--ser"}), ElementsAre("--server="));
  EXPECT_THAT(After({"account", "delete", "demo", "--y"}), ElementsAre("--yes"));
}

TEST(CompletionTest, ValuesThatAreKnownAreOffered) {
  EXPECT_THAT(After({"account", "list", "--output="}),
              ElementsAre("--output=json", "--output=table"));
  EXPECT_THAT(After({"account", "list", "-o", "j"}), ElementsAre("json"));
  EXPECT_THAT(After({"usage", "--by=m"}), ElementsAre("--by=month"));
  EXPECT_THAT(After({"completion", ""}), ElementsAre("bash", "fish", "zsh"));
  EXPECT_THAT(After({"context", "use", ""}), ElementsAre("local", "production"));
  EXPECT_THAT(After({"--context=p"}), ElementsAre("--context=production"));
}

TEST(CompletionTest, HelpTakesCommands) {
  EXPECT_THAT(After({"help", "prod"}), ElementsAre("product"));
  EXPECT_THAT(After({"help", "product", "t"}), ElementsAre("test"));
}

class CompletionCommandTest : public CliTest {};

TEST_F(CompletionCommandTest, PrintsScriptsAndCandidates) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_EQ(Run(std::string("completion ") + shell), 0);
    EXPECT_THAT(out_, HasSubstr("livecounterctl __complete"));
  }
  EXPECT_EQ(Run("completion tcsh"), 2);
  EXPECT_THAT(err_, HasSubstr("bash, zsh, fish"));
  EXPECT_EQ(Run("__complete key r"), 0);
  EXPECT_EQ(out_, "revoke\n");
  EXPECT_EQ(Run("help"), 0);
  EXPECT_THAT(out_, Not(HasSubstr("__complete")));
}

}  // namespace
}  // namespace livecounter::cli
