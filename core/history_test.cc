#include "core/history.h"

#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kHour = absl::FromUnixSeconds(1'700'002'800);
constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr int64_t kSecond = 1'000'000;

absl::Time At(double seconds) { return kHour + absl::Seconds(seconds); }

TEST(HistoryRecorderTest, APointHoldsTheEndThePeakAndTheTimeBetween) {
  HistoryRecorder recorder(At(0));
  EXPECT_EQ(recorder.Set(5, 0, At(10)), absl::nullopt);
  EXPECT_EQ(recorder.Set(5, 4, At(20)), absl::nullopt);
  EXPECT_EQ(recorder.Set(6, 1, At(30)), absl::nullopt);
  const auto point = recorder.Advance(At(60));
  EXPECT_EQ(point, (HistoryPoint{kHour, 6, 0, 1, 4, 70 * kSecond}));
  EXPECT_NEAR(MeanPresence(*point, kMinute), 70.0 / 60, 1e-12);
  EXPECT_EQ(recorder.Advance(At(61)), absl::nullopt) << "told once";
}

TEST(HistoryRecorderTest, AMinuteWithoutAChangeHasNoPoint) {
  HistoryRecorder recorder(At(0));
  recorder.Set(1, 2, At(1));
  ASSERT_TRUE(recorder.Advance(At(60)).has_value());
  EXPECT_EQ(recorder.Advance(At(600)), absl::nullopt);
  EXPECT_EQ(recorder.Set(1, 2, At(660)), absl::nullopt);
  EXPECT_EQ(recorder.Set(1, 3, At(690)), absl::nullopt);
  EXPECT_EQ(recorder.Set(1, 0, At(800)),
            (HistoryPoint{At(660), 1, 2, 3, 3, (2 * 30 + 3 * 30) * kSecond}));
}

TEST(HistoryRecorderTest, TheOpenPointEndsNow) {
  HistoryRecorder recorder(At(0));
  EXPECT_EQ(recorder.Open(At(1)), absl::nullopt);
  recorder.Set({}, 3, At(30));
  EXPECT_EQ(recorder.Open(At(40)), (HistoryPoint{kHour, {}, 0, 3, 3, 30 * kSecond}));
  EXPECT_EQ(recorder.Open(At(20)), (HistoryPoint{kHour, {}, 0, 3, 3, 0})) << "time went back";
}

TEST(HistoryRecorderTest, ItIsIdleWhereNothingChangedAndNobodyIsPresent) {
  HistoryRecorder recorder(At(0));
  EXPECT_TRUE(recorder.idle());
  recorder.Set(1, 1, At(1));
  EXPECT_FALSE(recorder.idle());
  recorder.Advance(At(60));
  EXPECT_FALSE(recorder.idle()) << "somebody is present";
  recorder.Set(1, 0, At(61));
  EXPECT_FALSE(recorder.idle());
  recorder.Advance(At(120));
  EXPECT_TRUE(recorder.idle());
}

TEST(HistoryRecorderTest, TimeThatGoesBackStandsStill) {
  HistoryRecorder recorder(At(50));
  recorder.Set(1, 2, At(55));
  recorder.Set(1, 4, At(-500));
  EXPECT_EQ(recorder.Advance(At(60)), (HistoryPoint{kHour, 1, 0, 4, 4, 20 * kSecond}));
}

TEST(HistoryPointTest, TwoOfTheSameTimeAreJoined) {
  EXPECT_EQ(Joined({kHour, 5, 1, 2, 9, 10}, {kHour, 7, 0, 3, 4, 5}),
            (HistoryPoint{kHour, 7, 1, 3, 9, 15}));
}

TEST(HistoryPointTest, AnHourKnowsTheTimeBetweenItsMinutes) {
  // 2 are there until minute 10, whose end sees 5, and one minute later 1.
  const std::vector<HistoryPoint> minutes = {{At(600), 1, 2, 5, 7, 100 * kSecond},
                                             {At(720), 3, 5, 1, 5, 200 * kSecond}};
  const HistoryPoint hour = Thinned(minutes, kMinute, kHour, kHour + absl::Hours(1));
  EXPECT_EQ(hour, (HistoryPoint{kHour, 3, 2, 1, 7,
                                (2 * 600 + 100 + 5 * 60 + 200 + 1 * (3600 - 780)) * kSecond}));
  const HistoryPoint open = Thinned(minutes, kMinute, kHour, At(730));
  EXPECT_EQ(open.presence_us, (2 * 600 + 100 + 5 * 60 + 200) * kSecond);
}

TEST(HistoryPointTest, TheMeanOfNoTimeIsWhatIsPresent) {
  EXPECT_EQ(MeanPresence({kHour, {}, 0, 3, 3, 0}, absl::ZeroDuration()), 3);
}

