#include "services/runtime/flags.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/flag_types.h"

ABSL_FLAG(livecounter::runtime::ListenAddress, test_listen,
          (livecounter::runtime::ListenAddress{"127.0.0.1", 8080}), "Where tests listen.");
ABSL_FLAG(int, test_threads, 2, "How many threads there are.");
ABSL_FLAG(bool, test_demo, false, "Loads demo data.");
ABSL_FLAG(absl::Duration, test_drain, absl::Seconds(20), "How long a drain takes.");
ABSL_FLAG(std::string, test_text, "", "Any text.");
ABSL_FLAG(int, test_not_ours, 1, "A flag of another program.");

namespace livecounter::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class FlagsTest : public testing::Test {
 protected:
  FlagsTest()
      : program_{
            "test-program",
            "a program of this test",
            {{"Listening", {OwnFlag(FLAGS_test_listen)}},
             {"Behaviour",
              {OwnFlag(FLAGS_test_threads, {.default_value = 4,
                                            .takes = "1 to 64",
                                            .valid = [](int n) { return 1 <= n && n <= 64; }}),
               OwnFlag(FLAGS_test_demo), OwnFlag(FLAGS_test_drain), OwnFlag(FLAGS_test_text)}}}} {}

  absl::optional<int> Parse(const std::vector<std::string>& arguments) {
    const Environment environment = [this](absl::string_view variable) {
      const auto found = environment_.find(std::string(variable));
      return found == environment_.end() ? absl::nullopt : absl::make_optional(found->second);
    };
    std::ostringstream out, err;
    const absl::optional<int> exit_code =
        ParseCommandLine(program_, arguments, environment, out, err);
    out_ = out.str();
    err_ = err.str();
    return exit_code;
  }
  void ExpectRuns(const std::vector<std::string>& arguments) {
    EXPECT_EQ(Parse(arguments), absl::nullopt) << err_;
    EXPECT_THAT(err_, IsEmpty());
    EXPECT_THAT(out_, IsEmpty());
  }
  void ExpectRefused(const std::vector<std::string>& arguments, const std::string& message) {
    EXPECT_EQ(Parse(arguments), absl::make_optional(2));
    EXPECT_THAT(out_, IsEmpty());
    EXPECT_EQ(err_, absl::StrCat("test-program: ", message, "\nTry test-program --help\n"));
  }
  void TearDown() override { unlink(flag_file_.c_str()); }
  // There is one at a time.
  std::string WriteFlagFile(absl::string_view text) {
    std::ofstream(flag_file_) << text;
    return flag_file_;
  }

  absl::FlagSaver saver_;
  const std::string flag_file_ = absl::StrCat(testing::TempDir(), "/flags_test_", getpid(), ".txt");
  Program program_;
  std::map<std::string, std::string> environment_;
  std::string out_;
  std::string err_;
};

TEST_F(FlagsTest, WithoutArgumentsTheProgramsOwnDefaultsHold) {
  ExpectRuns({});
  EXPECT_EQ(absl::GetFlag(FLAGS_test_threads), 4);
  EXPECT_EQ(absl::GetFlag(FLAGS_test_listen).port, 8080);
}

TEST_F(FlagsTest, ValuesAreTakenAfterAnEqualsSignOrAsTheNextArgument) {
  ExpectRuns({"--test_threads=8", "--test_drain", "1500ms", "--test_text=a=b"});
  EXPECT_EQ(absl::GetFlag(FLAGS_test_threads), 8);
  EXPECT_EQ(absl::GetFlag(FLAGS_test_drain), absl::Milliseconds(1500));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "a=b");
}

TEST_F(FlagsTest, BoolsNeedNoValueAndCanBeNegated) {
  ExpectRuns({"--test_demo"});
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_demo));
  ExpectRuns({"--notest_demo"});
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_demo));
  ExpectRuns({"--test_demo=true"});
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_demo));
}

TEST_F(FlagsTest, TheLastOfARepeatedFlagWins) {
  ExpectRuns({"--test_threads=8", "--test_threads=9"});
  EXPECT_EQ(absl::GetFlag(FLAGS_test_threads), 9);
}

