#include "services/counter/embedded/transaction.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/embedded/store_fixture.h"

namespace livecounter::counter::embedded {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TransactionTest : public StoreFixture {
 protected:
  // As the committer reads it: only what is durable and published.
  absl::optional<int64_t> Visible(const std::string& id) {
    return counters_.Read(Counter(id))->hits;
  }
};

TEST_F(TransactionTest, WritesOfOneGroupSeeEachOtherAndNobodyElseSeesThem) {
  StoreCounter("1", 10);
  Transaction transaction = Begin();
  EXPECT_EQ(*transaction.Total(Counter("1")), 10);
  transaction.SetTotal(Counter("1"), 11, now_);
  EXPECT_EQ(*transaction.Total(Counter("1")), 11);
  EXPECT_EQ(Visible("1"), 10);
  Commit(transaction);
  EXPECT_EQ(Visible("1"), 11);
}

TEST_F(TransactionTest, WhatIsDroppedHasNeverBeen) {
  StoreCounter("1", 10);
  {
    Transaction transaction = Begin();
    ASSERT_TRUE(transaction.Total(Counter("1")).ok());
    transaction.SetTotal(Counter("1"), 11, now_);
    transaction.Put(Family::kSenders, "sender", "record");
  }
  Transaction next = Begin();
  EXPECT_EQ(*next.Total(Counter("1")), 10);
  EXPECT_EQ(*next.Get(Family::kSenders, "sender"), absl::nullopt);
}

TEST_F(TransactionTest, OneCountersManyStepsAreOneMutationAndOneChange) {
  StoreCounter("1", 10);
  std::vector<Change> changes;
  counters_.SetSink([&](std::vector<Change> more) { changes = std::move(more); });
  counters_.Watch(Counter("1"));
  const Change before = *counters_.Read(Counter("1"));
  Transaction transaction = Begin();
  for (int64_t hits = 11; hits <= 20; ++hits) {
    ASSERT_TRUE(transaction.Total(Counter("1")).ok());
    transaction.SetTotal(Counter("1"), hits, now_);
  }
  EXPECT_THAT(transaction.Mutations(), SizeIs(1));
  EXPECT_THAT(transaction.ChangedCounters(), ElementsAre(Counter("1")));
  Commit(transaction);
  counters_.FlushChanges();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].hits, 20);
  EXPECT_GT(changes[0].version, before.version);
  EXPECT_EQ(changes[0].accepted_at, now_);
}

TEST_F(TransactionTest, WhatWasOnlyReadIsNotWritten) {
  Transaction transaction = Begin();
  EXPECT_EQ(*transaction.Total(Counter("1")), absl::nullopt);
  ASSERT_TRUE(transaction.Get(Family::kSenders, "sender").ok());
  EXPECT_THAT(transaction.Mutations(), IsEmpty());
  EXPECT_THAT(transaction.ChangedCounters(), IsEmpty());
}

TEST_F(TransactionTest, ACounterWithoutTotalIsDeleted) {
  StoreCounter("1", 10);
  Transaction transaction = Begin();
  ASSERT_TRUE(transaction.Total(Counter("1")).ok());
  transaction.SetTotal(Counter("1"), absl::nullopt, now_);
  Commit(transaction);
  EXPECT_EQ(Visible("1"), absl::nullopt);
  EXPECT_EQ(*store_->Get(Family::kCounters, CounterKey(Counter("1"))), absl::nullopt);
}

TEST_F(TransactionTest, TheStoredRevisionIsThatOfTheChange) {
  StoreCounter("1", 10, /*revision=*/41);
  Transaction transaction = Begin();
  ASSERT_TRUE(transaction.Total(Counter("1")).ok());
  transaction.SetTotal(Counter("1"), 11, now_);
  Commit(transaction);
  EXPECT_EQ(counters_.Read(Counter("1"))->version, (Version{kEpoch, 42}));
  EXPECT_EQ(*ReadStoredCounter(*store_, Counter("1")), (StoredCounter{11, 42}));
}

TEST_F(TransactionTest, RecordsAreReadThroughWhatIsPending) {
  ASSERT_TRUE(store_->Commit({{Family::kKeys, "a", "1"}}, false).ok());
  Transaction transaction = Begin();
  EXPECT_EQ(*transaction.Get(Family::kKeys, "a"), "1");
  transaction.Put(Family::kKeys, "a", "2");
  EXPECT_EQ(*transaction.Get(Family::kKeys, "a"), "2");
  transaction.Delete(Family::kKeys, "a");
  EXPECT_EQ(*transaction.Get(Family::kKeys, "a"), absl::nullopt);
  EXPECT_THAT(transaction.Mutations(), SizeIs(1));
}

TEST_F(TransactionTest, CommittedSenderRecordsStayInMemory) {
  Transaction transaction = Begin();
  transaction.Put(Family::kSenders, "sender", "record");
  Commit(transaction);
  ASSERT_NE(senders_.Use("sender"), nullptr);
  EXPECT_EQ(*senders_.Use("sender"), "record");
  Transaction removal = Begin();
  removal.Delete(Family::kSenders, "sender");
  Commit(removal);
  EXPECT_EQ(senders_.Use("sender"), nullptr);
}

TEST_F(TransactionTest, AWriteThatShowsTheWholeValueHasTheCounterAlone) {
  Transaction transaction = Begin();
  EXPECT_TRUE(transaction.Claim(Counter("hits"), /*alone=*/false));
  EXPECT_TRUE(transaction.Claim(Counter("hits"), /*alone=*/false));
  EXPECT_FALSE(transaction.Claim(Counter("hits"), /*alone=*/true));
  EXPECT_TRUE(transaction.Claim(Counter("set"), /*alone=*/true));
  EXPECT_FALSE(transaction.Claim(Counter("set"), /*alone=*/false));
  EXPECT_FALSE(transaction.Claim(Counter("set"), /*alone=*/true));
}

TEST_F(TransactionTest, AnEpochIsInForceWhenItIsPublished) {
  Transaction transaction = Begin();
  EXPECT_EQ(transaction.epoch(), kEpoch);
  transaction.RaiseEpoch(kEpoch + 5);
  EXPECT_EQ(transaction.epoch(), kEpoch + 5);
  EXPECT_EQ(counters_.epoch(), kEpoch);
  Commit(transaction);
  EXPECT_EQ(counters_.epoch(), kEpoch + 5);
}

TEST_F(TransactionTest, ASweepIsOnlyAskedForWhereOneIsOffered) {
  Transaction transaction = Begin();
  EXPECT_FALSE(transaction.AskForSweep());
  EXPECT_FALSE(transaction.sweep_asked());
  transaction.OfferSweep();
  EXPECT_FALSE(transaction.sweep_asked());
  EXPECT_TRUE(transaction.AskForSweep());
  EXPECT_TRUE(transaction.sweep_asked());
}

}  // namespace
}  // namespace livecounter::counter::embedded
