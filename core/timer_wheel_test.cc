#include "core/timer_wheel.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Random;

constexpr absl::Duration kGranularity = absl::Seconds(1);
constexpr size_t kNoLimit = SIZE_MAX;

class TimerWheelTest : public ::testing::Test {
 protected:
  std::vector<TimerWheel::Entry*> Advance(double seconds, size_t limit = kNoLimit) {
    std::vector<TimerWheel::Entry*> fired;
    wheel_.Advance(At(seconds), limit, [&](TimerWheel::Entry* entry) { fired.push_back(entry); });
    wheel_.CheckInvariants();
    return fired;
  }

  TimerWheel wheel_{kGranularity, 8, At(0)};
};

using Fired = std::vector<TimerWheel::Entry*>;

TEST_F(TimerWheelTest, FiresNeverEarlyAndAtMostOneGranularityLate) {
  TimerWheel::Entry on_the_tick;
  TimerWheel::Entry between;
  wheel_.Arm(&on_the_tick, At(2));
  wheel_.Arm(&between, At(2.1));
  EXPECT_EQ(Advance(1.99), Fired());
  EXPECT_EQ(Advance(2), Fired{&on_the_tick});
  EXPECT_EQ(Advance(2.99), Fired());
  EXPECT_EQ(Advance(3), Fired{&between});
  EXPECT_FALSE(between.armed());
  EXPECT_EQ(wheel_.size(), 0u);
}

TEST_F(TimerWheelTest, DeadlinesBeyondOneRoundWaitForTheirs) {
  TimerWheel::Entry far;
  wheel_.Arm(&far, At(20));
  for (int second = 1; second < 20; ++second) EXPECT_EQ(Advance(second), Fired()) << second;
  EXPECT_EQ(Advance(20), Fired{&far});
}

TEST_F(TimerWheelTest, APassedDeadlineFiresAtTheNextGranularity) {
  Advance(5);
  TimerWheel::Entry late;
  wheel_.Arm(&late, At(1));
  EXPECT_EQ(Advance(5.9), Fired());
  EXPECT_EQ(Advance(6), Fired{&late});
}

TEST_F(TimerWheelTest, ArmingAgainMovesADeadlineBothWays) {
  TimerWheel::Entry entry;
  wheel_.Arm(&entry, At(5));
  wheel_.Arm(&entry, At(3));
  EXPECT_EQ(wheel_.size(), 1u);
  EXPECT_EQ(Advance(3), Fired{&entry});
  wheel_.Arm(&entry, At(5));
  wheel_.Arm(&entry, At(7));
  EXPECT_EQ(Advance(6), Fired());
  EXPECT_EQ(Advance(7), Fired{&entry});
}

TEST_F(TimerWheelTest, WhatIsDisarmedOrDestroyedDoesNotFire) {
  TimerWheel::Entry disarmed;
  wheel_.Arm(&disarmed, At(1));
  wheel_.Disarm(&disarmed);
  wheel_.Disarm(&disarmed);
  {
    TimerWheel::Entry destroyed;
    wheel_.Arm(&destroyed, At(1));
  }
  EXPECT_EQ(Advance(9), Fired());
}

TEST_F(TimerWheelTest, TheLimitLeavesTheRestForTheNextTime) {
  TimerWheel::Entry entries[5];
  for (TimerWheel::Entry& entry : entries) wheel_.Arm(&entry, At(1));
  EXPECT_EQ(Advance(1, 2), (Fired{&entries[0], &entries[1]}));
  EXPECT_EQ(Advance(1, 0), Fired());
  wheel_.Disarm(&entries[2]);
  EXPECT_EQ(wheel_.size(), 2u);
  EXPECT_EQ(Advance(1, 2), (Fired{&entries[3], &entries[4]}));
  EXPECT_EQ(Advance(1), Fired());
}

TEST_F(TimerWheelTest, ALongPauseMissesNothing) {
  TimerWheel::Entry near;
  TimerWheel::Entry far;
  TimerWheel::Entry later;
  wheel_.Arm(&near, At(1));
  wheel_.Arm(&far, At(500));
  wheel_.Arm(&later, At(1500));
  EXPECT_EQ(Advance(1000).size(), 2u);
  EXPECT_TRUE(later.armed());
  EXPECT_EQ(Advance(1499), Fired());
  EXPECT_EQ(Advance(1500), Fired{&later});
}

TEST_F(TimerWheelTest, TimeDoesNotGoBack) {
  TimerWheel::Entry entry;
  Advance(5);
  wheel_.Arm(&entry, At(6));
  EXPECT_EQ(Advance(1), Fired());
  EXPECT_EQ(Advance(6), Fired{&entry});
}

