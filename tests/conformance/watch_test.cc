// Changes of watched counters, as they reach the sink.

#include <thread>

#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

using ::testing::IsEmpty;

class WatchTest : public ConformanceTest {
 protected:
  WatchTest() : watcher_(engine()) {}

  // Waits until the sink has `hits` and `present` of the counter.
  Change AwaitValue(const std::string& id, absl::optional<int64_t> hits, int64_t present) {
    return watcher_.Await(Counter(id), [&](const Change& change) {
      return change.hits == hits && change.present == present;
    });
  }

  Watcher watcher_;
};

TEST_P(WatchTest, TheCurrentValueComesFirst) {
  Hit("1", 26);
  Join("1", 1);
  engine().Watch(Counter("1"));
  const Change first = AwaitValue("1", 26, 1);
  EXPECT_EQ(first.version, blocking().Read(Counter("1"))->version);
}

TEST_P(WatchTest, ACounterThatDoesNotExistHasAValueToo) {
  engine().Watch(Counter("1"));
  AwaitValue("1", absl::nullopt, 0);
}

TEST_P(WatchTest, EveryKindOfChangeIsSent) {
  engine().Watch(Counter("1"));
  AwaitValue("1", absl::nullopt, 0);
  Hit("1");
  AwaitValue("1", 1, 0);
  ASSERT_TRUE(blocking().HitOnce({Counter("1"), "key", 2, false}).ok());
  AwaitValue("1", 3, 0);
  Join("1", 1);
  AwaitValue("1", 3, 1);
  ASSERT_TRUE(blocking().SetHits(Counter("1"), 7).ok());
  AwaitValue("1", 7, 1);
  ASSERT_TRUE(blocking().Delete(Counter("1")).ok());
  AwaitValue("1", absl::nullopt, 1);
  ASSERT_TRUE(blocking().Create(Counter("1"), 9).ok());
  AwaitValue("1", 9, 1);
  Leave("1", 1);
  AwaitValue("1", 9, 0);
  engine().RaiseFloor(Counter("1"), 5);
  AwaitValue("1", 9, 5);
  engine().EndRecovery();
  AwaitValue("1", 9, 0);
}

TEST_P(WatchTest, AChangeTellsWhenItsCauseWasAccepted) {
  engine().Watch(Counter("1"));
  AwaitValue("1", absl::nullopt, 0);
  harness_->clock().Advance(absl::Seconds(5));
  Hit("1");
  EXPECT_EQ(AwaitValue("1", 1, 0).accepted_at, harness_->clock().Now());
  harness_->clock().Advance(absl::Seconds(5));
  Join("1", 1);
  EXPECT_EQ(AwaitValue("1", 1, 1).accepted_at, harness_->clock().Now());
}

TEST_P(WatchTest, WhatIsNotWatchedIsNotSent) {
  engine().Watch(Counter("1"));
  AwaitValue("1", absl::nullopt, 0);
  Hit("2");
  Join("2", 1);
  Hit("1");
  AwaitValue("1", 1, 0);
  engine().Unwatch(Counter("1"));
  watcher_.Take();
  Hit("1");
  Join("1", 1);
  engine().Watch(Counter("3"));  // comes after whatever was still on its way
  watcher_.Await(Counter("3"), [](const Change&) { return true; });
  Hit("1");
  EXPECT_THAT(watcher_.Take(), IsEmpty());
}

TEST_P(WatchTest, WatchingAgainSendsTheValueAgainAndIsNotCounted) {
  engine().Watch(Counter("1"));
  AwaitValue("1", absl::nullopt, 0);
  engine().Watch(Counter("1"));
  AwaitValue("1", absl::nullopt, 0);
  engine().Unwatch(Counter("1"));
  watcher_.Take();
  Hit("1");
  EXPECT_THAT(watcher_.Take(), IsEmpty());
}

TEST_P(WatchTest, WhatIsAnsweredIsNeverNewerThanWhatWillBeSent) {
  engine().Watch(Counter("1"));
  for (int i = 1; i <= 100; ++i) {
    const HitResult result = *blocking().Hit(Next("1", kSender));
    const Change change = AwaitValue("1", i, 0);
    EXPECT_EQ(change.version, result.version);
  }
}

TEST_P(WatchTest, ACountersChangesComeInOrderAndEndInTheNewest) {
  engine().Watch(Counter("1"));
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      const SenderId sender{1, thread};
      for (uint64_t i = 1; i <= 200; ++i) {
        engine().Hit({sender, Counter("1"), i, 1, true}, [](const absl::StatusOr<HitResult>&) {});
        Join("1", 1000 * thread + i);
        if (i % 2 == 0) Leave("1", 1000 * thread + i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(blocking().Probe().ok());
  std::vector<Change> changes = watcher_.Take();
  if (changes.empty() || changes.back().hits != 800 || changes.back().present != 400) {
    changes.push_back(AwaitValue("1", 800, 400));
  }
  for (size_t i = 1; i < changes.size(); ++i) {
    EXPECT_LT(changes[i - 1].version, changes[i].version);
  }
}

TEST_P(WatchTest, TheSinkMayCallTheEngine) {
  engine().SetChangeSink([this](const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      if (change.counter == Counter("1")) engine().Watch(Counter("2"));
      if (change.counter == Counter("2")) engine().Unwatch(Counter("1"));
    }
  });
  engine().Watch(Counter("1"));
  Hit("1");
  Hit("2");
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(WatchTest);

}  // namespace
}  // namespace livecounter::counter
