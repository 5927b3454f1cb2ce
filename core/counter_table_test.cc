#include "core/counter_table.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Counter;
using test::Hash;
using test::Random;
using test::V;

constexpr uint64_t kEpoch = 7;

Change MakeChange(int counter, Version version, absl::optional<int64_t> hits, int64_t present,
                  absl::Time accepted_at) {
  return {Counter(counter), version, hits, present, accepted_at};
}

TEST(CounterTableTest, ALoadedCounterReadsAsStored) {
  CounterTable table(kEpoch);
  EXPECT_FALSE(table.Loaded(Counter(1)));
  table.Load(Counter(1), 26, 41);
  EXPECT_TRUE(table.Loaded(Counter(1)));
  EXPECT_EQ(table.Read(Counter(1)), MakeChange(1, V(7, 41), 26, 0, absl::InfinitePast()));
}

TEST(CounterTableTest, EveryVisibleDifferenceIsAChangeWithTheNextRevision) {
  CounterTable table(kEpoch);
  table.Load(Counter(1), absl::nullopt, 0);
  EXPECT_EQ(table.NextRevision(Counter(1)), 1u);
  EXPECT_EQ(table.SetHits(Counter(1), 5, At(1)), MakeChange(1, V(7, 1), 5, 0, At(1)));
  EXPECT_EQ(table.SetHits(Counter(1), 5, At(2)), absl::nullopt);
  EXPECT_EQ(table.Join(Counter(1), Hash(1), At(3)), MakeChange(1, V(7, 2), 5, 1, At(3)));
  EXPECT_EQ(table.Join(Counter(1), Hash(1), At(4)), absl::nullopt);
  EXPECT_EQ(table.SetHits(Counter(1), absl::nullopt, At(5)),
            MakeChange(1, V(7, 3), absl::nullopt, 1, At(5)));
  EXPECT_EQ(table.Leave(Counter(1), Hash(1), At(6)), MakeChange(1, V(7, 4), {}, 0, At(6)));
  EXPECT_EQ(table.Leave(Counter(1), Hash(1), At(7)), absl::nullopt);
}

TEST(CounterTableTest, PresenceNeedsNoLoading) {
  CounterTable table(kEpoch);
  EXPECT_EQ(table.Leave(Counter(1), Hash(1), At(0)), absl::nullopt);
  EXPECT_EQ(table.Join(Counter(1), Hash(1), At(1)), MakeChange(1, V(7, 1), {}, 1, At(1)));
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.Leave(Counter(1), Hash(1), At(2)), MakeChange(1, V(7, 2), {}, 0, At(2)));
  EXPECT_EQ(table.size(), 0u);
}

TEST(CounterTableTest, LoadingWhatWasOnlyPresentIsNewerThanWhatItShowed) {
  CounterTable table(kEpoch);
  const Version shown = table.Join(Counter(1), Hash(1), At(1))->version;
  table.Load(Counter(1), 26, 0);
  EXPECT_GT(table.Read(Counter(1)).version, shown);
  EXPECT_EQ(table.Read(Counter(1)).hits, 26);
  EXPECT_EQ(table.Read(Counter(1)).present, 1);
}

TEST(CounterTableTest, AForgottenCounterComesBackHigherThanAnythingItHasShown) {
  CounterTable table(kEpoch);
  table.Load(Counter(1), 26, 41);
  for (int i = 0; i < 10; ++i) {
    table.Join(Counter(1), Hash(1), At(1));
    table.Leave(Counter(1), Hash(1), At(1));
  }
  const Version shown = table.Read(Counter(1)).version;
  EXPECT_TRUE(table.Forget(Counter(1)));
  EXPECT_FALSE(table.Loaded(Counter(1)));
  table.Load(Counter(1), 26, 41);
  EXPECT_GT(table.Read(Counter(1)).version, shown);
}

TEST(CounterTableTest, ForgetKeepsWhatIsPresentOrFloored) {
  CounterTable table(kEpoch);
  EXPECT_TRUE(table.Forget(Counter(1)));
  table.Load(Counter(1), 1, 0);
  table.Join(Counter(1), Hash(1), At(1));
  EXPECT_FALSE(table.Forget(Counter(1)));
  table.Leave(Counter(1), Hash(1), At(1));
  table.RaiseFloor(Counter(1), 3, At(1));
  EXPECT_FALSE(table.Forget(Counter(1)));
  table.DropFloors(At(1));
  EXPECT_TRUE(table.Forget(Counter(1)));
}

