#include "services/runtime/flag_help.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/flag_types.h"

ABSL_FLAG(bool, help_bool, false, "");
ABSL_FLAG(int32_t, help_int32, 0, "");
ABSL_FLAG(int64_t, help_int64, 0, "");
ABSL_FLAG(uint32_t, help_uint32, 0, "");
ABSL_FLAG(uint64_t, help_uint64, 0, "");
ABSL_FLAG(double, help_double, 0, "");
ABSL_FLAG(absl::Duration, help_duration, absl::ZeroDuration(), "");
ABSL_FLAG(std::vector<std::string>, help_list, {}, "");
ABSL_FLAG(std::string, help_text, "a|b",
          "One of a|b, or a <word> that is so long that the line of the "
          "help has to be broken before it.");
ABSL_FLAG(livecounter::runtime::ListenAddress, help_listen, {}, "");
ABSL_FLAG(absl::Time, help_other, absl::InfinitePast(), "");

namespace livecounter::runtime {
namespace {

using ::testing::HasSubstr;

TEST(TakesByTypeTest, EachTypeSaysWhatItTakes) {
  const struct {
    const char* flag;
    std::string takes;
  } kCases[] = {
      {"help_bool", "true or false"},
      {"help_int32", "a whole number"},
      {"help_int64", "a whole number"},
      {"help_uint32", "a whole number from 0"},
      {"help_uint64", "a whole number from 0"},
      {"help_double", "a number"},
      {"help_duration", "a duration such as 100ms, 10s or 5m"},
      {"help_list", "a list separated by commas"},
      {"help_text", "text"},
      {"help_listen", std::string(kListenAddressTakes)},
      {"help_other", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(TakesByType(*absl::FindCommandLineFlag(c.flag)), c.takes) << c.flag;
  }
}

TEST(HelpTextTest, LongTextIsBrokenAndIndented) {
  const Program program = {"p", "s", {{"Group", {OwnFlag(FLAGS_help_text)}}}};
  EXPECT_THAT(
      HelpText(program),
      HasSubstr("Group:\n"
                "  --help_text=a|b\n"
                "      One of a|b, or a <word> that is so long that the line of the help has to\n"
                "      be broken before it. Takes text.\n"));
}

TEST(HelpTextTest, AFlagWithoutDefaultAndTakesIsOnlyNamed) {
  const Program program = {"p", "s", {{"Group", {OwnFlag(FLAGS_help_listen)}}}};
  EXPECT_THAT(HelpText(program), HasSubstr("\n  --help_listen\n"));
  EXPECT_THAT(HelpText(program), HasSubstr("\n  --version\n      Prints the version and exits.\n"));
}

TEST(HelpMarkdownTest, TextCannotBreakTheTable) {
  const Program program = {"p", "s", {{"Group", {OwnFlag(FLAGS_help_text)}}}};
  EXPECT_THAT(HelpMarkdown(program),
              HasSubstr("| `--help_text` | `a\\|b` | text | One of a\\|b, or a \\<word> "));
}

}  // namespace
}  // namespace livecounter::runtime
