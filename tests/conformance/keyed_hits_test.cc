// Hits that name themselves: an Idempotency-Key, a request id (contract §2).

#include <limits>

#include "absl/strings/str_cat.h"
#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMaxLive = 5;

class KeyedHitsTest : public ConformanceTest {
 protected:
  KeyedHitsTest() : ConformanceTest({.max_live_keys_per_product = kMaxLive}) {}

  absl::StatusOr<HitResult> HitOnce(const std::string& id, const std::string& key,
                                    int64_t count = 1, bool create = true) {
    return blocking().HitOnce({Counter(id), key, count, create});
  }
  absl::StatusCode Code(const std::string& id, const std::string& key, int64_t count = 1,
                        bool create = true) {
    return HitOnce(id, key, count, create).status().code();
  }
};

TEST_P(KeyedHitsTest, AKeyCountsOnceAndIsAnsweredTheSame) {
  const auto first = HitOnce("1", "key", 3);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->value_after, 3);
  EXPECT_EQ(blocking().Read(Counter("1"))->version, first->version);
  ASSERT_EQ(HitOnce("1", "another", 2)->value_after, 5);
  EXPECT_EQ(HitOnce("1", "key", 3)->value_after, 3);
  EXPECT_EQ(Hits("1"), 5);
}

TEST_P(KeyedHitsTest, AKeyIsKnownAfterTheEndAndAfterACrash) {
  ASSERT_EQ(HitOnce("1", "key")->value_after, 1);
  harness_->Reopen();
  EXPECT_EQ(HitOnce("1", "key")->value_after, 1);
  harness_->Crash();
  EXPECT_EQ(HitOnce("1", "key")->value_after, 1);
  EXPECT_EQ(Hits("1"), 1);
}

TEST_P(KeyedHitsTest, KeysAreEachCountersOwn) {
  EXPECT_EQ(HitOnce("1", "key")->value_after, 1);
  EXPECT_EQ(HitOnce("2", "key")->value_after, 1);
  EXPECT_EQ(HitOnce("1", "other")->value_after, 2);
}

TEST_P(KeyedHitsTest, AKeyLivesADayAndThenCountsAgain) {
  ASSERT_EQ(HitOnce("1", "key")->value_after, 1);
  harness_->clock().Advance(kRecordLifetime - absl::Seconds(1));
  EXPECT_EQ(HitOnce("1", "key")->value_after, 1);
  harness_->clock().Advance(absl::Seconds(1));
  EXPECT_EQ(HitOnce("1", "key")->value_after, 2);
  harness_->clock().Advance(kRecordLifetime - absl::Seconds(1));
  EXPECT_EQ(HitOnce("1", "key")->value_after, 2);
}

TEST_P(KeyedHitsTest, AKeyUsedWithAnotherCountIsRefused) {
  ASSERT_TRUE(HitOnce("1", "key", 1).ok());
  EXPECT_EQ(Code("1", "key", 2), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Hits("1"), 1);
}

TEST_P(KeyedHitsTest, KeysHaveOneTo255BytesOfAnyKind) {
  EXPECT_EQ(Code("1", ""), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Code("1", std::string(256, 'k')), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(HitOnce("1", std::string(255, 'k')).ok());
  EXPECT_TRUE(HitOnce("1", std::string("\0\xff", 2)).ok());
  EXPECT_TRUE(HitOnce("1", std::string("\0", 1)).ok());
  EXPECT_EQ(Hits("1"), 3);
}

TEST_P(KeyedHitsTest, OtherRefusalsAreThoseOfBatches) {
  EXPECT_EQ(Code("1", "key", 1, /*create=*/false), absl::StatusCode::kNotFound);
  EXPECT_EQ(Code("1", "key", 0), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Code("a/b", "key"), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(blocking().Create(Counter("full"), kMax).ok());
  EXPECT_EQ(Code("full", "key"), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(HitOnce("1", "key").ok()) << "a refused hit does not use its key up";
}

TEST_P(KeyedHitsTest, AProductHasSoManyLiveKeysAndNoMore) {
  for (int i = 0; i < kMaxLive; ++i) {
    ASSERT_TRUE(HitOnce(absl::StrCat(i), absl::StrCat("key", i)).ok());
  }
  EXPECT_EQ(Code("1", "one more"), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Code("9", "one more"), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Hits("9"), absl::nullopt);
  EXPECT_EQ(HitOnce("1", "key1")->value_after, 1) << "repeats are answered all the same";
  EXPECT_TRUE(blocking().HitOnce({{"accounts/demo/products/other", "1"}, "key", 1, true}).ok());
  EXPECT_TRUE(blocking().Hit(Next("1", kSender)).ok()) << "numbered batches need no key";
}

TEST_P(KeyedHitsTest, ExpiredKeysMakeRoomAlsoAfterTheEnd) {
  for (int i = 0; i < kMaxLive; ++i) ASSERT_TRUE(HitOnce("1", absl::StrCat("key", i)).ok());
  ASSERT_EQ(Code("1", "one more"), absl::StatusCode::kResourceExhausted);
  harness_->Reopen();
  ASSERT_EQ(Code("1", "one more"), absl::StatusCode::kResourceExhausted);
  harness_->clock().Advance(kRecordLifetime);
  for (int i = 0; i < kMaxLive; ++i) {
    EXPECT_EQ(HitOnce("1", absl::StrCat("new", i))->value_after, kMaxLive + i + 1);
  }
  EXPECT_EQ(Code("1", "one more"), absl::StatusCode::kResourceExhausted);
}

TEST_P(KeyedHitsTest, AKeyRacedByManyCountsOnce) {
  std::vector<Answer<absl::StatusOr<HitResult>>> answers(100);
  for (const auto& answer : answers) {
    engine().HitOnce({Counter("1"), "key", 1, true}, answer.Callback());
  }
  for (const auto& answer : answers) EXPECT_EQ(answer.Wait()->value_after, 1);
  EXPECT_EQ(Hits("1"), 1);
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(KeyedHitsTest);

}  // namespace
}  // namespace livecounter::counter
