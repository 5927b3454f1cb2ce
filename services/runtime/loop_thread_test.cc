#include "services/runtime/loop_thread.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
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

// Turns that sleep until something is posted; `by_quiet_tasks` as they say.
class SleepingLoopTest : public ::testing::Test {
 protected:
  void Start(bool by_quiet_tasks) {
    loop_ = std::make_unique<LoopThread>(clock_, [this, by_quiet_tasks](absl::Time) {
      turns_.fetch_add(1);
      return LoopThread::Wake(absl::InfiniteFuture(), by_quiet_tasks);
    });
    while (turns_.load() == 0) std::this_thread::yield();
  }

  RealClock clock_;
  std::atomic<int> turns_ = 0;
  std::unique_ptr<LoopThread> loop_;
};

TEST_F(SleepingLoopTest, AQuietTaskRunsWithTheNextThatWakes) {
  Start(/*by_quiet_tasks=*/false);
  std::vector<int> ran;
  absl::Notification done;
  loop_->PostQuietly([&] { ran.push_back(1); });
  loop_->Post([&] { ran.push_back(2); });
  loop_->Post([&] { done.Notify(); });
  done.WaitForNotification();
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST_F(SleepingLoopTest, AQuietTaskDoesNotWakeByItself) {
  Start(/*by_quiet_tasks=*/false);
  // One that comes before the thread has fallen asleep may run at once.
  bool has_slept_on = false;
  std::atomic<int> ran = 0;
  for (int posted = 1; posted <= 100 && !has_slept_on; ++posted) {
    loop_->PostQuietly([&] { ++ran; });
    absl::SleepFor(absl::Milliseconds(10));
    has_slept_on = ran < posted;
  }
  EXPECT_TRUE(has_slept_on);
  loop_->Stop();
}

TEST_F(SleepingLoopTest, AQuietTaskWakesATurnThatWaitsForSuch) {
  Start(/*by_quiet_tasks=*/true);
  absl::Notification done;
  loop_->PostQuietly([&] { done.Notify(); });
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
