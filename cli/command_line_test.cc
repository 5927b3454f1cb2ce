#include "cli/command_line.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/commands/commands.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const std::vector<Command>& TestCommands() {
  static const auto* const commands = new std::vector<Command>{
      {.path = "counter get", .positionals = {{.name = "COUNTER", .meaning = "A counter."}}},
      {.path = "counter set",
       .positionals = {{.name = "COUNTER"}, {.name = "HITS", .optional = true}},
       .flags = {{.name = "by", .type = FlagType::kInteger},
                 {.name = "page_token"},
                 {.name = "yes", .letter = "y", .type = FlagType::kBool},
                 {.name = "color", .type = FlagType::kChoice, .choices = {"red", "green"}}}},
      {.path = "watch", .positionals = {{.name = "COUNTER", .repeated = true}}},
      {.path = "shell", .positionals = {{.name = "SHELL", .choices = {"bash", "fish"}}}},
  };
  return *commands;
}

absl::StatusOr<CommandLine> Parse(const std::vector<std::string>& words) {
  return ParseCommandLine(TestCommands(), words);
}

CommandLine Good(const std::vector<std::string>& words) {
  absl::StatusOr<CommandLine> line = Parse(words);
  EXPECT_TRUE(line.ok()) << line.status();
  return line.ok() ? *line : CommandLine{};
}

std::string Complaint(const std::vector<std::string>& words) {
  const absl::Status status = Parse(words).status();
  EXPECT_TRUE(IsUsageError(status)) << status;
  return std::string(status.message());
}

TEST(CommandLineTest, FlagsMayStandAnywhereAndBeWrittenInManyWays) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"counter", "set", "--by=5", "-o", "json", "x"},
           {"--by", "5", "-ojson", "counter", "set", "x"},
           {"-o=json", "counter", "--by=5", "set", "x"},
           {"counter", "set", "x", "--by", "5", "--output", "json"}}) {
    const CommandLine line = Good(words);
    ASSERT_NE(line.command, nullptr);
    EXPECT_EQ(line.command->path, "counter set");
    EXPECT_THAT(line.positionals, ElementsAre("x"));
    EXPECT_THAT(line.flags, ElementsAre(Pair("by", "5")));
    EXPECT_THAT(line.globals, ElementsAre(Pair("output", "json")));
  }
}

TEST(CommandLineTest, DashesInNamesAreUnderscores) {
  EXPECT_THAT(Good({"counter", "set", "x", "--page-token=a-b"}).flags,
              ElementsAre(Pair("page_token", "a-b")));
}

TEST(CommandLineTest, BoolsNeedNoValueAndTakeOne) {
  EXPECT_THAT(Good({"counter", "set", "x", "-y"}).flags, ElementsAre(Pair("yes", "true")));
  EXPECT_THAT(Good({"counter", "set", "x", "--noyes"}).flags, ElementsAre(Pair("yes", "false")));
  EXPECT_THAT(Good({"counter", "set", "x", "--yes=0"}).flags, ElementsAre(Pair("yes", "false")));
  EXPECT_THAT(Complaint({"counter", "set", "x", "--yes=perhaps"}),
              HasSubstr("got \"perhaps\"; it takes true or false"));
}

TEST(CommandLineTest, NegativeNumbersAndASingleDashAreNoFlags) {
  EXPECT_THAT(Good({"counter", "set", "x", "-5"}).positionals, ElementsAre("x", "-5"));
  EXPECT_THAT(Good({"counter", "set", "x", "-"}).positionals, ElementsAre("x", "-"));
}

TEST(CommandLineTest, TwoDashesEndTheFlags) {
  EXPECT_THAT(Good({"counter", "get", "--", "--by"}).positionals, ElementsAre("--by"));
}

TEST(CommandLineTest, TheLastPositionalMayRepeat) {
  EXPECT_THAT(Good({"watch", "a", "b", "c"}).positionals, ElementsAre("a", "b", "c"));
}