TEST_F(TimerWheelTest, InfinityIsNeverAndOverflowsNothing) {
  TimerWheel::Entry never;
  TimerWheel::Entry always;
  wheel_.Arm(&never, absl::InfiniteFuture());
  wheel_.Arm(&always, absl::InfinitePast());
  EXPECT_EQ(Advance(1), Fired{&always});
  EXPECT_EQ(Advance(1e9), Fired());
  EXPECT_TRUE(never.armed());
}

TEST_F(TimerWheelTest, WhatFiresMayArmItselfAgainWithoutFiringInTheSameAdvance) {
  TimerWheel::Entry entry;
  wheel_.Arm(&entry, At(1));
  int fired = 0;
  const auto again = [&](TimerWheel::Entry* due) {
    ++fired;
    wheel_.Arm(due, At(1));
  };
  EXPECT_EQ(wheel_.Advance(At(5), kNoLimit, again), 1u);
  EXPECT_EQ(fired, 1);
  EXPECT_EQ(wheel_.Advance(At(6), kNoLimit, again), 1u);
}

TEST_F(TimerWheelTest, WhatFiresMayDestroyAndDisarmOthersThatAreDue) {
  TimerWheel::Entry first;
  auto second = std::make_unique<TimerWheel::Entry>();
  TimerWheel::Entry third;
  for (TimerWheel::Entry* entry : {&first, second.get(), &third}) wheel_.Arm(entry, At(1));
  int fired = 0;
  wheel_.Advance(At(1), kNoLimit, [&](TimerWheel::Entry* entry) {
    EXPECT_EQ(entry, &first);
    second.reset();
    wheel_.Disarm(&third);
    ++fired;
  });
  EXPECT_EQ(fired, 1);
}

TEST(TimerWheelEndTest, AWheelThatGoesDisarmsWhatIsInIt) {
  TimerWheel::Entry waiting;
  TimerWheel::Entry due[2];
  {
    TimerWheel wheel(kGranularity, 4, At(0));
    EXPECT_EQ(wheel.granularity(), kGranularity);
    wheel.Arm(&waiting, At(9));
    for (TimerWheel::Entry& entry : due) wheel.Arm(&entry, At(1));
    EXPECT_EQ(wheel.Advance(At(1), 1, [](TimerWheel::Entry*) {}), 1u);
  }
  EXPECT_FALSE(waiting.armed());
  EXPECT_FALSE(due[1].armed());
}

TEST(TimerWheelModelTest, FiresWhatASortedListWouldOverRandomOperations) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    SCOPED_TRACE(random.seed());
    absl::Time now = At(0);
    TimerWheel wheel(absl::Milliseconds(100), 16, now);
    std::vector<std::unique_ptr<TimerWheel::Entry>> entries(30);
    for (auto& entry : entries) entry = std::make_unique<TimerWheel::Entry>();
    std::map<TimerWheel::Entry*, absl::Time> model;
    for (int step = 0; step < 5'000; ++step) {
      auto& entry = entries[static_cast<size_t>(random.Below(30))];
      switch (random.Below(8)) {
        case 0:
          wheel.Disarm(entry.get());
          model.erase(entry.get());
          break;
        case 1:
          model.erase(entry.get());
          entry = std::make_unique<TimerWheel::Entry>();
          break;
        case 2:
        case 3: {
          now += absl::Milliseconds(random.OneIn(10) ? random.Below(10'000) : random.Below(300));
          const absl::Time last_tick =
              absl::UnixEpoch() + absl::Floor(now - absl::UnixEpoch(), wheel.granularity());
          wheel.Advance(now, kNoLimit, [&](TimerWheel::Entry* due) {
            ASSERT_TRUE(model.contains(due));
            ASSERT_LE(model[due], now) << "early";
            model.erase(due);
          });
          for (const auto& [waiting, deadline] : model) ASSERT_GT(deadline, last_tick) << "late";
          break;
        }
        default: {
          const absl::Time deadline = now + absl::Milliseconds(random.Below(5'000));
          wheel.Arm(entry.get(), deadline);
          // Where the deadline's tick has passed, the next one.
          model[entry.get()] = deadline;
        }
      }
      ASSERT_EQ(wheel.size(), model.size());
      for (const auto& owned : entries) ASSERT_EQ(owned->armed(), model.contains(owned.get()));
      wheel.CheckInvariants();
    }
  }
}

}  // namespace
}  // namespace livecounter
