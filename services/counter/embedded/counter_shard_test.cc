#include "services/counter/embedded/counter_shard.h"

#include <atomic>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/embedded/store_fixture.h"

namespace livecounter::counter::embedded {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kMaxInMemory = 3;
constexpr PresenceHash kAnn{1, 1};
constexpr PresenceHash kBob{2, 2};

class CounterShardTest : public StoreFixture {
 protected:
  CounterShardTest()
      : shard_(
            *store_, outbox_, [this](absl::string_view product) { return product != gone_; },
            kEpoch, kMaxInMemory) {
    outbox_.SetSink([this](std::vector<Change> changes) {
      for (Change& change : changes) sent_.push_back(std::move(change));
    });
  }
  ~CounterShardTest() override { shard_.CheckInvariants(); }

  std::vector<Change> Sent() {
    outbox_.Flush();
    return std::exchange(sent_, {});
  }
  void Join(const std::string& id, PresenceHash hash) {
    shard_.UpdatePresence({Counter(id), {hash}, {}}, now_);
  }
  void Leave(const std::string& id, PresenceHash hash) {
    shard_.UpdatePresence({Counter(id), {}, {hash}}, now_);
  }
  // As the committer: on disk, then visible.
  void Set(const std::string& id, int64_t hits) {
    const Total total = *shard_.ReadTotal(Counter(id));
    StoreCounter(id, hits, total.next_revision);
    shard_.Publish(Counter(id), StoredCounter{hits, total.next_revision}, now_);
  }

  std::string gone_;  // a product
  ChangeOutbox outbox_;
  CounterShard shard_;
  std::vector<Change> sent_;
};

TEST_F(CounterShardTest, ColdCountersAreReadWhenTheyAreNeeded) {
  StoreCounter("1", 26, 41);
  EXPECT_EQ(shard_.size(), 0u);
  const Change change = *shard_.Read(Counter("1"));
  EXPECT_EQ(change.hits, 26);
  EXPECT_EQ(change.version, (Version{kEpoch, 41}));
  EXPECT_EQ(shard_.Read(Counter("never"))->hits, absl::nullopt);
}

TEST_F(CounterShardTest, WatchingSendsTheCurrentValueFirstThenEachChange) {
  StoreCounter("1", 26);
  shard_.Watch(Counter("1"));
  const std::vector<Change> first = Sent();
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].hits, 26);
  Set("1", 27);
  Join("1", kAnn);
  const std::vector<Change> next = Sent();
  ASSERT_THAT(next, SizeIs(1)) << "the newest of both";
  EXPECT_EQ(next[0].hits, 27);
  EXPECT_EQ(next[0].present, 1);
  EXPECT_GT(next[0].version, first[0].version);
  shard_.Unwatch(Counter("1"));
  Set("1", 28);
  EXPECT_THAT(Sent(), IsEmpty());
}

TEST_F(CounterShardTest, OnlyWhatNobodyUsesIsForgotten) {
  shard_.Watch(Counter("watched"));
  Join("present", kAnn);
  ASSERT_TRUE(shard_.Read(Counter("present")).ok());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(shard_.Read(Counter(std::to_string(i))).ok());
  EXPECT_LE(shard_.size(), kMaxInMemory + 1);
  EXPECT_EQ(shard_.Read(Counter("present"))->present, 1);
  Sent();
  Set("watched", 1);
  EXPECT_THAT(Sent(), SizeIs(1));
}

TEST_F(CounterShardTest, OfAPageThatWasLeftNothingStays) {
  StoreCounter("1", 26);
  for (const std::string id : {"1", "page"}) {
    shard_.Watch(Counter(id));
    Join(id, kAnn);
    shard_.Unwatch(Counter(id));
    Leave(id, kAnn);
  }
  EXPECT_EQ(shard_.size(), 1u) << "the hit counter";
  shard_.Watch(Counter("page"));
  Join("page", kAnn);
  const Version shown = shard_.Read(Counter("page"))->version;
  Leave("page", kAnn);
  EXPECT_EQ(shard_.size(), 2u) << "it is watched";
  shard_.Unwatch(Counter("page"));
  EXPECT_EQ(shard_.size(), 1u);
  EXPECT_GT(shard_.Read(Counter("page"))->version, shown);
}

TEST_F(CounterShardTest, AForgottenCounterComesBackWithTheSameValueAndNoLowerVersion) {
  Set("1", 5);
  Join("1", kAnn);
  Leave("1", kAnn);
  const Change before = *shard_.Read(Counter("1"));
  for (int i = 10; i < 20; ++i) ASSERT_TRUE(shard_.Read(Counter(std::to_string(i))).ok());
  const Change after = *shard_.Read(Counter("1"));
  EXPECT_EQ(after.hits, 5);
  EXPECT_GE(after.version, before.version);
}

TEST_F(CounterShardTest, WhatWasForgottenDuringAWriteIsPublishedAllTheSame) {
  const Total total = *shard_.ReadTotal(Counter("1"));
  for (int i = 10; i < 20; ++i) ASSERT_TRUE(shard_.Read(Counter(std::to_string(i))).ok());
  StoreCounter("1", 1, total.next_revision);
  shard_.Publish(Counter("1"), StoredCounter{1, total.next_revision}, now_);
  EXPECT_EQ(shard_.Read(Counter("1"))->hits, 1);
}