TEST_F(FlagsTest, AnEmptyValueIsAValue) {
  ExpectRuns({"--test_listen="});
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_listen).enabled());
}

TEST_F(FlagsTest, CheckConfigIsAFlagOfEveryProgram) {
  ExpectRuns({"--check_config"});
  EXPECT_TRUE(absl::GetFlag(FLAGS_check_config));
}

TEST_F(FlagsTest, EnvironmentSetsAnyFlag) {
  environment_ = {{"LIVECOUNTER_TEST_THREADS", "7"}, {"LIVECOUNTER_TEST_DEMO", "true"}};
  ExpectRuns({});
  EXPECT_EQ(absl::GetFlag(FLAGS_test_threads), 7);
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_demo));
}

TEST_F(FlagsTest, VariablesThatNameNoFlagAreIgnored) {
  environment_ = {{"LIVECOUNTER_SERVICE_HOST", "10.0.0.1"}, {"LIVECOUNTER_TEST_NOT_OURS", "x"}};
  ExpectRuns({});
  EXPECT_EQ(absl::GetFlag(FLAGS_test_not_ours), 1);
}

TEST_F(FlagsTest, FlagFileHoldsOneFlagALineAndComments) {
  const std::string file = WriteFlagFile(
      "# ours\n\n--test_threads=5\r\n  test_text = two words \n--test_demo\n#--test_drain=1s\n");
  ExpectRuns({absl::StrCat("--flagfile=", file)});
  EXPECT_EQ(absl::GetFlag(FLAGS_test_threads), 5);
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "two words");
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_demo));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_drain), absl::Seconds(20));
}

TEST_F(FlagsTest, FlagFileCanBeNamedByTheEnvironmentOrTheNextArgument) {
  const std::string file = WriteFlagFile("test_threads=5\n");
  environment_ = {{"LIVECOUNTER_FLAGFILE", file}};
  ExpectRuns({});
  EXPECT_EQ(absl::GetFlag(FLAGS_test_threads), 5);
  environment_.clear();
  ExpectRuns({"--flagfile", file});
  EXPECT_EQ(absl::GetFlag(FLAGS_test_threads), 5);
}

TEST_F(FlagsTest, CommandLineWinsOverEnvironmentOverFileOverDefault) {
  const std::string file = WriteFlagFile("--test_threads=10\n--test_text=file\n--test_drain=10s\n");
  environment_ = {{"LIVECOUNTER_TEST_THREADS", "20"}, {"LIVECOUNTER_TEST_TEXT", "environment"}};
  ExpectRuns({"--test_threads=30", absl::StrCat("--flagfile=", file)});
  EXPECT_EQ(absl::GetFlag(FLAGS_test_threads), 30);
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "environment");
  EXPECT_EQ(absl::GetFlag(FLAGS_test_drain), absl::Seconds(10));
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_demo));
}

TEST_F(FlagsTest, ABadValueNamesTheFlagWhatItGotAndWhatItTakes) {
  ExpectRefused({"--test_threads=many"}, "--test_threads got \"many\"; it takes 1 to 64");
  ExpectRefused({"--test_demo=maybe"}, "--test_demo got \"maybe\"; it takes true or false");
  ExpectRefused({"--test_drain=20"},
                "--test_drain got \"20\"; it takes a duration such as 100ms, 10s or 5m");
}

TEST_F(FlagsTest, ATypesOwnRefusalIsPassedOn) {
  ExpectRefused({"--test_listen=8080"}, absl::StrCat("--test_listen got \"8080\"; it takes ",
                                                     kListenAddressTakes, "; there is no port"));
}

TEST_F(FlagsTest, AValueOutOfTheProgramsRangeIsRefused) {
  ExpectRefused({"--test_threads=65"}, "--test_threads got \"65\"; it takes 1 to 64");
  ExpectRuns({"--test_threads=64"});
}