TEST(CounterTableTest, NothingBelowAFloorIsPublishedUntilFloorsFall) {
  CounterTable table(kEpoch);
  table.Load(Counter(1), absl::nullopt, 0);
  EXPECT_EQ(table.RaiseFloor(Counter(1), 3, At(1))->present, 3);
  EXPECT_EQ(table.RaiseFloor(Counter(1), 2, At(1)), absl::nullopt);
  EXPECT_EQ(table.RaiseFloor(Counter(1), 0, At(1)), absl::nullopt);
  EXPECT_EQ(table.RaiseFloor(Counter(1), -1, At(1)), absl::nullopt);
  EXPECT_EQ(table.Join(Counter(1), Hash(1), At(2)), absl::nullopt);
  EXPECT_EQ(table.Read(Counter(1)).present, 3);
  EXPECT_EQ(table.DropFloors(At(3)), (std::vector<Change>{MakeChange(1, V(7, 2), {}, 1, At(3))}));
  EXPECT_TRUE(table.DropFloors(At(4)).empty());
}

TEST(CounterTableTest, MorePresentThanTheFloorIsPublished) {
  CounterTable table(kEpoch);
  table.Load(Counter(1), absl::nullopt, 0);
  table.RaiseFloor(Counter(1), 1, At(1));
  EXPECT_EQ(table.Join(Counter(1), Hash(1), At(2)), absl::nullopt);
  EXPECT_EQ(table.Join(Counter(1), Hash(2), At(2))->present, 2);
  EXPECT_TRUE(table.DropFloors(At(3)).empty());
}

