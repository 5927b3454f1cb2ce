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

}  // namespace
}  // namespace livecounter
