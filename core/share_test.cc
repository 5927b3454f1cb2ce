#include "core/share.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/presence_edges.h"
#include "core/presence_set.h"
#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::Counter;
using test::Hash;
using test::Random;

TEST(PresenceSetTest, OnlyTheFirstHoldAndTheLastReleaseAreEdges) {
  PresenceSet set;
  EXPECT_TRUE(set.Add(Hash(1)));
  EXPECT_FALSE(set.Add(Hash(1)));
  EXPECT_EQ(set.size(), 1);
  EXPECT_FALSE(set.Remove(Hash(1)));
  EXPECT_TRUE(set.Contains(Hash(1)));
  EXPECT_TRUE(set.Remove(Hash(1)));
  EXPECT_TRUE(set.empty());
}

TEST(PresenceSetTest, RemovingWhatNobodyHoldsChangesNothing) {
  PresenceSet set;
  EXPECT_FALSE(set.Remove(Hash(1)));
  EXPECT_EQ(set.size(), 0);
}

TEST(PresenceSetTest, IsTheSetOfAMultisetOverRandomOperations) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    SCOPED_TRACE(random.seed());
    PresenceSet set;
    std::multiset<PresenceHash> model;
    for (int step = 0; step < 10'000; ++step) {
      const PresenceHash hash = Hash(static_cast<uint64_t>(random.Below(40)));
      const size_t held = model.count(hash);
      if (random.OneIn(2)) {
        model.insert(hash);
        ASSERT_EQ(set.Add(hash), held == 0);
      } else {
        if (held > 0) model.erase(model.find(hash));
        ASSERT_EQ(set.Remove(hash), held == 1);
      }
      ASSERT_EQ(set.Contains(hash), model.contains(hash));
      if (step % 100 != 0) continue;
      const std::set<PresenceHash> distinct(model.begin(), model.end());
      ASSERT_EQ(set.size(), static_cast<int64_t>(distinct.size()));
      std::set<PresenceHash> visited;
      set.ForEach([&](PresenceHash visit) { visited.insert(visit); });
      ASSERT_EQ(visited, distinct);
      set.CheckInvariants();
    }
  }
}

TEST(ShareTest, CountersWithNobodyPresentAreNotKept) {
  Share share;
  share.Add(Counter(1), Hash(1));
  share.Remove(Counter(1), Hash(1));
  int visits = 0;
  share.ForEach([&](const CounterId&, const PresenceSet&) { ++visits; });
  EXPECT_EQ(visits, 0);
  EXPECT_TRUE(share.empty());
  EXPECT_EQ(share, Share());
}

TEST(ShareTest, RemovingFromACounterNeverSeenChangesNothing) {
  Share share;
  EXPECT_FALSE(share.Remove(Counter(1), Hash(1)));
  EXPECT_FALSE(share.Contains(Counter(1), Hash(1)));
  EXPECT_EQ(share.present(Counter(1)), 0);
  EXPECT_EQ(share.digest(), ShareDigest());
}

TEST(ShareTest, ToDeltasListsEverythingInOrder) {
  Share share;
  for (int counter : {3, 1, 2}) {
    for (uint64_t hash : {9, 7, 8}) share.Add(Counter(counter), {.high = 0, .low = hash});
  }
  const std::vector<PresenceHash> hashes = {{0, 7}, {0, 8}, {0, 9}};
  EXPECT_EQ(share.ToDeltas(),
            (std::vector<PresenceDelta>{
                {Counter(1), hashes, {}}, {Counter(2), hashes, {}}, {Counter(3), hashes, {}}}));
}

// Both ends of a session compute it, perhaps in different versions: it may never change.
TEST(ShareDigestTest, IsTheSameInEveryVersion) {
  Share share;
  share.Add({"accounts/demo/products/demo", "https://example.com/"}, {.high = 1, .low = 2});
  share.Add({"", "a"}, {.high = UINT64_MAX, .low = 0});
  EXPECT_EQ(share.digest().entries, 2u);
  // By a second implementation, written from the comment in share.cc.
  EXPECT_EQ(share.digest().high, 11564113943699939684u);
  EXPECT_EQ(share.digest().low, 5063158277620870406u);
}

