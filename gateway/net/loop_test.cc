#include "gateway/net/loop.h"

#include <sys/socket.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gateway/net/file_descriptor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::ElementsAre;

std::unique_ptr<Loop> MakeLoop() {
  absl::StatusOr<std::unique_ptr<Loop>> loop = Loop::Create(absl::Now());
  EXPECT_TRUE(loop.ok()) << loop.status();
  return *std::move(loop);
}

TEST(LoopTest, RunsWhatIsPostedInOrder) {
  const std::unique_ptr<Loop> loop = MakeLoop();
  std::vector<int> seen;
  for (int i = 0; i < 3; ++i) loop->Post([&seen, i] { seen.push_back(i); });
  loop->Post([&loop] { loop->Stop(); });
  loop->Run();
  EXPECT_THAT(seen, ElementsAre(0, 1, 2));
}

TEST(LoopTest, WhatATaskPostsRunsInALaterTurn) {
  const std::unique_ptr<Loop> loop = MakeLoop();
  std::vector<std::string> seen;
  loop->Post([&] {
    loop->Post([&] {
      seen.emplace_back("posted");
      loop->Stop();
    });
    loop->Defer([&seen] { seen.emplace_back("deferred"); });
    seen.emplace_back("first");
  });
  loop->Run();
  EXPECT_THAT(seen, ElementsAre("first", "deferred", "posted"));
}

TEST(LoopTest, PostsFromManyThreadsAllRunOnTheLoopsThread) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 5'000;
  const std::unique_ptr<Loop> loop = MakeLoop();
  std::thread runner([&loop] { loop->Run(); });
  int count = 0;  // the loop's thread alone touches it
  absl::Notification all_ran;
  std::vector<std::thread> posters;
  for (int i = 0; i < kThreads; ++i) {
    posters.emplace_back([&] {
      for (int j = 0; j < kPosts; ++j) {
        loop->Post([&] {
          EXPECT_EQ(std::this_thread::get_id(), runner.get_id());
          if (++count == kThreads * kPosts) all_ran.Notify();
        });
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  all_ran.WaitForNotification();
  loop->Stop();
  runner.join();
  EXPECT_EQ(count, kThreads * kPosts);
}

TEST(LoopTest, TasksThatNeverRanAreDestroyedWithTheLoop) {
  const auto held = std::make_shared<int>(1);
  {
    const std::unique_ptr<Loop> loop = MakeLoop();
    loop->Stop();
    loop->Run();
    loop->Post([held] { FAIL() << "the loop has stopped"; });
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(LoopTest, TimeGoesOnFromTheStart) {
  absl::StatusOr<std::unique_ptr<Loop>> loop = Loop::Create(absl::FromUnixSeconds(1'000));
  ASSERT_TRUE(loop.ok());
  const absl::Time first = (*loop)->Now();
  EXPECT_GE(first, absl::FromUnixSeconds(1'000));
  EXPECT_LT(first, absl::FromUnixSeconds(1'060));
  EXPECT_GE((*loop)->Now(), first);
  EXPECT_EQ((*loop)->date(), "Thu, 01 Jan 1970 00:16:40 GMT");
}

TEST(LoopTest, ANewTimerReplacesTheOneBefore) {
  const std::unique_ptr<Loop> loop = MakeLoop();
  const absl::Time start = loop->Now();
  std::vector<std::string> fired;
  loop->SetTimer(start, [&fired] { fired.emplace_back("replaced"); });
  loop->SetTimer(start + absl::Milliseconds(5), [&] {
    fired.emplace_back("first");
    EXPECT_GE(loop->Now(), start + absl::Milliseconds(5));
    loop->SetTimer(start - absl::Hours(1), [&] {
      fired.emplace_back("overdue");
      loop->Stop();
    });
  });
  loop->Run();
  EXPECT_THAT(fired, ElementsAre("first", "overdue"));
}

class DeadlineLog final : public Deadline::Owner {
 public:
  explicit DeadlineLog(Loop& loop) : loop_(loop) {}
  void OnDeadline(Deadline& deadline) override {
    fired.push_back(&deadline);
    at.push_back(loop_.Now());
    loop_.Stop();
  }
  std::vector<Deadline*> fired;
  std::vector<absl::Time> at;

 private:
  Loop& loop_;
};

TEST(LoopTest, ADeadlineFiresOnceAndNotEarly) {
  const std::unique_ptr<Loop> loop = MakeLoop();
  DeadlineLog log(*loop);
  Deadline armed(&log);
  Deadline disarmed(&log);
  const absl::Time start = loop->Now();
  loop->Arm(disarmed, absl::Milliseconds(10));
  loop->Disarm(disarmed);
  loop->Arm(armed, absl::Milliseconds(10));
  EXPECT_TRUE(armed.armed());
  loop->Run();
  EXPECT_THAT(log.fired, ElementsAre(&armed));
  EXPECT_GE(log.at[0], start + absl::Milliseconds(10));
  EXPECT_FALSE(armed.armed());
}

TEST(LoopTest, DeferredWorkDoesNotWaitForAnEvent) {
  const std::unique_ptr<Loop> loop = MakeLoop();
  int turns = 0;
  std::function<void()> again = [&] {
    if (++turns == 100) {
      loop->Stop();
    } else {
      loop->Defer(again);
    }
  };
  loop->Defer(again);
  loop->Run();
  EXPECT_EQ(turns, 100);
}

class Reader {
 public:
  Reader(Loop& loop, int fd) : loop_(loop), watcher_(loop, fd, this) { watcher_.Watch(EV_READ); }
  int events = 0;

 private:
  void OnReady(int ready) {
    events |= ready;
    watcher_.Watch(EV_NONE);
    loop_.Stop();
  }
  Loop& loop_;
  IoWatcher<Reader, &Reader::OnReady> watcher_;
};

TEST(IoWatcherTest, TellsWhenADescriptorIsReady) {
  const std::unique_ptr<Loop> loop = MakeLoop();
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const FileDescriptor ours(ends[0]);
  const FileDescriptor theirs(ends[1]);
  Reader reader(*loop, ours.get());
  loop->Post([&theirs] { EXPECT_EQ(send(theirs.get(), "x", 1, 0), 1); });
  loop->Run();
  EXPECT_EQ(reader.events, EV_READ);
}

}  // namespace
}  // namespace livecounter::gateway::net
