#include "services/runtime/loop_thread.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

using ::testing::ElementsAre;

absl::Time Never(absl::Time) { return absl::InfiniteFuture(); }

TEST(LoopThreadTest, TasksRunInTheOrderInWhichTheyWerePosted) {
  RealClock clock;
  std::vector<int> ran;
  LoopThread loop(clock, Never);
  for (int i : {1, 2, 3}) loop.Post([&ran, i] { ran.push_back(i); });
  loop.Stop();
  EXPECT_THAT(ran, ElementsAre(1, 2, 3));
}

TEST(LoopThreadTest, EveryTaskOfEveryThreadRunsOnTheOneThread) {
  RealClock clock;
  int count = 0;  // not atomic: only the loop touches it
  {
    LoopThread loop(clock, Never);
    std::vector<std::thread> posters;
    for (int i = 0; i < 4; ++i) {
      posters.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) loop.Post([&count] { ++count; });
      });
    }
    for (std::thread& poster : posters) poster.join();
  }
  EXPECT_EQ(count, 4000);
}

TEST(LoopThreadTest, ATurnFollowsEachBatch) {
  RealClock clock;
  int turns_seen_by_task = 0;
  int turns = 0;
  absl::Notification first_turn;
  LoopThread loop(clock, [&](absl::Time) {
    if (++turns == 1) first_turn.Notify();
    return absl::InfiniteFuture();
  });
  first_turn.WaitForNotification();
  loop.Post([&] { turns_seen_by_task = turns; });
  loop.Stop();
  EXPECT_GT(turns, turns_seen_by_task);
}

TEST(LoopThreadTest, ATurnComesAtTheTimeItAskedFor) {
  RealClock clock;
  const absl::Time due = clock.Now() + absl::Milliseconds(5);
  absl::Time came = absl::InfinitePast();
  absl::Notification done;
  LoopThread loop(clock, [&](absl::Time now) {
    if (now < due) return due;
    if (!done.HasBeenNotified()) {
      came = now;
      done.Notify();
    }
    return absl::InfiniteFuture();
  });
  done.WaitForNotification();
  EXPECT_GE(came, due);
}

TEST(LoopThreadTest, ATaskMayPost) {
  RealClock clock;
  absl::Notification done;
  LoopThread loop(clock, Never);
  loop.Post([&] { loop.Post([&] { done.Notify(); }); });
  done.WaitForNotification();
}

TEST(LoopThreadTest, WhatIsPostedAfterStopIsDropped) {
  RealClock clock;
  LoopThread loop(clock, Never);
  loop.Stop();
  auto held = std::make_shared<int>(0);
  loop.Post([held] { FAIL(); });
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace livecounter::runtime