TEST(ShareDigestTest, DependsOnWhatIsHeldAndNotOnHowItCameAbout) {
  Share ways[2];
  ways[0].Add(Counter(1), Hash(1));
  ways[0].Add(Counter(2), Hash(2));
  ways[1].Add(Counter(2), Hash(2));
  ways[1].Add(Counter(3), Hash(3));
  ways[1].Add(Counter(1), Hash(1));
  ways[1].Add(Counter(1), Hash(1));
  ways[1].Remove(Counter(3), Hash(3));
  EXPECT_EQ(ways[0].digest(), ways[1].digest());
}

TEST(ShareDigestTest, TellsNeighboursApart) {
  const std::vector<std::pair<CounterId, PresenceHash>> neighbours = {
      {{"", ""}, {0, 0}},         {{"", ""}, {0, 1}},          {{"", ""}, {1, 0}},
      {{"a", ""}, {0, 0}},        {{"", "a"}, {0, 0}},         {{"a", "b"}, {0, 0}},
      {{"ab", ""}, {0, 0}},       {{"", "ab"}, {0, 0}},        {{"", std::string(1, '\0')}, {0, 0}},
      {{"", "12345678"}, {0, 0}}, {{"", "123456789"}, {0, 0}}, {{"1", "2345678"}, {0, 0}},
  };
  std::set<uint64_t> highs;
  std::set<uint64_t> lows;
  for (const auto& [counter, hash] : neighbours) {
    Share share;
    share.Add(counter, hash);
    highs.insert(share.digest().high);
    lows.insert(share.digest().low);
  }
  EXPECT_EQ(highs.size(), neighbours.size());
  EXPECT_EQ(lows.size(), neighbours.size());
}

TEST(ShareTest, IsTheSetOfAMultisetOverRandomOperations) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    SCOPED_TRACE(random.seed());
    Share share;
    std::multiset<std::pair<CounterId, PresenceHash>> model;
    for (int step = 0; step < 5'000; ++step) {
      const CounterId counter = Counter(random.Below(4));
      const PresenceHash hash = Hash(static_cast<uint64_t>(random.Below(10)));
      const size_t held = model.count({counter, hash});
      if (random.OneIn(2)) {
        model.insert({counter, hash});
        ASSERT_EQ(share.Add(counter, hash), held == 0);
      } else {
        if (held > 0) model.erase(model.find({counter, hash}));
        ASSERT_EQ(share.Remove(counter, hash), held == 1);
      }
      ASSERT_EQ(share.Contains(counter, hash), model.contains({counter, hash}));
      if (step % 100 != 0) continue;
      std::map<CounterId, int64_t> present;
      const std::set<std::pair<CounterId, PresenceHash>> pairs(model.begin(), model.end());
      for (const auto& pair : pairs) ++present[pair.first];
      for (int c = 0; c < 4; ++c) ASSERT_EQ(share.present(Counter(c)), present[Counter(c)]);
      ASSERT_EQ(share.size(), static_cast<int64_t>(pairs.size()));
      ASSERT_EQ(share.empty(), pairs.empty());
      share.CheckInvariants();
    }
  }
}

TEST(PresenceEdgesTest, OpposedEdgesAreNotMentioned) {
  PresenceEdges edges;
  edges.Joined(Counter(2), Hash(1));
  edges.Left(Counter(2), Hash(1));
  edges.Left(Counter(1), Hash(3));
  edges.Joined(Counter(1), Hash(3));
  edges.Left(Counter(1), Hash(3));
  edges.Joined(Counter(1), Hash(2));
  EXPECT_EQ(edges.Take(), (std::vector<PresenceDelta>{{Counter(1), {Hash(2)}, {Hash(3)}}}));
  EXPECT_TRUE(edges.Take().empty());
}

TEST(PresenceEdgesTest, CountersAndHashesComeInOrder) {
  PresenceEdges edges;
  for (int counter : {2, 1}) {
    for (uint64_t hash : {5, 4}) edges.Joined(Counter(counter), {.high = 0, .low = hash});
  }
  const std::vector<PresenceHash> hashes = {{0, 4}, {0, 5}};
  EXPECT_EQ(edges.Take(),
            (std::vector<PresenceDelta>{{Counter(1), hashes, {}}, {Counter(2), hashes, {}}}));
}

}  // namespace
}  // namespace livecounter
