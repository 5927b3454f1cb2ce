#include "core/example_data.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::Counter;

constexpr absl::Duration kStep = absl::Seconds(3);

// A Wednesday.
absl::Time Midweek(int hour) {
  return absl::FromCivil(absl::CivilHour(2026, 3, 4, hour), absl::UTCTimeZone());
}

std::vector<ExampleNumbers> Walk(const CounterId& counter, absl::Time from, absl::Duration time) {
  std::vector<ExampleNumbers> walk;
  for (absl::Time now = from; now < from + time; now += kStep) {
    walk.push_back(ExampleNumbersAt(counter, now));
  }
  return walk;
}

double MeanPresent(const CounterId& counter, absl::Time from, absl::Duration time) {
  const std::vector<ExampleNumbers> walk = Walk(counter, from, time);
  double sum = 0;
  for (const ExampleNumbers& numbers : walk) sum += static_cast<double>(numbers.present);
  return sum / static_cast<double>(walk.size());
}

TEST(ExampleDataTest, StaysForOneStepAndSaysWhenTheNextBegins) {
  for (int n = 0; n < 50; ++n) {
    const absl::Time now = Midweek(9) + absl::Milliseconds(37 * n);
    const absl::Time next = NextExampleStep(Counter(n), now);
    EXPECT_GT(next, now);
    EXPECT_LE(next, now + kStep);
    const ExampleNumbers numbers = ExampleNumbersAt(Counter(n), now);
    EXPECT_EQ(ExampleNumbersAt(Counter(n), next - absl::Milliseconds(1)), numbers);
    const ExampleNumbers after = ExampleNumbersAt(Counter(n), next);
    EXPECT_EQ(after.version, (Version{0, numbers.version.revision + 1}));
  }
}

TEST(ExampleDataTest, StepsBeginAtAnotherMomentForEachCounter) {
  std::set<absl::Time> moments;
  for (int n = 0; n < 50; ++n) moments.insert(NextExampleStep(Counter(n), Midweek(9)));
  EXPECT_GT(moments.size(), 40u);
}

TEST(ExampleDataTest, MovesBySmallSteps) {
  for (int n = 0; n < 20; ++n) {
    const std::vector<ExampleNumbers> walk = Walk(Counter(n), Midweek(0), absl::Hours(30));
    for (size_t i = 1; i < walk.size(); ++i) {
      const int64_t before = walk[i - 1].present;
      EXPECT_LE(std::abs(walk[i].present - before), 2 + before / 20) << n << " at " << i;
    }
  }
}

TEST(ExampleDataTest, MovesWithinAMinuteMostOfTheTime) {
  for (int n = 0; n < 20; ++n) {
    int moved = 0;
    for (int minute = 0; minute < 60; ++minute) {
      std::set<int64_t> seen;
      for (const ExampleNumbers& numbers :
           Walk(Counter(n), Midweek(12) + absl::Minutes(minute), absl::Minutes(1))) {
        seen.insert(numbers.present);
      }
      moved += seen.size() > 1 ? 1 : 0;
    }
    EXPECT_GE(moved, 55) << n;
  }
}

TEST(ExampleDataTest, HitsNeverFallAndComeByTheHour) {
  for (int n = 0; n < 20; ++n) {
    const std::vector<ExampleNumbers> walk = Walk(Counter(n), Midweek(0), absl::Hours(72));
    for (size_t i = 1; i < walk.size(); ++i) {
      EXPECT_GE(walk[i].hits, walk[i - 1].hits);
      EXPECT_LE(walk[i].hits, walk[i - 1].hits + 5) << "all at once";
    }
    EXPECT_GT(walk.front().hits, 0);
    for (size_t i = 1200; i < walk.size(); i += 1200) {
      EXPECT_GT(walk[i].hits, walk[i - 1200].hits) << "no hit in an hour";
    }
  }
}

TEST(ExampleDataTest, IsBusierByDayThanByNightAndInTheWeekThanAtItsEnd) {
  for (int n = 0; n < 20; ++n) {
    // The product's own hour lies within three of UTC.
    const double by_day = MeanPresent(Counter(n), Midweek(13), absl::Hours(4));
    const double by_night = MeanPresent(Counter(n), Midweek(2), absl::Hours(4));
    EXPECT_GT(by_day, 1.3 * by_night) << n;
    const absl::Time sunday = Midweek(0) + absl::Hours(4 * 24);
    EXPECT_GT(MeanPresent(Counter(n), Midweek(0), absl::Hours(24)),
              1.1 * MeanPresent(Counter(n), sunday, absl::Hours(24)))
        << n;
  }
}

TEST(ExampleDataTest, CountersDifferAndSomebodyIsAlwaysThere) {
  std::set<int64_t> seen;
  for (int n = 0; n < 200; ++n) {
    const ExampleNumbers numbers = ExampleNumbersAt(Counter(n), Midweek(3));
    EXPECT_GE(numbers.present, 1);
    EXPECT_LT(numbers.present, 600);
    seen.insert(numbers.present);
  }
  EXPECT_GT(seen.size(), 30u);
}

// Gateways of different releases and machines must agree: these values are for good.
TEST(ExampleDataTest, HasTheSameValuesForEver) {
  const ExampleNumbers numbers = ExampleNumbersAt({"accounts/a/products/p", "page"}, Midweek(12));
  EXPECT_EQ(numbers.version.revision, 275313600u);
  EXPECT_EQ(numbers.hits, 2527802);
  EXPECT_EQ(numbers.present, 32);
}

}  // namespace
}  // namespace livecounter
