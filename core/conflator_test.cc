#include "core/conflator.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <ostream>
#include <vector>

#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Random;

struct Item {
  int key = 0;
  int version = 0;

  friend bool operator==(const Item&, const Item&) = default;
  friend void PrintTo(const Item& item, std::ostream* out) {
    *out << item.key << "@" << item.version;
  }
};

using Items = std::vector<Item>;
using ItemConflator = Conflator<int, Item>;

constexpr absl::Duration kInterval = absl::Milliseconds(100);

TEST(ConflatorTest, TheFirstChangeGoesOutAtOnce) {
  ItemConflator conflator;
  conflator.Offer(1, {1, 1}, kInterval, At(0));
  EXPECT_EQ(conflator.NextDue(), At(0));
  EXPECT_EQ(conflator.Take(At(0)), (Items{{1, 1}}));
  EXPECT_EQ(conflator.NextDue(), absl::InfiniteFuture());
}

TEST(ConflatorTest, ThenOnePerIntervalAlwaysEndingInTheNewest) {
  ItemConflator conflator;
  conflator.Offer(1, {1, 1}, kInterval, At(0));
  conflator.Take(At(0));
  for (int version = 2; version <= 5; ++version) {
    conflator.Offer(1, {1, version}, kInterval, At(0.01 * version));
    EXPECT_EQ(conflator.NextDue(), At(0.1));
  }
  EXPECT_TRUE(conflator.Take(At(0.099)).empty());
  EXPECT_EQ(conflator.Take(At(0.1)), (Items{{1, 5}}));
  EXPECT_TRUE(conflator.Take(At(10)).empty());
}

TEST(ConflatorTest, AValueAfterAQuietIntervalGoesOutAtOnce) {
  ItemConflator conflator;
  conflator.Offer(1, {1, 1}, kInterval, At(0));
  conflator.Take(At(0));
  conflator.Offer(1, {1, 2}, kInterval, At(5));
  EXPECT_EQ(conflator.Take(At(5)), (Items{{1, 2}}));
}

TEST(ConflatorTest, WhatIsNotNewerIsDropped) {
  ItemConflator conflator;
  conflator.Offer(1, {1, 5}, kInterval, At(0));
  conflator.Offer(1, {1, 4}, kInterval, At(0));
  EXPECT_EQ(conflator.Take(At(0)), (Items{{1, 5}}));
  conflator.Offer(1, {1, 5}, kInterval, At(0.01));
  conflator.Offer(1, {1, 4}, kInterval, At(0.01));
  EXPECT_EQ(conflator.pending(), 0u);
}

TEST(ConflatorTest, TheIntervalIsThatOfTheValueTaken) {
  ItemConflator conflator;
  conflator.Offer(1, {1, 1}, absl::Seconds(9), At(0));
  conflator.Offer(1, {1, 2}, kInterval, At(0));
  conflator.Take(At(0));
  conflator.Offer(1, {1, 3}, absl::Seconds(9), At(0));
  EXPECT_EQ(conflator.NextDue(), At(0.1));
}

TEST(ConflatorTest, WithoutIntervalASlotEmptiesAsItIsTakenAndIsForgotten) {
  ItemConflator conflator;
  for (int version = 1; version <= 3; ++version) {
    conflator.Offer(1, {1, version}, absl::ZeroDuration(), At(0));
    EXPECT_EQ(conflator.Take(At(0)), (Items{{1, version}}));
    EXPECT_EQ(conflator.size(), 0u);
  }
}

TEST(ConflatorTest, LongestDueComesFirstAndTheLimitHolds) {
  ItemConflator conflator;
  for (int key : {3, 1, 2}) conflator.Offer(key, {key, 1}, kInterval, At(0));
  conflator.Offer(3, {3, 2}, kInterval, At(0));  // keeps its place
  EXPECT_EQ(conflator.Take(At(0), 2), (Items{{3, 2}, {1, 1}}));
  EXPECT_EQ(conflator.Take(At(0), 0), Items());
  EXPECT_EQ(conflator.Take(At(0), 2), (Items{{2, 1}}));
}

