#include "core/sender_log.h"

#include <cstdint>
#include <vector>

#include "core/sender_log_fixture.h"
#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::Answer;
using test::At;
using test::Counter;
using test::Refusal;
using test::SenderIdsInOrder;
using test::V;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// As a store that knows nothing of the sender refuses it.
absl::Status Gap() {
  return DecideHits(absl::nullopt, 1, {.sender = {}, .counter = {}, .number = 9, .count = 1})
      .status();
}

MATCHER_P2(Counted, ticket, value, "") {
  return arg.ticket == static_cast<uint64_t>(ticket) && arg.status.ok() && arg.value == value;
}
MATCHER_P2(Failed, ticket, code, "") {
  return arg.ticket == static_cast<uint64_t>(ticket) && arg.status.code() == code;
}

class SenderLogTest : public ::testing::Test {
 protected:
  ~SenderLogTest() override { log_.CheckInvariants(); }

  void Add(std::vector<uint64_t> tickets) {
    for (uint64_t ticket : tickets) log_.Add(Counter(1), ticket, /*create=*/false);
  }
  HitBatch TakeOne() {
    const std::vector<HitBatch> batches = log_.TakeBatches(At(0));
    EXPECT_THAT(batches, SizeIs(1));
    return batches.empty() ? HitBatch() : batches.front();
  }

  SenderLog log_{SenderIdsInOrder(), absl::Hours(1)};
};

TEST_F(SenderLogTest, TheFirstHitGoesAtOnceAndTheRestTogether) {
  Add({1});
  const HitBatch first = TakeOne();
  EXPECT_EQ(first, (HitBatch{{0, 1}, Counter(1), 1, 1, false}));
  Add({2, 3});
  EXPECT_FALSE(log_.has_batches());
  EXPECT_THAT(log_.TakeBatches(At(0)), IsEmpty());
  EXPECT_THAT(log_.OnAnswer(Answer(first, 10)), ElementsAre(Counted(1, 10)));
  const HitBatch second = TakeOne();
  EXPECT_EQ(second, (HitBatch{{0, 1}, Counter(1), 2, 2, false}));
  EXPECT_THAT(log_.OnAnswer(Answer(second, 15)), ElementsAre(Counted(2, 14), Counted(3, 15)));
  EXPECT_FALSE(log_.has_unanswered());
}

TEST_F(SenderLogTest, HitsOfTwoLivesOfAProductAreNotInOneBatch) {
  log_.Add(Counter(1), 1, false, /*product_life=*/7);
  const HitBatch first = TakeOne();
  EXPECT_EQ(first.product_life, 7u);
  for (uint64_t ticket : {2, 3}) log_.Add(Counter(1), ticket, false, 7);
  log_.Add(Counter(1), 4, false, 8);
  log_.OnAnswer(Answer(first, 10));
  const HitBatch second = TakeOne();
  EXPECT_EQ(second, (HitBatch{{0, 1}, Counter(1), 2, 2, false, 7}));
  HitAnswer gap = Answer(second, 0);
  gap.status = DecideHits(absl::nullopt, 0, second).status();
  ASSERT_TRUE(IsGap(gap.status));
  EXPECT_THAT(log_.OnAnswer(gap), IsEmpty());
  const HitBatch again = TakeOne();
  EXPECT_EQ(again, (HitBatch{{0, 2}, Counter(1), 1, 2, false, 7})) << "as it was sent before";
  log_.OnAnswer(Answer(again, 12));
  EXPECT_EQ(TakeOne(), (HitBatch{{0, 2}, Counter(1), 2, 1, false, 8}));
}

TEST_F(SenderLogTest, OutcomesCarryTheVersionAtWhichTheyCanBeRead) {
  Add({1});
  EXPECT_EQ(log_.OnAnswer(Answer(TakeOne(), 10)).front().version, V(1, 10));
}

TEST_F(SenderLogTest, CountersAreNumberedEachByItself) {
  log_.Add(Counter(2), 1, false);
  log_.Add(Counter(1), 2, true);
  EXPECT_THAT(log_.TakeBatches(At(0)), ElementsAre(HitBatch{{0, 1}, Counter(2), 1, 1, false},
                                                   HitBatch{{0, 2}, Counter(1), 1, 1, true}));
}

