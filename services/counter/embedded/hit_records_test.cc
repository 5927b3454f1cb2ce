#include "services/counter/embedded/hit_records.h"

#include "gtest/gtest.h"
#include "services/counter/embedded/store_fixture.h"

namespace livecounter::counter::embedded {
namespace {

constexpr SenderId kSender{1, 2};

class HitRecordsTest : public StoreFixture {
 protected:
  KeyRecord RecordOf(int64_t value) { return {1, value, now_ + kRecordLifetime}; }
  int64_t Live() {
    Transaction transaction = Begin();
    return *LiveKeys(transaction, kTestProduct);
  }
  size_t Expiries() { return store_->Scan(Family::kKeyExpiry, "", "", 100)->size(); }
};

TEST_F(HitRecordsTest, ASendersRecordIsFoundAgainUntilItsTimeIsOver) {
  Transaction transaction = Begin();
  EXPECT_EQ(*FindSender(transaction, Counter("1"), kSender), absl::nullopt);
  PutSender(transaction, Counter("1"), kSender, {3, 30});
  EXPECT_EQ(*FindSender(transaction, Counter("1"), kSender), (SenderRecord{3, 30}));
  EXPECT_EQ(*FindSender(transaction, Counter("2"), kSender), absl::nullopt);
  EXPECT_EQ(*FindSender(transaction, Counter("1"), SenderId{2, 1}), absl::nullopt);
  Commit(transaction);

  now_ = start_ + kRecordLifetime - absl::Nanoseconds(1);
  Transaction in_time = Begin();
  EXPECT_EQ(*FindSender(in_time, Counter("1"), kSender), (SenderRecord{3, 30}));
  now_ = start_ + kRecordLifetime;
  Transaction late = Begin();
  EXPECT_EQ(*FindSender(late, Counter("1"), kSender), absl::nullopt);
}

TEST_F(HitRecordsTest, AKeyIsFoundAgainAndCountedWhileItLives) {
  Transaction transaction = Begin();
  EXPECT_EQ(*FindKey(transaction, Counter("1"), "k"), absl::nullopt);
  ASSERT_TRUE(PutKey(transaction, Counter("1"), "k", RecordOf(5)).ok());
  EXPECT_EQ(*FindKey(transaction, Counter("1"), "k"), RecordOf(5));
  EXPECT_EQ(*FindKey(transaction, Counter("2"), "k"), absl::nullopt);
  ASSERT_TRUE(PutKey(transaction, Counter("2"), "k", RecordOf(6)).ok());
  EXPECT_EQ(*LiveKeys(transaction, kTestProduct), 2);
  EXPECT_EQ(*LiveKeys(transaction, "accounts/a/products/other"), 0);
  Commit(transaction);
  EXPECT_EQ(Live(), 2);
  EXPECT_EQ(Expiries(), 2u);
}

TEST_F(HitRecordsTest, AKeyUsedAgainAfterItExpiredCountsOnceAndExpiresAnew) {
  Transaction transaction = Begin();
  ASSERT_TRUE(PutKey(transaction, Counter("1"), "k", RecordOf(5)).ok());
  Commit(transaction);
  now_ += kRecordLifetime;
  Transaction again = Begin();
  ASSERT_TRUE(PutKey(again, Counter("1"), "k", RecordOf(9)).ok());
  Commit(again);
  EXPECT_EQ(Live(), 1);
  EXPECT_EQ(Expiries(), 1u);
}

TEST_F(HitRecordsTest, RemovingAnExpiredKeyTakesAllOfItAway) {
  Transaction transaction = Begin();
  ASSERT_TRUE(PutKey(transaction, Counter("1"), "k", RecordOf(5)).ok());
  Commit(transaction);
  const ExpiryEntry entry{RecordOf(5).expires_at, KeyRecordKey(Counter("1"), "k")};
  Transaction removal = Begin();
  ASSERT_TRUE(RemoveExpiredKey(removal, ExpiryKey(entry), entry).ok());
  Commit(removal);
  EXPECT_EQ(Live(), 0);
  EXPECT_EQ(Expiries(), 0u);
  Transaction after = Begin();
  EXPECT_EQ(*FindKey(after, Counter("1"), "k"), absl::nullopt);
  EXPECT_EQ(*store_->Get(Family::kMeta, LiveKeysKey(kTestProduct)), absl::nullopt)
      << "a product without keys leaves nothing behind";
}

TEST_F(HitRecordsTest, AnEntryOfAKeyThatWasUsedAgainTakesNothingElseAway) {
  const ExpiryEntry old_entry{now_, KeyRecordKey(Counter("1"), "k")};
  Transaction transaction = Begin();
  ASSERT_TRUE(PutKey(transaction, Counter("1"), "k", RecordOf(5)).ok());
  transaction.Put(Family::kKeyExpiry, ExpiryKey(old_entry), "");
  ASSERT_TRUE(RemoveExpiredKey(transaction, ExpiryKey(old_entry), old_entry).ok());
  Commit(transaction);
  EXPECT_EQ(Live(), 1);
  EXPECT_EQ(Expiries(), 1u);
}

TEST_F(HitRecordsTest, DamagedRecordsAreErrors) {
  ASSERT_TRUE(store_
                  ->Commit({{Family::kSenders, SenderKey(Counter("1"), kSender), "?"},
                            {Family::kKeys, KeyRecordKey(Counter("1"), "k"), "?"},
                            {Family::kMeta, LiveKeysKey(kTestProduct), "?"}},
                           false)
                  .ok());
  Transaction transaction = Begin();
  EXPECT_EQ(FindSender(transaction, Counter("1"), kSender).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(FindKey(transaction, Counter("1"), "k").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(LiveKeys(transaction, kTestProduct).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(PutKey(transaction, Counter("1"), "k", RecordOf(1)).code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace livecounter::counter::embedded
