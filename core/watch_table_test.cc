#include "core/watch_table.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Counter;
using test::Random;
using test::V;

constexpr size_t kNoLimit = SIZE_MAX;

Change MakeChange(int counter, uint64_t revision) {
  return {Counter(counter), V(1, revision), absl::nullopt, static_cast<int64_t>(revision), At(0)};
}

using Changes = std::vector<Change>;
using Streams = std::vector<StreamId>;

TEST(WatchTableTest, OnlyTheFirstWatcherAndTheLastAreEdges) {
  WatchTable table;
  EXPECT_TRUE(table.Watch(1, Counter(1)));
  EXPECT_FALSE(table.Watch(2, Counter(1)));
  EXPECT_FALSE(table.Watch(2, Counter(1)));
  EXPECT_FALSE(table.Unwatch(2, Counter(1)));
  EXPECT_FALSE(table.Unwatch(2, Counter(1)));
  EXPECT_FALSE(table.Watch(1, Counter(1)));
  EXPECT_TRUE(table.Unwatch(1, Counter(1)));
  EXPECT_EQ(table.watched_counters(), 0u);
}

TEST(WatchTableTest, UnwatchingWhatTheStreamDoesNotWatchChangesNothing) {
  WatchTable table;
  table.Watch(1, Counter(1));
  EXPECT_FALSE(table.Unwatch(1, Counter(2)));
  EXPECT_FALSE(table.Unwatch(9, Counter(1)));
  EXPECT_TRUE(table.Watches(1, Counter(1)));
}

TEST(WatchTableTest, DropTellsWhatNobodyWatchesAnyMore) {
  WatchTable table;
  for (int counter : {3, 1, 2}) table.Watch(1, Counter(counter));
  table.Watch(2, Counter(2));
  EXPECT_EQ(table.Drop(1), (std::vector<CounterId>{Counter(1), Counter(3)}));
  EXPECT_TRUE(table.Drop(1).empty());
  EXPECT_FALSE(table.Watches(1, Counter(2)));
  EXPECT_TRUE(table.Watches(2, Counter(2)));
}

TEST(WatchTableTest, PublishWakesThoseWhoHadNothingToTake) {
  WatchTable table;
  for (StreamId stream : {3, 1, 2}) table.Watch(stream, Counter(1));
  EXPECT_EQ(table.Publish(MakeChange(1, 1), At(0)), (Streams{1, 2, 3}));
  EXPECT_EQ(table.Take(2, At(0), kNoLimit), (Changes{MakeChange(1, 1)}));
  EXPECT_EQ(table.Publish(MakeChange(1, 2), At(0)), (Streams{2}));
  EXPECT_TRUE(table.Publish(MakeChange(9, 1), At(0)).empty());
}

TEST(WatchTableTest, ASlowStreamGetsTheNewestOfEachCounterLongestWaitingFirst) {
  WatchTable table;
  table.Watch(1, Counter(1));
  table.Watch(1, Counter(2));
  for (uint64_t revision = 1; revision <= 50; ++revision) {
    table.Publish(MakeChange(2, revision), At(0));
    table.Publish(MakeChange(1, revision), At(0));
  }
  EXPECT_TRUE(table.HasPending(1));
  EXPECT_EQ(table.Take(1, At(0), 1), (Changes{MakeChange(2, 50)}));
  EXPECT_EQ(table.Take(1, At(0), 1), (Changes{MakeChange(1, 50)}));
  EXPECT_FALSE(table.HasPending(1));
  EXPECT_FALSE(table.HasPending(9));
  EXPECT_TRUE(table.Take(9, At(0), 1).empty());
}

TEST(WatchTableTest, AWatchIsAnsweredAlsoWithWhatTheStreamHasTakenBefore) {
  WatchTable table;
  table.Watch(1, Counter(1));
  table.Answer(1, MakeChange(1, 5), At(0));
  EXPECT_EQ(table.Take(1, At(0), kNoLimit), (Changes{MakeChange(1, 5)}));
  table.Answer(1, MakeChange(1, 5), At(0));
  EXPECT_EQ(table.Take(1, At(0), kNoLimit), (Changes{MakeChange(1, 5)}));
}

TEST(WatchTableTest, AnAnswerThatAPushHasOvertakenIsDropped) {
  WatchTable table;
  table.Watch(1, Counter(1));
  table.Publish(MakeChange(1, 6), At(0));
  table.Answer(1, MakeChange(1, 5), At(0));
  EXPECT_EQ(table.Take(1, At(0), kNoLimit), (Changes{MakeChange(1, 6)}));
}

TEST(WatchTableTest, NothingComesOfACounterThatIsNotWatchedAnyMore) {
  WatchTable table;
  table.Watch(1, Counter(1));
  table.Watch(1, Counter(2));
  table.Publish(MakeChange(1, 1), At(0));
  table.Unwatch(1, Counter(1));
  table.Answer(1, MakeChange(1, 2), At(0));
  table.Answer(9, MakeChange(1, 2), At(0));
  EXPECT_FALSE(table.HasPending(1));
}

// Every stream gets, of every counter that it watches, the newest, once.
TEST(WatchTableTest, DoesAsTheNaiveOneOverRandomOperations) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    SCOPED_TRACE(random.seed());
    WatchTable table;
    std::set<std::pair<StreamId, int>> watches;
    std::map<std::pair<StreamId, int>, uint64_t> pending;
    const auto watchers = [&](int counter) {
      int count = 0;
      for (const auto& watch : watches) count += watch.second == counter;
      return count;
    };
    for (int step = 1; step <= 5'000; ++step) {
      const auto stream = static_cast<StreamId>(random.Below(4));
      const int counter = random.Below(4);
      switch (random.Below(8)) {
        case 0:
        case 1: {
          const bool fresh = watches.insert({stream, counter}).second;
          ASSERT_EQ(table.Watch(stream, Counter(counter)), fresh && watchers(counter) == 1);
          break;
        }
        case 2: {
          const bool was = watches.erase({stream, counter}) > 0;
          pending.erase({stream, counter});
          ASSERT_EQ(table.Unwatch(stream, Counter(counter)), was && watchers(counter) == 0);
          break;
        }
        case 3: {
          if (!random.OneIn(5)) break;
          std::vector<CounterId> unwatched;
          for (int c = 0; c < 4; ++c) {
            pending.erase({stream, c});
            if (watches.erase({stream, c}) > 0 && watchers(c) == 0) unwatched.push_back(Counter(c));
          }
          ASSERT_EQ(table.Drop(stream), unwatched);
          break;
        }
        case 4:
          for (const Change& change : table.Take(stream, At(0), kNoLimit)) {
            const int taken = change.counter.id.back() - '0';
            ASSERT_EQ((pending[{stream, taken}]), change.version.revision);
            pending.erase({stream, taken});
          }
          for (const auto& [key, revision] : pending) ASSERT_NE(key.first, stream);
          break;
        default:
          table.Publish(MakeChange(counter, static_cast<uint64_t>(step)), At(0));
          for (const auto& watch : watches) {
            if (watch.second == counter) pending[watch] = static_cast<uint64_t>(step);
          }
      }
      table.CheckInvariants();
    }
  }
}

}  // namespace
}  // namespace livecounter