TEST_F(SenderLogTest, TheLimitLeavesTheRestForTheNextTime) {
  for (int counter : {3, 1, 2}) log_.Add(Counter(counter), 1, false);
  EXPECT_THAT(log_.TakeBatches(At(0), 2), SizeIs(2));
  EXPECT_TRUE(log_.has_batches());
  EXPECT_EQ(log_.TakeBatches(At(0), 2).front().counter, Counter(2));
}

TEST_F(SenderLogTest, HitsOfOneBatchAgreeOnCreating) {
  log_.Add(Counter(1), 1, true);
  log_.Add(Counter(1), 2, true);
  log_.Add(Counter(1), 3, false);
  const HitBatch creating = TakeOne();
  EXPECT_EQ(creating.count, 2);
  EXPECT_TRUE(creating.create);
  log_.OnAnswer(Answer(creating, 2));
  const HitBatch other = TakeOne();
  EXPECT_EQ(other.count, 1);
  EXPECT_FALSE(other.create);
}

TEST_F(SenderLogTest, AfterABreakTheSameBatchGoesAgainUnchanged) {
  Add({1, 2});
  const HitBatch batch = TakeOne();
  Add({3});
  log_.Reset();
  EXPECT_EQ(TakeOne(), batch);
  EXPECT_THAT(log_.TakeBatches(At(0)), IsEmpty());
}

TEST_F(SenderLogTest, AfterABreakBatchesGoAgainInOneOrder) {
  for (int counter : {3, 1, 2}) log_.Add(Counter(counter), 1, false);
  log_.TakeBatches(At(0));
  log_.Reset();
  std::vector<CounterId> order;
  for (const HitBatch& batch : log_.TakeBatches(At(0))) order.push_back(batch.counter);
  EXPECT_THAT(order, ElementsAre(Counter(1), Counter(2), Counter(3)));
}

TEST_F(SenderLogTest, ALateRepeatOfAnAnswerIsIgnored) {
  Add({1});
  const HitBatch first = TakeOne();
  log_.OnAnswer(Answer(first, 1));
  EXPECT_THAT(log_.OnAnswer(Answer(first, 1)), IsEmpty());
  Add({2});
  TakeOne();
  EXPECT_THAT(log_.OnAnswer(Answer(first, 1)), IsEmpty());
  HitBatch other = first;
  other.counter = Counter(9);
  EXPECT_THAT(log_.OnAnswer(Answer(other, 1)), IsEmpty());
  other = first;
  other.sender = {7, 7};
  other.number = 2;
  EXPECT_THAT(log_.OnAnswer(Answer(other, 1)), IsEmpty());
}

TEST_F(SenderLogTest, AfterAGapTheHitsGoAgainUnderANewSender) {
  Add({1});
  log_.OnAnswer(Answer(TakeOne(), 1));
  Add({2, 3});
  const HitBatch lost = TakeOne();
  Add({4});
  EXPECT_FALSE(log_.Abandon(Counter(1), 2));
  EXPECT_THAT(log_.OnAnswer(Refusal(lost, Gap())), IsEmpty());
  const HitBatch again = TakeOne();
  EXPECT_EQ(again, (HitBatch{{0, 2}, Counter(1), 1, 2, false}));
  EXPECT_THAT(log_.OnAnswer(Answer(again, 7)), ElementsAre(Counted(3, 6), Counted(4, 7)));
}

TEST_F(SenderLogTest, AGapAtNumberOneIsARefusal) {
  Add({1});
  EXPECT_THAT(log_.OnAnswer(Refusal(TakeOne(), Gap())),
              ElementsAre(Failed(1, absl::StatusCode::kFailedPrecondition)));
  EXPECT_FALSE(log_.has_unanswered());
}

