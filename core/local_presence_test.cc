#include "core/local_presence.h"

#include <algorithm>
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
using test::Hash;
using test::Random;

constexpr absl::Duration kClean = absl::Seconds(1);
constexpr absl::Duration kLost = absl::Seconds(10);

std::vector<PresenceDelta> Left(int counter, std::vector<PresenceHash> hashes) {
  return {{Counter(counter), {}, std::move(hashes)}};
}

TEST(LocalPresenceTest, OnlyTheFirstOfSeveralConnectionsIsAnEdge) {
  LocalPresence presence;
  EXPECT_TRUE(presence.Join(Counter(1), Hash(1)));
  EXPECT_FALSE(presence.Join(Counter(1), Hash(1)));
  EXPECT_TRUE(presence.Join(Counter(2), Hash(1)));
  EXPECT_EQ(presence.size(), 2);
}

TEST(LocalPresenceTest, APresenceIdLeavesWhenItsGraceEnds) {
  LocalPresence presence;
  presence.Join(Counter(1), Hash(1));
  presence.Leave(Counter(1), Hash(1), kClean, At(0));
  EXPECT_EQ(presence.NextExpiry(), At(1));
  EXPECT_TRUE(presence.Expire(At(0.999)).empty());
  EXPECT_EQ(presence.Expire(At(1)), Left(1, {Hash(1)}));
  EXPECT_EQ(presence.size(), 0);
  EXPECT_EQ(presence.NextExpiry(), absl::InfiniteFuture());
}

TEST(LocalPresenceTest, AReloadWithinTheGraceIsNotSeen) {
  LocalPresence presence;
  presence.Join(Counter(1), Hash(1));
  presence.Leave(Counter(1), Hash(1), kClean, At(0));
  EXPECT_FALSE(presence.Join(Counter(1), Hash(1)));
  EXPECT_TRUE(presence.Expire(At(100)).empty());
}

TEST(LocalPresenceTest, TheLastOfSeveralGracesCounts) {
  LocalPresence presence;
  presence.Join(Counter(1), Hash(1));
  presence.Join(Counter(1), Hash(1));
  presence.Leave(Counter(1), Hash(1), kLost, At(0));
  EXPECT_EQ(presence.NextExpiry(), absl::InfiniteFuture());  // one connection is still here
  presence.Leave(Counter(1), Hash(1), kClean, At(1));
  EXPECT_TRUE(presence.Expire(At(9.9)).empty());
  EXPECT_EQ(presence.Expire(At(10)), Left(1, {Hash(1)}));
}

TEST(LocalPresenceTest, WithoutGraceAPresenceIdLeavesAtOnce) {
  LocalPresence presence;
  presence.Join(Counter(1), Hash(1));
  presence.Leave(Counter(1), Hash(1), absl::ZeroDuration(), At(0));
  EXPECT_EQ(presence.Expire(At(0)), Left(1, {Hash(1)}));
}

TEST(LocalPresenceTest, LeavingWithoutAConnectionChangesNothing) {
  LocalPresence presence;
  presence.Leave(Counter(1), Hash(1), kClean, At(0));
  EXPECT_EQ(presence.size(), 0);
  presence.Join(Counter(1), Hash(1));
  presence.Leave(Counter(1), Hash(1), kClean, At(0));
  presence.Leave(Counter(1), Hash(1), kLost, At(0));
  EXPECT_EQ(presence.NextExpiry(), At(1));
}

// Each connection by itself: it holds its presence ID until it goes, and its grace longer.
struct NaiveConnection {
  int counter;
  uint64_t hash;
  absl::Time until = absl::InfiniteFuture();
};

using Pairs = std::set<std::pair<int, uint64_t>>;

Pairs Held(const std::vector<NaiveConnection>& connections, absl::Time now) {
  Pairs held;
  for (const NaiveConnection& connection : connections) {
    if (connection.until > now) held.insert({connection.counter, connection.hash});
  }
  return held;
}

TEST(LocalPresenceTest, IsWhatTheConnectionsHoldOverRandomOperations) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Random random(seed);
    SCOPED_TRACE(random.seed());
    LocalPresence presence;
    std::vector<NaiveConnection> connections;
    Pairs known;  // by edges
    absl::Time now = At(0);
    for (int step = 0; step < 3'000; ++step) {
      now += absl::Milliseconds(random.Below(300));
      for (const PresenceDelta& delta : presence.Expire(now)) {
        EXPECT_TRUE(delta.joined.empty());
        for (PresenceHash hash : delta.left) {
          const int counter = delta.counter == Counter(0) ? 0 : 1;
          EXPECT_EQ(known.erase({counter, hash.low}), 1u);
        }
      }
      std::vector<size_t> open;
      for (size_t i = 0; i < connections.size(); ++i) {
        if (connections[i].until == absl::InfiniteFuture()) open.push_back(i);
      }
      if (open.empty() || random.OneIn(2)) {
        const NaiveConnection connection{random.Below(2), static_cast<uint64_t>(random.Below(8))};
        const bool edge = presence.Join(Counter(connection.counter), Hash(connection.hash));
        ASSERT_EQ(edge, known.insert({connection.counter, connection.hash}).second);
        connections.push_back(connection);
      } else {
        NaiveConnection& connection = connections[random.Pick(open)];
        const absl::Duration grace = random.OneIn(2) ? kClean : kLost;
        presence.Leave(Counter(connection.counter), Hash(connection.hash), grace, now);
        connection.until = now + grace;
      }
      std::erase_if(connections, [&](const NaiveConnection& gone) { return gone.until <= now; });
      ASSERT_EQ(known, Held(connections, now));
      ASSERT_EQ(presence.size(), static_cast<int64_t>(known.size()));
      presence.CheckInvariants();
    }
  }
}

TEST(LocalPresenceTest, WhatIsRemovedIsGoneWhateverItsConnectionsAndGraces) {
  LocalPresence presence;
  EXPECT_FALSE(presence.Remove(Counter(1), Hash(1)));
  presence.Join(Counter(1), Hash(1));
  presence.Join(Counter(1), Hash(1));
  presence.Join(Counter(1), Hash(2));
  presence.Leave(Counter(1), Hash(2), absl::Seconds(10), At(0));
  EXPECT_FALSE(presence.Remove(Counter(1), Hash(3)));
  EXPECT_TRUE(presence.Remove(Counter(1), Hash(1)));
  EXPECT_TRUE(presence.Remove(Counter(1), Hash(2)));
  EXPECT_FALSE(presence.Remove(Counter(1), Hash(2)));
  presence.CheckInvariants();
  presence.Leave(Counter(1), Hash(1), absl::Seconds(10), At(0));
  EXPECT_TRUE(presence.Expire(At(100)).empty());
  EXPECT_EQ(presence.size(), 0);
  EXPECT_TRUE(presence.Join(Counter(1), Hash(1))) << "an edge again";
}

}  // namespace
}  // namespace livecounter