TEST(CounterTableTest, FloorsThatFallLeaveNothingBehindOfCountersNotLoaded) {
  CounterTable table(kEpoch);
  for (int counter : {2, 1, 3}) table.RaiseFloor(Counter(counter), 5, At(1));
  const std::vector<Change> changes = table.DropFloors(At(2));
  ASSERT_EQ(changes.size(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(changes[static_cast<size_t>(i)].counter, Counter(i + 1));
  EXPECT_EQ(table.size(), 0u);
}

TEST(CounterTableTest, ANewEpochRepublishesWhatIsLoaded) {
  CounterTable table(kEpoch);
  table.Load(Counter(2), 2, 20);
  table.Load(Counter(1), 1, 10);
  table.Join(Counter(3), Hash(1), At(1));  // not loaded: nobody watches it
  EXPECT_EQ(table.RaiseEpoch(9, At(5)),
            (std::vector<Change>{MakeChange(1, V(9, 10), 1, 0, At(5)),
                                 MakeChange(2, V(9, 20), 2, 0, At(5))}));
  EXPECT_EQ(table.epoch(), 9u);
}

TEST(CounterTableTest, ForEachPresentVisitsWhereSomebodyIs) {
  CounterTable table(kEpoch);
  table.Load(Counter(1), 1, 10);
  table.Join(Counter(2), Hash(1), At(1));
  table.RaiseFloor(Counter(3), 4, At(1));
  std::map<CounterId, int64_t> present;
  table.ForEachPresent([&](const CounterId& id, int64_t visible) { present[id] = visible; });
  EXPECT_EQ(present, (std::map<CounterId, int64_t>{{Counter(2), 1}, {Counter(3), 4}}));
}

TEST(CounterTableDeathTest, WhatIsNotLoadedCannotBeUsed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  CounterTable table(kEpoch);
  EXPECT_DEATH(table.Read(Counter(1)), "loaded before it is used");
  table.Load(Counter(1), 1, 1);
  EXPECT_DEATH(table.Load(Counter(1), 1, 1), "loaded once");
  EXPECT_DEATH(table.RaiseEpoch(kEpoch, At(0)), "only ever raised");
}

// What is stored and who is there, and the last change that each counter has shown.
struct NaiveTable {
  struct Counter {
    absl::optional<int64_t> hits;
    std::set<PresenceHash> present;
    int64_t floor = 0;
    Version shown{};
  };

  int64_t Visible(int counter) {
    const Counter& c = counters[counter];
    return std::max(static_cast<int64_t>(c.present.size()), c.floor);
  }
  // Checks a change against what is true now; versions only rise.
  void Show(int counter, const Change& change, bool loaded) {
    Counter& c = counters[counter];
    EXPECT_EQ(change.counter, test::Counter(counter));
    EXPECT_EQ(change.present, Visible(counter));
    EXPECT_EQ(change.hits, loaded ? c.hits : absl::nullopt);
    EXPECT_GT(change.version, c.shown);
    c.shown = change.version;
  }

  std::map<int, Counter> counters;
};

class CounterTableModelTest : public ::testing::TestWithParam<uint64_t> {
 protected:
  static constexpr int kCounters = 5;

  void Step() {
    const int n = random_.Below(kCounters);
    const CounterId counter = Counter(n);
    NaiveTable::Counter& naive = naive_.counters[n];
    const int64_t before = naive_.Visible(n);
    const PresenceHash hash = Hash(static_cast<uint64_t>(random_.Below(6)));
    const bool loaded = table_.Loaded(counter);
    switch (random_.Below(16)) {
      case 0:
        if (!loaded) table_.Load(counter, naive.hits, 0);
        break;
      case 1:
      case 2:
      case 3:
        if (loaded)
          SetHits(
              n, random_.OneIn(5) ? absl::nullopt : absl::make_optional<int64_t>(random_.Below(9)));
        break;
      case 4:
        naive.floor = std::max<int64_t>(naive.floor, random_.Below(4));
        Expect(n, before, table_.RaiseFloor(counter, naive.floor, At(0)));
        break;
      case 5:
        if (random_.OneIn(10)) DropFloors();
        break;
      case 6:
        if (random_.OneIn(10)) RaiseEpoch();
        break;
      case 7:
        ASSERT_EQ(table_.Forget(counter), before == 0);
        break;
      case 8:
      case 9:
      case 10:
        naive.present.insert(hash);
        Expect(n, before, table_.Join(counter, hash, At(0)));
        break;
      default:
        naive.present.erase(hash);
        Expect(n, before, table_.Leave(counter, hash, At(0)));
    }
    if (table_.Loaded(counter)) {
      const Change now = table_.Read(counter);
      ASSERT_EQ(now.present, naive_.Visible(n));
      ASSERT_EQ(now.hits, naive.hits);
      ASSERT_GE(now.version, naive.shown);
    }
    table_.CheckInvariants();
  }

  // A change if and only if what is visible has changed.
  void Expect(int counter, int64_t before, const absl::optional<Change>& change) {
    ASSERT_EQ(change.has_value(), naive_.Visible(counter) != before);
    if (change) naive_.Show(counter, *change, table_.Loaded(Counter(counter)));
  }

  void SetHits(int counter, absl::optional<int64_t> hits) {
    const uint64_t next = table_.NextRevision(Counter(counter));
    const bool differs = naive_.counters[counter].hits != hits;
    naive_.counters[counter].hits = hits;
    const absl::optional<Change> change = table_.SetHits(Counter(counter), hits, At(0));
    ASSERT_EQ(change.has_value(), differs);
    if (!change) return;
    EXPECT_EQ(change->version.revision, next);
    naive_.Show(counter, *change, true);
  }

  void DropFloors() {
    std::map<CounterId, Change> changes;
    for (const Change& change : table_.DropFloors(At(0))) changes[change.counter] = change;
    for (int n = 0; n < kCounters; ++n) {
      const int64_t before = naive_.Visible(n);
      naive_.counters[n].floor = 0;
      const auto change = changes.find(Counter(n));
      ASSERT_EQ(change != changes.end(), naive_.Visible(n) != before);
      if (change != changes.end()) naive_.Show(n, change->second, table_.Loaded(Counter(n)));
    }
  }

  void RaiseEpoch() {
    for (const Change& change : table_.RaiseEpoch(table_.epoch() + 1, At(0))) {
      for (int n = 0; n < kCounters; ++n) {
        if (change.counter == Counter(n)) naive_.Show(n, change, true);
      }
    }
  }

  Random random_{GetParam()};
  CounterTable table_{kEpoch};
  NaiveTable naive_;
};

TEST_P(CounterTableModelTest, ShowsWhatIsTrueInRisingVersions) {
  SCOPED_TRACE(random_.seed());
  for (int step = 0; step < 5'000 && !HasFailure(); ++step) Step();
}

INSTANTIATE_TEST_SUITE_P(Seeds, CounterTableModelTest, ::testing::Range<uint64_t>(1, 11));

}  // namespace
}  // namespace livecounter