TEST(CommandLineTest, WhatIsMissingOrTooMuchIsNamed) {
  EXPECT_THAT(Complaint({"counter", "get"}), HasSubstr("needs COUNTER: A counter."));
  EXPECT_THAT(Complaint({"counter", "get", "a", "b"}), HasSubstr("does not take \"b\""));
  EXPECT_THAT(Complaint({"counter", "set", "x", "--by"}), HasSubstr("--by got no value"));
  EXPECT_THAT(Complaint({"counter", "set", "x", "--by=many"}),
              HasSubstr("--by got \"many\"; it takes a whole number from 0"));
  EXPECT_THAT(Complaint({"counter", "set", "x", "--color=blue"}), HasSubstr("one of red, green"));
  EXPECT_THAT(Complaint({"shell", "bsah"}), HasSubstr("did you mean bash?"));
  EXPECT_THAT(Complaint({"counter"}), HasSubstr("takes one of get, set"));
  EXPECT_THAT(Complaint({}), HasSubstr("no command"));
}

TEST(CommandLineTest, MisspeltCommandsAndFlagsAreGuessed) {
  EXPECT_THAT(Complaint({"cuonter", "get", "x"}), HasSubstr("did you mean counter?"));
  EXPECT_THAT(Complaint({"counter", "gte", "x"}), HasSubstr("did you mean counter get?"));
  EXPECT_THAT(Complaint({"counter", "explode"}), HasSubstr("takes one of get, set"));
  EXPECT_THAT(Complaint({"counter", "set", "x", "--pagetoken=1"}),
              HasSubstr("did you mean --page_token?"));
  EXPECT_THAT(Complaint({"counter", "get", "x", "--sever=a:1"}),
              HasSubstr("did you mean --server?"));
}

TEST(CommandLineTest, FlagsOfOtherCommandsAreNotTaken) {
  EXPECT_THAT(Complaint({"counter", "get", "x", "--by=1"}),
              HasSubstr("not a flag of `counter get`"));
}

TEST(CommandLineTest, HelpNeedsNoCompleteCommand) {
  EXPECT_EQ(Good({"counter", "get", "--help"}).command->path, "counter get");
  EXPECT_EQ(Good({"--help"}).command, nullptr);
  EXPECT_THAT(Good({"counter", "-h"}).words, ElementsAre("counter"));
  EXPECT_THAT(Complaint({"nonsense", "--help"}), HasSubstr("no command \"nonsense\""));
}

TEST(CommandLineTest, ControlCharactersAreNotSaidBack) {
  EXPECT_THAT(Complaint({"\x1b[31m"}), HasSubstr("\\x1b"));
}

TEST(FlagFileTest, HoldsOneFlagALineAndComments) {
  const auto values = ParseFlagFile("f", "# mine\n--server=a:1\n\n  output=json\n--tls\n");
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(*values,
              ElementsAre(Pair("output", "json"), Pair("server", "a:1"), Pair("tls", "true")));
}

TEST(FlagFileTest, ErrorsNameTheLine) {
  EXPECT_THAT(ParseFlagFile("f", "--server=a:1\n--by=3\n").status().message(),
              HasSubstr("f:2: --by"));
  EXPECT_THAT(ParseFlagFile("f", "--timeout=long").status().message(), HasSubstr("100ms"));
}

// The real table keeps the rules that the parser and the help rely on.
TEST(CommandTableTest, IsInOrder) {
  std::set<std::string> paths;
  std::map<std::string, bool> is_bool;  // the parser looks for commands past flags of any of them
  for (const Command& command : AllCommands()) {
    EXPECT_TRUE(paths.insert(command.path).second) << command.path << " is there twice";
    EXPECT_LE(PathWords(command).size(), 2u) << command.path;
    EXPECT_NE(command.run, nullptr) << command.path;
    EXPECT_EQ(command.summary.back(), '.') << command.path;
    for (const Flag& flag : command.flags) {
      EXPECT_EQ(flag.meaning.back(), '.') << command.path << " --" << flag.name;
      const auto same = is_bool.emplace(flag.name, flag.type == FlagType::kBool).first;
      EXPECT_EQ(same->second, flag.type == FlagType::kBool) << command.path << " --" << flag.name;
      EXPECT_EQ(flag.choices.empty(), flag.type != FlagType::kChoice) << flag.name;
    }
    bool optional = false;
    for (const Positional& positional : command.positionals) {
      EXPECT_EQ(positional.meaning.back(), '.') << command.path << " " << positional.name;
      EXPECT_TRUE(positional.optional || !optional) << command.path << " " << positional.name;
      optional |= positional.optional;
    }
  }
}

}  // namespace
}  // namespace livecounter::cli
