#include "services/runtime/clock.h"

#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

TEST(ClockTest, FakeClockStandsStillUntilMoved) {
  FakeClock clock(absl::FromUnixSeconds(100));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(100));
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(105));
  clock.Set(absl::FromUnixSeconds(1));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(1));
}

TEST(ClockTest, RealClockStartsAtTheMachines) {
  const absl::Time before = absl::Now();
  const absl::Time now = RealClock().Now();
  EXPECT_GE(now, before);
  EXPECT_LT(now - before, absl::Seconds(10));
}

TEST(ClockTest, RealClockGoesOnFromItsStartWhateverTheMachinesIsSetTo) {
  RealClock clock(absl::UnixEpoch());
  const absl::Time first = clock.Now();
  EXPECT_GE(first, absl::UnixEpoch());
  EXPECT_LT(first, absl::UnixEpoch() + absl::Seconds(10));
  EXPECT_GE(clock.Now(), first);
}

}  // namespace
}  // namespace livecounter::runtime