TEST_F(SenderLogTest, ARefusalEndsTheNumberingAndNothingIsRememberedOfIt) {
  Add({1, 2});
  const HitBatch refused = TakeOne();
  EXPECT_THAT(
      log_.OnAnswer(Refusal(refused, absl::NotFoundError("no such counter"))),
      ElementsAre(Failed(1, absl::StatusCode::kNotFound), Failed(2, absl::StatusCode::kNotFound)));
  EXPECT_EQ(log_.size(), 0u);
  EXPECT_EQ(log_.NextExpiry(), absl::InfiniteFuture());
  Add({3});
  const HitBatch next = TakeOne();
  EXPECT_EQ(next.number, 1u);
  EXPECT_NE(next.sender, refused.sender);
}

// Only a gap says that nothing was counted: any other refusal of the same code may follow a batch
// that was, and is not sent again.
TEST_F(SenderLogTest, ARefusalThatIsNoGapIsNotSentAgain) {
  Add({1});
  log_.OnAnswer(Answer(TakeOne(), 1));
  Add({2});
  const HitBatch batch = TakeOne();
  EXPECT_THAT(log_.OnAnswer(Refusal(batch, absl::FailedPreconditionError("the store is closed"))),
              ElementsAre(Failed(2, absl::StatusCode::kFailedPrecondition)));
  EXPECT_FALSE(log_.has_batches());
}

TEST_F(SenderLogTest, AbandoningWhatIsNotYetInABatchDoesNotCountIt) {
  Add({1});
  TakeOne();
  Add({2, 3});
  EXPECT_TRUE(log_.Abandon(Counter(1), 2));
  EXPECT_FALSE(log_.Abandon(Counter(1), 2));
  EXPECT_FALSE(log_.Abandon(Counter(9), 1));
  log_.OnAnswer(Answer({{0, 1}, Counter(1), 1, 1, false}, 5));
  EXPECT_EQ(TakeOne().count, 1);
}

TEST_F(SenderLogTest, AbandoningEverythingThatWaitsLeavesNothingBehind) {
  Add({1});
  EXPECT_TRUE(log_.has_batches());
  EXPECT_TRUE(log_.Abandon(Counter(1), 1));
  EXPECT_FALSE(log_.has_batches());
  EXPECT_FALSE(log_.has_unanswered());
  EXPECT_EQ(log_.size(), 0u);
}

TEST_F(SenderLogTest, AbandonedHitsOfABatchCountButAreNotReported) {
  Add({1, 2, 3});
  const HitBatch batch = TakeOne();
  EXPECT_FALSE(log_.Abandon(Counter(1), 2));
  EXPECT_THAT(log_.OnAnswer(Answer(batch, 9)), ElementsAre(Counted(1, 7), Counted(3, 9)));
}

TEST_F(SenderLogTest, ABatchThatNobodyAnswersIsGivenUp) {
  Add({1, 2});
  const HitBatch batch = TakeOne();
  log_.Abandon(Counter(1), 2);
  Add({3});
  EXPECT_EQ(log_.NextExpiry(), At(3600));
  EXPECT_THAT(log_.Expire(At(3599)), IsEmpty());
  EXPECT_THAT(log_.Expire(At(3600)), ElementsAre(Failed(1, absl::StatusCode::kDeadlineExceeded)));
  EXPECT_THAT(log_.OnAnswer(Answer(batch, 2)), IsEmpty());
  const HitBatch next = TakeOne();
  EXPECT_EQ(next, (HitBatch{{0, 2}, Counter(1), 1, 1, false}));
}

TEST_F(SenderLogTest, AnIdleNumberingIsForgottenOneInUseIsNot) {
  Add({1});
  log_.OnAnswer(Answer(TakeOne(), 1));
  Add({2});
  const std::vector<HitBatch> later = log_.TakeBatches(At(1800));
  log_.OnAnswer(Answer(later.front(), 2));
  EXPECT_THAT(log_.Expire(At(3600)), IsEmpty());
  EXPECT_EQ(log_.size(), 1u);
  EXPECT_EQ(log_.NextExpiry(), At(5400));
  EXPECT_THAT(log_.Expire(At(5400)), IsEmpty());
  EXPECT_EQ(log_.size(), 0u);
}

TEST_F(SenderLogTest, AnAnswerThatMakesNoSenseOverflowsNothing) {
  Add({1, 2});
  EXPECT_THAT(log_.OnAnswer(Answer(TakeOne(), INT64_MIN)), SizeIs(2));
}

}  // namespace
}  // namespace livecounter
