// Hits by numbered batches (design §2).

#include <limits>

#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr SenderId kOther{0, 2};

class HitsTest : public ConformanceTest {
 protected:
  absl::StatusCode Code(HitBatch batch) { return blocking().Hit(std::move(batch)).status().code(); }
};

TEST_P(HitsTest, BatchesCountAndAreReadAtTheirVersion) {
  const auto first = blocking().Hit(Next("1", kSender, 3));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->value_after, 3);
  const auto second = blocking().Hit(Next("1", kSender, 2));
  EXPECT_EQ(second->value_after, 5);
  EXPECT_GT(second->version, first->version);
  const Change now = *blocking().Read(Counter("1"));
  EXPECT_EQ(now.hits, 5);
  EXPECT_EQ(now.version, second->version);
  EXPECT_EQ(now.version.epoch, engine().Epoch());
}

TEST_P(HitsTest, ARepeatGetsTheSameValueAndCountsNothing) {
  const HitBatch batch = Next("1", kSender, 3);
  ASSERT_EQ(blocking().Hit(batch)->value_after, 3);
  ASSERT_EQ(blocking().Hit(Next("1", kOther, 4))->value_after, 7);
  const auto repeat = blocking().Hit(batch);
  ASSERT_TRUE(repeat.ok()) << repeat.status();
  EXPECT_EQ(repeat->value_after, 3);
  EXPECT_EQ(Hits("1"), 7);
}

TEST_P(HitsTest, ARepeatIsKnownAfterTheEndAndAfterACrash) {
  const HitBatch batch = Next("1", kSender, 3);
  ASSERT_TRUE(blocking().Hit(batch).ok());
  harness_->Reopen();
  EXPECT_EQ(blocking().Hit(batch)->value_after, 3);
  harness_->Crash();
  EXPECT_EQ(blocking().Hit(batch)->value_after, 3);
  EXPECT_EQ(Hits("1"), 3);
}

TEST_P(HitsTest, AGapIsRefusedAsSuch) {
  ASSERT_TRUE(blocking().Hit(Next("1", kSender)).ok());
  const absl::Status gap = blocking().Hit({kSender, Counter("1"), 3, 1, true}).status();
  EXPECT_TRUE(IsGap(gap)) << gap;
  EXPECT_TRUE(IsGap(blocking().Hit({kOther, Counter("1"), 2, 1, true}).status()));
  EXPECT_EQ(Hits("1"), 1);
}

TEST_P(HitsTest, SendersAndCountersAreNumberedApart) {
  EXPECT_EQ(blocking().Hit({kSender, Counter("1"), 1, 1, true})->value_after, 1);
  EXPECT_EQ(blocking().Hit({kSender, Counter("2"), 1, 1, true})->value_after, 1);
  EXPECT_EQ(blocking().Hit({kOther, Counter("1"), 1, 1, true})->value_after, 2);
  EXPECT_EQ(blocking().Hit({kSender, Counter("1"), 2, 1, true})->value_after, 3);
  const CounterId elsewhere{"accounts/demo/products/other", "1"};
  EXPECT_EQ(blocking().Hit({kSender, elsewhere, 1, 1, true})->value_after, 1);
}

TEST_P(HitsTest, AnUnknownCounterIsCreatedOnlyWhereTheBatchSaysSo) {
  EXPECT_EQ(Code({kSender, Counter("1"), 1, 1, false}), absl::StatusCode::kNotFound);
  EXPECT_EQ(Hits("1"), absl::nullopt);
  EXPECT_EQ(blocking().Hit({kSender, Counter("1"), 1, 1, true})->value_after, 1);
  EXPECT_EQ(blocking().Hit({kSender, Counter("1"), 2, 1, false})->value_after, 2);
}

TEST_P(HitsTest, TotalsEndAtTheHighestNumberAndNothingIsAppliedBeyond) {
  ASSERT_TRUE(blocking().Create(Counter("1"), kMax - 1).ok());
  EXPECT_EQ(Code({kSender, Counter("1"), 1, 2, false}), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Hits("1"), kMax - 1);
  EXPECT_EQ(blocking().Hit({kSender, Counter("1"), 1, 1, false})->value_after, kMax);
}

TEST_P(HitsTest, MalformedBatchesAreRefused) {
  EXPECT_EQ(Code({kSender, Counter("1"), 1, 0, true}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Code({kSender, Counter("1"), 1, -1, true}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Code({kSender, Counter("1"), 0, 1, true}), absl::StatusCode::kInvalidArgument);
}

TEST_P(HitsTest, IdsThatAreNotOfTheirFormAreRefused) {
  for (const CounterId& counter :
       {Counter(""), Counter(std::string(65, 'x')), Counter("a/b"), Counter("\xff"),
        CounterId{"", "1"}, CounterId{"products/p", "1"},
        CounterId{std::string("accounts/a\0/products/p", 22), "1"}}) {
    EXPECT_EQ(Code({kSender, counter, 1, 1, true}), absl::StatusCode::kInvalidArgument)
        << counter.product << " " << counter.id;
  }
  EXPECT_TRUE(blocking().Hit({kSender, Counter(std::string(64, 'x')), 1, 1, true}).ok());
  EXPECT_TRUE(blocking().Hit({kSender, Counter(std::string("\0", 1)), 1, 1, true}).ok());
}

TEST_P(HitsTest, ASendersRecordLivesADayAfterItsLastBatch) {
  const HitBatch batch = Next("1", kSender);
  ASSERT_TRUE(blocking().Hit(batch).ok());
  harness_->clock().Advance(kRecordLifetime - absl::Seconds(1));
  EXPECT_EQ(blocking().Hit(batch)->value_after, 1);
  ASSERT_TRUE(blocking().Hit(Next("1", kSender)).ok());
  harness_->clock().Advance(kRecordLifetime - absl::Seconds(1));
  ASSERT_TRUE(blocking().Hit(Next("1", kSender)).ok());
  harness_->clock().Advance(kRecordLifetime);
  EXPECT_TRUE(IsGap(blocking().Hit(Next("1", kSender)).status()));
  EXPECT_EQ(Hits("1"), 3);
}

TEST_P(HitsTest, BatchesSentWithoutWaitingApplyInTheirOrder) {
  std::vector<Answer<absl::StatusOr<HitResult>>> answers(200);
  for (const auto& answer : answers) {
    engine().Hit(Next("1", kSender), answer.Callback());
  }
  for (size_t i = 0; i < answers.size(); ++i) {
    const absl::StatusOr<HitResult> result = answers[i].Wait();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->value_after, static_cast<int64_t>(i) + 1);
  }
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(HitsTest);

}  // namespace
}  // namespace livecounter::counter