TEST_F(FlagsTest, ABadValueInTheEnvironmentNamesTheVariable) {
  environment_ = {{"LIVECOUNTER_TEST_THREADS", "0"}};
  ExpectRefused({}, "LIVECOUNTER_TEST_THREADS (--test_threads) got \"0\"; it takes 1 to 64");
}

TEST_F(FlagsTest, ABadValueInAFileNamesFileAndLine) {
  const std::string file = WriteFlagFile("# x\n--test_threads=none\n");
  ExpectRefused({absl::StrCat("--flagfile=", file)},
                absl::StrCat(file, ":2: --test_threads got \"none\"; it takes 1 to 64"));
}

TEST_F(FlagsTest, ABadValueIsToldEvenWhereABetterOneWins) {
  environment_ = {{"LIVECOUNTER_TEST_THREADS", "none"}};
  EXPECT_EQ(Parse({"--test_threads=3"}), absl::make_optional(2));
  EXPECT_THAT(err_, HasSubstr("LIVECOUNTER_TEST_THREADS"));
}

TEST_F(FlagsTest, AMissingValueIsRefused) {
  ExpectRefused({"--test_threads"}, "--test_threads got no value; it takes 1 to 64");
  ExpectRefused({"--test_threads", "--test_demo"}, "--test_threads got no value; it takes 1 to 64");
  ExpectRefused({"--flagfile"}, "--flagfile got no value; it takes a file");
  const std::string file = WriteFlagFile("test_threads\n");
  ExpectRefused({"--flagfile", file},
                absl::StrCat(file, ":1: --test_threads got no value; it takes 1 to 64"));
}

TEST_F(FlagsTest, AnUnknownFlagIsRefusedWithTheNearestName) {
  ExpectRefused({"--test-threads=3"},
                "--test-threads is not a flag of this program; did you mean --test_threads?");
  ExpectRefused({"--hlep"}, "--hlep is not a flag of this program; did you mean --help?");
  ExpectRefused({"--verbosity", "9"}, "--verbosity is not a flag of this program");
  const std::string file = WriteFlagFile("test_txt=1\n");
  ExpectRefused({"--flagfile", file}, absl::StrCat(file,
                                                   ":1: --test_txt is not a flag of this program; "
                                                   "did you mean --test_text?"));
}

TEST_F(FlagsTest, AFlagThatIsLinkedInButNotThisProgramsIsUnknown) {
  EXPECT_EQ(Parse({"--test_not_ours=3"}), absl::make_optional(2));
  EXPECT_THAT(err_, HasSubstr("--test_not_ours is not a flag of this program"));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_not_ours), 1);
}

TEST_F(FlagsTest, OtherArgumentsAreRefused) {
  ExpectRefused({"serve"}, "cannot use the argument \"serve\"; flags are written --flag=value");
  ExpectRefused({"-v"}, "cannot use the argument \"-v\"; flags are written --flag=value");
  ExpectRefused({"--"}, "cannot use the argument \"--\"; flags are written --flag=value");
  ExpectRefused({"--test_demo", "false"},
                "cannot use the argument \"false\"; flags are written --flag=value");
}

TEST_F(FlagsTest, AFlagFileThatIsNotThereIsRefused) {
  ExpectRefused({"--flagfile=/no/such/file"},
                "--flagfile got \"/no/such/file\"; it takes a file that can be read");
}

TEST_F(FlagsTest, AFlagFileCannotNameAnother) {
  const std::string file = WriteFlagFile("--flagfile=other\n");
  EXPECT_EQ(Parse({"--flagfile", file}), absl::make_optional(2));
  EXPECT_THAT(err_, HasSubstr(":1: --flagfile is not a flag of this program"));
}

TEST_F(FlagsTest, EveryMistakeIsToldAtOnce) {
  EXPECT_EQ(Parse({"--test_threads=x", "--nonsense_here=1", "--test_demo=maybe"}),
            absl::make_optional(2));
  EXPECT_THAT(err_, HasSubstr("--test_threads got"));
  EXPECT_THAT(err_, HasSubstr("--nonsense_here is not"));
  EXPECT_THAT(err_, HasSubstr("--test_demo got"));
}

