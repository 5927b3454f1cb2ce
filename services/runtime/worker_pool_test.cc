#include "services/runtime/worker_pool.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

TEST(WorkerPoolTest, RunsWhatWasAcceptedAlsoWhenItEnds) {
  std::atomic<int> ran{0};
  {
    WorkerPool pool(2, 1'000);
    for (int i = 0; i < 500; ++i) EXPECT_TRUE(pool.TryRun([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 500);
}

TEST(WorkerPoolTest, SaysSoWhenTooManyWait) {
  absl::Notification go;
  absl::BlockingCounter busy(2);
  std::atomic<int> ran{0};
  {
    WorkerPool pool(2, 3);
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(pool.TryRun([&] {
        busy.DecrementCount();
        go.WaitForNotification();
      }));
    }
    busy.Wait();
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.TryRun([&] { ++ran; }));
    EXPECT_FALSE(pool.TryRun([&] { ++ran; }));
    go.Notify();
  }
  EXPECT_EQ(ran, 3);
}

TEST(WorkerPoolTest, TasksRunInTheirOrderOnOneThread) {
  std::vector<int> order;
  {
    WorkerPool pool(1, 100);
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(pool.TryRun([&order, i] { order.push_back(i); }));
  }
  ASSERT_EQ(order.size(), 50u);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(order[i], i);
}

TEST(WorkerPoolTest, MayBeGivenTasksFromManyThreads) {
  std::atomic<int> ran{0};
  {
    WorkerPool pool(3, 100'000);
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&] {
        for (int j = 0; j < 1'000; ++j) EXPECT_TRUE(pool.TryRun([&] { ++ran; }));
      });
    }
    for (std::thread& caller : callers) caller.join();
  }
  EXPECT_EQ(ran, 4'000);
}

}  // namespace
}  // namespace livecounter::runtime