TEST(ConflatorTest, KeysThatHaveBeenQuietForTheirIntervalTakeNoMemory) {
  ItemConflator conflator;
  for (int key = 0; key < 10; ++key) conflator.Offer(key, {key, 1}, kInterval, At(0));
  conflator.Take(At(0));
  EXPECT_EQ(conflator.size(), 10u);
  conflator.Offer(3, {3, 2}, kInterval, At(0.05));
  EXPECT_EQ(conflator.Take(At(0.1)), (Items{{3, 2}}));
  EXPECT_EQ(conflator.size(), 1u);
}

TEST(ConflatorTest, ForgetDropsWaitingValueAndMemory) {
  ItemConflator conflator;
  conflator.Offer(1, {1, 1}, kInterval, At(0));
  conflator.Forget(1);
  conflator.Forget(1);
  EXPECT_TRUE(conflator.Take(At(1)).empty());
  conflator.Offer(1, {1, 1}, kInterval, At(1));
  conflator.Take(At(1));
  conflator.Forget(1);
  conflator.Offer(1, {1, 1}, kInterval, At(1));
  EXPECT_EQ(conflator.Take(At(1)), (Items{{1, 1}}));
  conflator.CheckInvariants();
}

// What a Conflator does, as a list that is searched.
class NaiveConflator {
 public:
  void Offer(Item item, absl::Duration interval, absl::Time now) {
    for (Entry& entry : entries_) {
      if (entry.item.key != item.key) continue;
      if (item.version <= entry.item.version) return;
      if (!entry.waiting) entry.place = ++last_place_;
      if (!entry.waiting) entry.due = std::max(now, entry.quiet_until);
      entry.item = item;
      entry.interval = interval;
      entry.waiting = true;
      return;
    }
    entries_.push_back({item, interval, now, absl::InfinitePast(), true, ++last_place_});
  }

  Items Take(absl::Time now, size_t limit) {
    Items taken;
    for (; taken.size() < limit;) {
      Entry* first = nullptr;
      for (Entry& entry : entries_) {
        if (!entry.waiting || entry.due > now) continue;
        if (first == nullptr ||
            std::tie(entry.due, entry.place) < std::tie(first->due, first->place))
          first = &entry;
      }
      if (first == nullptr) break;
      taken.push_back(first->item);
      first->waiting = false;
      first->quiet_until = now + first->interval;
    }
    std::erase_if(entries_, [&](const Entry& e) { return !e.waiting && e.quiet_until <= now; });
    return taken;
  }

  void Forget(int key) {
    std::erase_if(entries_, [&](const Entry& entry) { return entry.item.key == key; });
  }

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Item item;
    absl::Duration interval;
    absl::Time due;
    absl::Time quiet_until;
    bool waiting;
    int place;
  };
  std::vector<Entry> entries_;
  int last_place_ = 0;
};

TEST(ConflatorTest, DoesAsTheNaiveOneOverRandomOperations) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    SCOPED_TRACE(random.seed());
    ItemConflator conflator;
    NaiveConflator naive;
    absl::Time now = At(0);
    for (int step = 0; step < 5'000; ++step) {
      now += absl::Milliseconds(random.Below(20));
      const int key = random.Below(6);
      const int choice = random.Below(10);
      if (choice < 6) {
        const Item item{key, step - random.Below(5)};
        const absl::Duration interval = absl::Milliseconds(50 * random.Below(3));
        conflator.Offer(key, item, interval, now);
        naive.Offer(item, interval, now);
      } else if (choice < 9) {
        const auto limit = static_cast<size_t>(random.Below(4));
        ASSERT_EQ(conflator.Take(now, limit), naive.Take(now, limit)) << "step " << step;
        ASSERT_EQ(conflator.size(), naive.size());
      } else {
        conflator.Forget(key);
        naive.Forget(key);
      }
      conflator.CheckInvariants();
    }
  }
}

}  // namespace
}  // namespace livecounter