TEST_F(FlagsTest, OddAndLongValuesAreShownSafely) {
  ExpectRefused({"--test_threads=a\n\x1b"}, "--test_threads got \"a\\n\\x1b\"; it takes 1 to 64");
  EXPECT_EQ(Parse({absl::StrCat("--test_threads=", std::string(5000, 'x'))}),
            absl::make_optional(2));
  EXPECT_LT(err_.size(), 300u);
}

TEST_F(FlagsTest, HelpShowsTheProgramsFlagsByGroupWithDefaults) {
  EXPECT_EQ(Parse({"--help"}), absl::make_optional(0));
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_THAT(out_, HasSubstr("test-program: a program of this test\n"));
  EXPECT_THAT(out_, HasSubstr("\nListening:\n  --test_listen=127.0.0.1:8080\n"));
  EXPECT_THAT(out_, HasSubstr("\n  --test_threads=4\n      How many threads there are. "
                              "Takes 1 to 64.\n"));
  EXPECT_THAT(out_, HasSubstr("\n  --flagfile\n"));
  EXPECT_THAT(out_, HasSubstr("\n  --check_config=false\n"));
  EXPECT_THAT(out_, Not(HasSubstr("test_not_ours")));
}

TEST_F(FlagsTest, HelpFitsATerminal) {
  EXPECT_EQ(Parse({"-h"}), absl::make_optional(0));
  std::istringstream lines(out_);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

TEST_F(FlagsTest, HelpIsGivenWhateverElseIsWrong) {
  EXPECT_EQ(Parse({"--test_threads=x", "--help", "--nonsense"}), absl::make_optional(0));
}

TEST_F(FlagsTest, HelpMarkdownIsATableForEachGroup) {
  EXPECT_EQ(Parse({"--help_markdown"}), absl::make_optional(0));
  EXPECT_THAT(out_, HasSubstr("## test-program\n\na program of this test\n\nEach flag may also"));
  EXPECT_THAT(out_, HasSubstr("\n### test-program: behaviour\n\n"
                              "| Flag | Default | Takes | Meaning |\n|---|---|---|---|\n"
                              "| `--test_threads` | `4` | 1 to 64 | How many threads there are. |\n"
                              "| `--test_demo` | `false` | true or false | Loads demo data. |\n"));
}

TEST_F(FlagsTest, VersionNamesProgramAndVersion) {
  EXPECT_EQ(Parse({"--version"}), absl::make_optional(0));
  EXPECT_THAT(out_, testing::MatchesRegex("test-program [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(FlagsTest, BadFlagIsABadFlagStatusThatReadsLikeTheParsersOwn) {
  ExpectRuns({"--test_text=redis"});
  const absl::Status status = BadFlag("test_text", "embedded; redis does not exist yet");
  EXPECT_TRUE(IsBadFlag(status));
  EXPECT_EQ(status.message(),
            "--test_text got \"redis\"; it takes embedded; redis does not exist yet");
  EXPECT_FALSE(IsBadFlag(absl::InvalidArgumentError("x")));
  EXPECT_FALSE(IsBadFlag(absl::OkStatus()));
}

TEST(EnvironmentTest, ProcessEnvironmentIsReadAsItIs) {
  setenv("LIVECOUNTER_FLAGS_TEST", "x", 1);
  EXPECT_EQ(ProcessEnvironment()("LIVECOUNTER_FLAGS_TEST"), absl::make_optional<std::string>("x"));
  unsetenv("LIVECOUNTER_FLAGS_TEST");
  EXPECT_EQ(ProcessEnvironment()("LIVECOUNTER_FLAGS_TEST"), absl::nullopt);
}

TEST(EnvironmentTest, VariableIsTheFlagInUpperCase) {
  EXPECT_EQ(EnvironmentVariable("http_listen"), "LIVECOUNTER_HTTP_LISTEN");
}

}  // namespace
}  // namespace livecounter::runtime
