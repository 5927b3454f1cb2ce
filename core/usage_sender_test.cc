#include "core/usage_sender.h"

#include <map>
#include <string>
#include <utility>

#include "absl/types/optional.h"
#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Random;
using ::testing::ElementsAre;

constexpr absl::Duration kInterval = absl::Milliseconds(500);

UsageEntry Entry(const std::string& product, int64_t hour, int64_t connections) {
  return {.product = product, .hour = hour, .connections = connections};
}

TEST(UsageSenderTest, TheFirstGoesAtOnceAndWhatComesMeanwhileGoesTogether) {
  UsageSender sender(kInterval, 10);
  EXPECT_FALSE(sender.has_batch(At(0)));
  EXPECT_TRUE(sender.empty());
  sender.Add("p", 3600, 1, At(0));
  EXPECT_FALSE(sender.empty());
  ASSERT_TRUE(sender.has_batch(At(0)));
  EXPECT_EQ(sender.TakeBatch(At(0)), (UsageBatch{1, {Entry("p", 3600, 1)}}));
  sender.Add("p", 3600, 2, At(0));
  sender.Add("q", 3600, 1, At(0));
  sender.Add("p", 7200, 1, At(0));
  sender.Add("p", 3600, 3, At(0));
  sender.OnCounted(1);
  EXPECT_EQ(sender.NextDue(), At(0.5));
  EXPECT_FALSE(sender.has_batch(At(0.499)));
  ASSERT_TRUE(sender.has_batch(At(0.5)));
  EXPECT_EQ(sender.TakeBatch(At(0.5)),
            (UsageBatch{2, {Entry("p", 3600, 5), Entry("q", 3600, 1), Entry("p", 7200, 1)}}));
  sender.CheckInvariants();
}

TEST(UsageSenderTest, OneIsUnansweredAtATime) {
  UsageSender sender(kInterval, 10);
  sender.Add("p", 0, 1, At(0));
  sender.TakeBatch(At(0));
  sender.Add("p", 0, 1, At(0));
  EXPECT_FALSE(sender.has_batch(At(100)));
  EXPECT_FALSE(sender.has_batch(At(100), /*at_once=*/true));
  EXPECT_EQ(sender.NextDue(), absl::InfiniteFuture());
  EXPECT_FALSE(sender.empty());
  sender.OnCounted(1);
  EXPECT_TRUE(sender.has_batch(At(100)));
}

TEST(UsageSenderTest, TheAgeIsThatOfTheOldestThatIsNotCounted) {
  UsageSender sender(kInterval, 10);
  EXPECT_EQ(sender.UncountedSince(), absl::InfiniteFuture());
  sender.Add("p", 0, 1, At(1));
  sender.Add("q", 0, 1, At(2));
  EXPECT_EQ(sender.UncountedSince(), At(1));
  sender.TakeBatch(At(2));
  sender.Add("p", 0, 1, At(3));
  EXPECT_EQ(sender.UncountedSince(), At(1));
  sender.OnCounted(1);
  EXPECT_EQ(sender.UncountedSince(), At(3));
  sender.TakeBatch(At(4));
  sender.OnCounted(2);
  EXPECT_EQ(sender.UncountedSince(), absl::InfiniteFuture());
  sender.CheckInvariants();
}

TEST(UsageSenderTest, WhatDoesNotFitIntoABatchKeepsItsAge) {
  UsageSender sender(kInterval, 1);
  sender.Add("p", 0, 1, At(1));
  sender.Add("q", 0, 1, At(2));
  sender.TakeBatch(At(2));
  sender.OnCounted(1);
  EXPECT_EQ(sender.UncountedSince(), At(1));
  sender.CheckInvariants();
}