TEST_F(CounterShardTest, PresenceNeedsNoCounterAndLeavesNothingBehind) {
  Join("1", kAnn);
  Join("1", kBob);
  Join("1", kAnn);
  EXPECT_EQ(shard_.size(), 1u);
  EXPECT_THAT(shard_.PresentAfter(kTestProduct, "", 10), ElementsAre("1"));
  Leave("1", kAnn);
  Leave("1", kBob);
  EXPECT_EQ(shard_.size(), 0u);
  EXPECT_THAT(shard_.PresentAfter(kTestProduct, "", 10), IsEmpty());
}

TEST_F(CounterShardTest, PresentIdsComeInOrderFromOneProductAfterAnId) {
  for (const char* id : {"b", "a", "d", "c"}) Join(id, kAnn);
  shard_.UpdatePresence({{"accounts/a/products/q", "b"}, {kAnn}, {}}, now_);
  EXPECT_THAT(shard_.PresentAfter(kTestProduct, "", 10), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(shard_.PresentAfter(kTestProduct, "b", 10), ElementsAre("c", "d"));
  EXPECT_THAT(shard_.PresentAfter(kTestProduct, "", 2), ElementsAre("a", "b"));
}

TEST_F(CounterShardTest, FloorsHoldUntilRecoveryEndsAndNoneStandsAfterwards) {
  shard_.Watch(Counter("1"));
  Sent();
  shard_.RaiseFloor(Counter("1"), 5, now_);
  EXPECT_EQ(Sent().at(0).present, 5);
  Join("1", kAnn);
  EXPECT_THAT(Sent(), IsEmpty());
  EXPECT_THAT(shard_.PresentAfter(kTestProduct, "", 10), ElementsAre("1"));
  shard_.EndRecovery(now_);
  EXPECT_EQ(Sent().at(0).present, 1);
  shard_.RaiseFloor(Counter("1"), 9, now_);
  EXPECT_THAT(Sent(), IsEmpty());
}

TEST_F(CounterShardTest, ANewEpochIsSentToWatchersOnly) {
  shard_.Watch(Counter("1"));
  ASSERT_TRUE(shard_.Read(Counter("2")).ok());
  Sent();
  shard_.RaiseEpoch(kEpoch + 1, now_);
  const std::vector<Change> sent = Sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].counter, Counter("1"));
  EXPECT_EQ(sent[0].version.epoch, kEpoch + 1);
  EXPECT_EQ(shard_.Read(Counter("2"))->version.epoch, kEpoch + 1);
}

TEST_F(CounterShardTest, AWatchThatCouldNotReadIsServedWhenItCan) {
  ASSERT_TRUE(
      store_->Commit({{Family::kCounters, CounterKey(Counter("1")), "damaged"}}, false).ok());
  shard_.Watch(Counter("1"));
  Join("1", kAnn);
  EXPECT_THAT(Sent(), IsEmpty()) << "nothing is said of hits that are not known";
  EXPECT_EQ(shard_.Read(Counter("1")).status().code(), absl::StatusCode::kDataLoss);
  shard_.RetryWatches();
  EXPECT_THAT(Sent(), IsEmpty());
  StoreCounter("1", 26);
  shard_.RetryWatches();
  const std::vector<Change> sent = Sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].hits, 26);
  EXPECT_EQ(sent[0].present, 1);
}

TEST_F(CounterShardTest, AProductThatIsGoneGetsNoHistory) {
  Join("1", kAnn);
  Join("2", kAnn);
  gone_ = kTestProduct;
  shard_.ForgetHistories(kTestProduct);
  Join("1", kBob);
  Leave("2", kAnn);
  EXPECT_THAT(shard_.HistoriesAfter(kTestProduct, "", 10), IsEmpty());
  EXPECT_THAT(shard_.AllHistory(now_ + absl::Minutes(1)), IsEmpty());
  EXPECT_EQ(shard_.Read(Counter("1"))->present, 2) << "who is there leaves by themselves";
  gone_.clear();
  Leave("1", kBob);
  EXPECT_THAT(shard_.HistoriesAfter(kTestProduct, "", 10), ElementsAre("1"));
}

// Readers, evictions and a writer at once: nobody may see the value of a counter go back.
TEST_F(CounterShardTest, NoReaderSeesACounterGoBack) {
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&, reader] {
      Change last;
      for (int i = 0; !done; ++i) {
        ASSERT_TRUE(shard_.Read(Counter(std::to_string(100 + reader * 100 + i % 7))).ok());
        const Change now = *shard_.Read(Counter("1"));
        EXPECT_GE(now.hits.value_or(0), last.hits.value_or(0));
        EXPECT_GE(now.version, last.version);
        if (now.version == last.version) {
          EXPECT_EQ(now.hits, last.hits);
        }
        last = now;
      }
    });
  }
  for (int64_t hits = 1; hits <= 2000; ++hits) Set("1", hits);
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(shard_.Read(Counter("1"))->hits, 2000);
}

}  // namespace
}  // namespace livecounter::counter::embedded
