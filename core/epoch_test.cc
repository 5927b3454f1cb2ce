#include "core/epoch.h"

#include "gtest/gtest.h"

namespace livecounter {
namespace {

const absl::Time kNow = absl::FromUnixMillis(1'800'000'000'000);
constexpr uint64_t kClock = 1'800'000'000'000;

TEST(EpochTest, IsTheClockWhileTheClockGoesForward) {
  EXPECT_EQ(NextEpoch(0, kNow, 77), kClock);
  EXPECT_EQ(NextEpoch(kClock - 1, kNow, 77), kClock);
}

TEST(EpochTest, IsAboveTheStoredOneByADrawnStepWhenTheClockWentBack) {
  EXPECT_EQ(NextEpoch(kClock, kNow, 0), kClock + 1);
  EXPECT_EQ(NextEpoch(kClock + 500, kNow, 41), kClock + 542);
  EXPECT_EQ(NextEpoch(kClock, kNow, ~uint64_t{0}), kClock + (1 << 20));
}

TEST(EpochTest, IsPositiveBeforeTheUnixEpoch) {
  EXPECT_EQ(NextEpoch(0, absl::FromUnixSeconds(-5), 3), 1u);
}

TEST(EpochTest, TwoLivesThatAreToldTheSameDoNotMeet) {
  const HolderId one{1, 77}, other{1, 5'000'000};
  EXPECT_GE(EpochToSurpass(kClock, one, 1), kClock);
  EXPECT_GE(EpochToSurpass(kClock, other, ~uint64_t{0}), kClock);
  EXPECT_NE(EpochToSurpass(kClock, one, 1), EpochToSurpass(kClock, other, 1));
  EXPECT_NE(EpochToSurpass(kClock, one, 1), EpochToSurpass(kClock, one, 2))
      << "nobody was welcomed";
}

}  // namespace
}  // namespace livecounter
