#include "services/counter/embedded/expiry_sweeper.h"

#include <string>

#include "gtest/gtest.h"
#include "services/counter/embedded/hit_records.h"
#include "services/counter/embedded/store_fixture.h"

namespace livecounter::counter::embedded {
namespace {

constexpr size_t kSlice = 3;

class ExpirySweeperTest : public StoreFixture {
 protected:
  ExpirySweeperTest() : sweeper_(*store_, counters_, senders_, kSlice) {}

  void PutKeys(int from, int to) {
    Transaction transaction = Begin();
    for (int i = from; i < to; ++i) {
      ASSERT_TRUE(
          PutKey(transaction, Counter("1"), std::to_string(i), {1, i, now_ + kRecordLifetime})
              .ok());
    }
    Commit(transaction);
  }
  void PutSenders(uint64_t from, uint64_t to) {
    Transaction transaction = Begin();
    for (uint64_t i = from; i < to; ++i) PutSender(transaction, Counter("1"), {0, i}, {1, 1});
    Commit(transaction);
  }
  size_t Count(Family family) { return store_->Scan(family, "", "", 1000)->size(); }
  int64_t Live() {
    Transaction transaction = Begin();
    return *LiveKeys(transaction, kTestProduct);
  }

  ExpirySweeper sweeper_;
};

TEST_F(ExpirySweeperTest, NothingGoesBeforeItsTime) {
  PutKeys(0, 2);
  PutSenders(0, 2);
  EXPECT_FALSE(*sweeper_.Sweep(start_ + kRecordLifetime - absl::Nanoseconds(1)));
  EXPECT_EQ(Live(), 2);
  EXPECT_EQ(Count(Family::kKeys), 2u);
  EXPECT_EQ(Count(Family::kSenders), 2u);
}

TEST_F(ExpirySweeperTest, WhatExpiredGoesAndWhatIsNewerStays) {
  PutKeys(0, 2);
  PutSenders(0, 1);
  now_ += absl::Seconds(1);
  PutKeys(2, 3);
  PutSenders(1, 2);
  EXPECT_FALSE(*sweeper_.Sweep(start_ + kRecordLifetime));
  EXPECT_EQ(Live(), 1);
  EXPECT_EQ(Count(Family::kKeys), 1u);
  EXPECT_EQ(Count(Family::kKeyExpiry), 1u);
  EXPECT_EQ(Count(Family::kSenders), 1u);
  EXPECT_EQ(senders_.size(), 1u) << "gone from memory too";
}

TEST_F(ExpirySweeperTest, KeysGoInSlicesUntilThereAreNoMore) {
  PutKeys(0, 7);
  const absl::Time later = start_ + kRecordLifetime;
  EXPECT_TRUE(*sweeper_.Sweep(later));
  EXPECT_EQ(Live(), 4);
  EXPECT_TRUE(*sweeper_.Sweep(later));
  EXPECT_EQ(Live(), 1);
  EXPECT_FALSE(*sweeper_.Sweep(later));
  EXPECT_EQ(Live(), 0);
}

TEST_F(ExpirySweeperTest, SendersAreLookedAtInSlicesRoundAndRound) {
  PutSenders(0, 7);
  const absl::Time later = start_ + kRecordLifetime;
  ASSERT_TRUE(sweeper_.Sweep(start_).ok());  // looks at three
  ASSERT_TRUE(sweeper_.Sweep(later).ok());   // takes away the next three
  EXPECT_EQ(Count(Family::kSenders), 4u);
  ASSERT_TRUE(sweeper_.Sweep(later).ok());  // the last one
  EXPECT_EQ(Count(Family::kSenders), 3u);
  ASSERT_TRUE(sweeper_.Sweep(later).ok());  // round again
  EXPECT_EQ(Count(Family::kSenders), 0u);
}

TEST_F(ExpirySweeperTest, ASweepThatCouldNotBeWrittenIsDoneAgain) {
  PutKeys(0, 2);
  const absl::Time later = start_ + kRecordLifetime;
  disk_.Fail(DiskFault::kFull);
  EXPECT_FALSE(sweeper_.Sweep(later).ok());
  disk_.Heal();
  ASSERT_TRUE(store_->Repair().ok());
  EXPECT_EQ(Live(), 2);
  EXPECT_TRUE(sweeper_.Sweep(later).ok());
  EXPECT_EQ(Live(), 0);
}

}  // namespace
}  // namespace livecounter::counter::embedded
