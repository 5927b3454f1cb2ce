#include "cli/times.h"

#include "gtest/gtest.h"

namespace livecounter::cli {
namespace {

absl::Time At(int year, int month, int day, int hour = 0, int minute = 0) {
  return absl::FromCivil(absl::CivilMinute(year, month, day, hour, minute), absl::UTCTimeZone());
}

const absl::Time kNow = At(2026, 11, 22, 10);

TEST(TimesTest, ReadsTimesDaysAndAges) {
  EXPECT_EQ(ParseTime("2026-11-22T09:30:00Z", kNow), At(2026, 11, 22, 9, 30));
  EXPECT_EQ(ParseTime("2026-11-22T10:30:00+01:00", kNow), At(2026, 11, 22, 9, 30));
  EXPECT_EQ(ParseTime("2026-11-01", kNow), At(2026, 11, 1));
  EXPECT_EQ(ParseTime("90m", kNow), At(2026, 11, 22, 8, 30));
  EXPECT_EQ(ParseTime("7d", kNow), At(2026, 11, 15, 10));
}

TEST(TimesTest, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "yesterday", "-1h", "-1d", "inf", "2026-13-01", "99999999999d", "d"}) {
    EXPECT_FALSE(IsTime(text)) << text;
  }
}

TEST(TimesTest, AMonthIsThatOfUtc) {
  const absl::optional<Month> month = ParseMonth("2026-12");
  ASSERT_TRUE(month.has_value());
  EXPECT_EQ(month->begin, At(2026, 12, 1));
  EXPECT_EQ(month->end, At(2027, 1, 1));
  EXPECT_EQ(MonthOf(At(2026, 12, 31, 23, 59)), "2026-12");
  for (const char* text : {"", "2026", "2026-13", "2026-1", "2026-11-01"}) {
    EXPECT_FALSE(ParseMonth(text).has_value()) << text;
  }
}

TEST(TimesTest, RelativeTimesHaveOneUnit) {
  EXPECT_EQ(RelativeTime(kNow, kNow), "just now");
  EXPECT_EQ(RelativeTime(kNow - absl::Seconds(59), kNow), "59 s ago");
  EXPECT_EQ(RelativeTime(kNow - absl::Seconds(3599), kNow), "59 min ago");
  EXPECT_EQ(RelativeTime(kNow - absl::Hours(3), kNow), "3 h ago");
  EXPECT_EQ(RelativeTime(kNow - absl::Hours(49), kNow), "2 d ago");
  EXPECT_EQ(RelativeTime(kNow + absl::Hours(24 * 30), kNow), "in 30 d");
  EXPECT_EQ(RelativeTime(At(2024, 2, 29), kNow), "2024-02-29");
}

TEST(TimesTest, FullTimesNameTheZone) {
  EXPECT_EQ(FullTime(At(2026, 11, 22, 7), kNow, absl::UTCTimeZone()),
            "2026-11-22 07:00:00 UTC (3 h ago)");
}

TEST(TimesTest, DurationsShowWhatMatters) {
  EXPECT_EQ(ShortDuration(absl::ZeroDuration()), "0 ms");
  EXPECT_EQ(ShortDuration(absl::Microseconds(250)), "250 µs");
  EXPECT_EQ(ShortDuration(absl::Microseconds(48'250)), "48.2 ms");
  EXPECT_EQ(ShortDuration(absl::Milliseconds(1'500)), "1.5 s");
  EXPECT_EQ(ShortDuration(absl::Minutes(10)), "10 min");
}

}  // namespace
}  // namespace livecounter::cli