TEST(HistoryPointTest, APointThatDoesNotShowItsEndIsFollowedByOneThatDoes) {
  const HistoryPoint left{At(0), 1, 2, 0, 2, 60 * kSecond};
  const HistoryPoint flat{At(600), 2, 3, 3, 3, 180 * kSecond};
  const HistoryPoint last{At(660), 2, 3, 4, 4, 200 * kSecond};
  EXPECT_THAT(WithSettled({left, flat, last}, kMinute, At(750)),
              ElementsAre(left, (HistoryPoint{At(60), 1, 0, 0, 0, 0}), flat, last,
                          (HistoryPoint{At(720), 2, 4, 4, 4, 4 * 30 * kSecond})));
  EXPECT_THAT(WithSettled({last}, kMinute, At(720)), ElementsAre(last)) << "it has not begun";
  EXPECT_THAT(WithSettled({flat}, kMinute, At(750)), ElementsAre(flat)) << "it shows its end";
  EXPECT_THAT(WithSettled({}, kMinute, At(720)), IsEmpty());
}

TEST(HistoryPointTest, AValueIsThatOfItsTimeOrOfWhatHasPassedOfIt) {
  const HistoryPoint point{kHour, 5, 0, 3, 4, 60 * kSecond};
  EXPECT_EQ(ValueOf(point, kMinute, At(3600)), (HistoryValue{kHour, 5, 4, 1.0}));
  EXPECT_EQ(ValueOf(point, kMinute, At(30)), (HistoryValue{kHour, 5, 4, 2.0}));
  EXPECT_EQ(LengthOf(HistoryResolution::kMinute), kMinute);
  EXPECT_EQ(LengthOf(HistoryResolution::kHour), absl::Hours(1));
  EXPECT_EQ(KeptFor(HistoryResolution::kMinute), absl::Hours(24));
  EXPECT_EQ(KeptFor(HistoryResolution::kHour), absl::Hours(90 * 24));
}

TEST(HistoryPointTest, MinutesAndHoursBeginWhereTheyAreFull) {
  EXPECT_EQ(MinuteOf(At(59.9)), kHour);
  EXPECT_EQ(MinuteOf(At(60)), At(60));
  EXPECT_EQ(HourBegin(At(3599.9)), kHour);
  EXPECT_EQ(HourBegin(At(3600)), At(3600));
}

// Against a list of all values second by second.
TEST(HistoryRecorderTest, AnyChangesGiveWhatAWalkOverEverySecondGives) {
  std::mt19937_64 random(7);
  const auto below = [&](uint64_t n) { return static_cast<int64_t>(random() % n); };
  for (int round = 0; round < 50; ++round) {
    HistoryRecorder recorder(At(0));
    std::vector<HistoryPoint> points;
    std::map<int64_t, std::vector<std::pair<int64_t, int64_t>>> changes;  // second → hits, present
    const auto keep = [&](const absl::optional<HistoryPoint>& point) {
      if (point) points.push_back(*point);
    };
    int64_t hits = 0;
    constexpr int64_t kEnd = 3600;
    for (int64_t second = 0; second < kEnd; second += below(200)) {
      hits += below(2);
      const int64_t present = below(4);
      changes[second].emplace_back(hits, present);
      keep(recorder.Set(hits, present, At(static_cast<double>(second))));
    }
    keep(recorder.Advance(At(kEnd)));

    // The walk.
    std::vector<HistoryPoint> wanted;
    absl::optional<int64_t> now_hits;
    int64_t now_present = 0;
    for (int64_t minute = 0; minute < kEnd; minute += 60) {
      HistoryPoint point{At(static_cast<double>(minute)), {}, now_present, 0, now_present, 0};
      bool changed = false;
      for (int64_t second = minute; second < minute + 60; ++second) {
        for (const auto& [to_hits, to_present] : changes[second]) {
          changed = changed || now_hits != to_hits || now_present != to_present;
          now_hits = to_hits;
          now_present = to_present;
          point.present_peak = std::max(point.present_peak, now_present);
        }
        point.presence_us += now_present * kSecond;
      }
      point.hits = now_hits;
      point.present_end = now_present;
      if (changed) wanted.push_back(point);
    }
    ASSERT_EQ(points, wanted);
    int64_t presence = 0;
    now_present = 0;
    for (int64_t second = 0; second < kEnd; ++second) {
      for (const auto& change : changes[second]) now_present = change.second;
      presence += now_present * kSecond;
    }
    const HistoryPoint hour = Thinned(points, kMinute, kHour, kHour + absl::Hours(1));
    EXPECT_EQ(hour.presence_us, presence);
    EXPECT_EQ(hour.hits, hits);
    EXPECT_EQ(hour.present_end, now_present);
  }
}

}  // namespace
}  // namespace livecounter