TEST(UsageSenderTest, AfterABreakTheSameGoesAgain) {
  UsageSender sender(kInterval, 10);
  sender.Add("p", 0, 1, At(0));
  const UsageBatch first = sender.TakeBatch(At(0));
  sender.Add("p", 0, 7, At(0));
  sender.Reset(At(0));
  EXPECT_EQ(sender.NextDue(), absl::InfinitePast());
  ASSERT_TRUE(sender.has_batch(At(0)));
  EXPECT_EQ(sender.TakeBatch(At(0.1)), first);
  EXPECT_FALSE(sender.has_batch(At(9)));
}

TEST(UsageSenderTest, AnswersThatAreRepeatedCountNothing) {
  UsageSender sender(kInterval, 10);
  sender.OnCounted(5);
  sender.Add("p", 0, 1, At(0));
  sender.TakeBatch(At(0));
  sender.OnCounted(0);
  EXPECT_FALSE(sender.empty());
  sender.OnCounted(1);
  EXPECT_TRUE(sender.empty());
  sender.Add("p", 0, 1, At(0));
  EXPECT_EQ(sender.TakeBatch(At(1)).number, 2u);
  sender.OnCounted(1);
  EXPECT_FALSE(sender.empty());
}

TEST(UsageSenderTest, WhatDoesNotFitComesInTheNextWithoutWaiting) {
  UsageSender sender(kInterval, 2);
  for (const char* product : {"a", "b", "c"}) sender.Add(product, 0, 1, At(0));
  EXPECT_THAT(sender.TakeBatch(At(0)).entries, ElementsAre(Entry("a", 0, 1), Entry("b", 0, 1)));
  sender.OnCounted(1);
  ASSERT_TRUE(sender.has_batch(At(0)));
  EXPECT_THAT(sender.TakeBatch(At(0)).entries, ElementsAre(Entry("c", 0, 1)));
}

TEST(UsageSenderTest, AtTheEndItIsNotWaitedFor) {
  UsageSender sender(kInterval, 10);
  sender.Add("p", 0, 1, At(0));
  sender.TakeBatch(At(0));
  sender.OnCounted(1);
  sender.Add("p", 0, 1, At(0));
  EXPECT_FALSE(sender.has_batch(At(0.1)));
  EXPECT_TRUE(sender.has_batch(At(0.1), /*at_once=*/true));
}

// Frames and answers are lost with their streams; the receiver counts each number once.
TEST(UsageSenderTest, EverythingIsCountedExactlyOnceOverBreaks) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    SCOPED_TRACE(random.seed());
    UsageSender sender(kInterval, 3);
    std::map<std::pair<std::string, int64_t>, int64_t> accepted, counted;
    uint64_t last_counted = 0;
    absl::Time now = At(0);
    const auto send = [&](bool arrives, bool is_answered) {
      if (!sender.has_batch(now)) return;
      const UsageBatch batch = sender.TakeBatch(now);
      if (!arrives) return;
      if (batch.number > last_counted) {
        ASSERT_EQ(batch.number, last_counted + 1);
        for (const UsageEntry& entry : batch.entries) {
          counted[{entry.product, entry.hour}] += entry.connections;
        }
        last_counted = batch.number;
      }
      if (is_answered) sender.OnCounted(batch.number);
    };
    for (int i = 0; i < 300; ++i) {
      now += absl::Milliseconds(random.Below(300));
      const std::string product = std::string(1, static_cast<char>('a' + random.Below(5)));
      const int64_t hour = random.Below(2) * 3600;
      sender.Add(product, hour, 1, At(0));
      ++accepted[{product, hour}];
      send(!random.OneIn(4), !random.OneIn(4));
      if (random.OneIn(5)) sender.Reset(now);
      sender.CheckInvariants();
    }
    for (int i = 0; i < 20; ++i) {
      sender.Reset(now);
      now += kInterval;
      send(true, true);
    }
    EXPECT_TRUE(sender.empty());
    EXPECT_EQ(counted, accepted);
  }
}

}  // namespace
}  // namespace livecounter
