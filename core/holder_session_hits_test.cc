#include <cstdint>
#include <vector>

#include "core/holder_session.h"
#include "core/holder_session_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::AnswerTo;
using test::At;
using test::Changes;
using test::Counter;
using test::Hash;
using test::HasTicket;
using test::HolderSessionTest;
using test::Keyed;
using test::KeyedAnswer;
using test::MakeChange;
using test::V;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- Hits. ---

TEST_F(HolderSessionTest, AHitIsUrgentAndGetsItsOwnValue) {
  Sync(0);
  session_.Hit(Counter(1), 1, true);
  EXPECT_TRUE(session_.urgent());
  const HolderFrame frame = Take(0);
  ASSERT_THAT(frame.hits, SizeIs(1));
  EXPECT_TRUE(frame.hits.front().create);
  EXPECT_FALSE(session_.urgent());
  Receive(AnswerTo(frame.hits.front(), 26, V(7, 41)), 0);
  const std::vector<HitOutcome> outcomes = session_.TakeOutcomes();
  ASSERT_THAT(outcomes, ElementsAre(HasTicket(1)));
  EXPECT_EQ(outcomes.front().value, 26);
  EXPECT_EQ(outcomes.front().version, V(7, 41));
  EXPECT_THAT(session_.TakeOutcomes(), IsEmpty());
  EXPECT_FALSE(session_.has_unanswered_hits());
}

TEST_F(HolderSessionTest, UnansweredHitsGoAgainFirstThingAfterTheWelcome) {
  session_.Join(Counter(1), Hash(1));
  Sync(0);
  session_.Hit(Counter(1), 1, false);
  session_.KeyedHitOnce(Keyed(1, 2));
  const HolderFrame lost = Take(0);
  session_.OnClosed(At(0));
  EXPECT_FALSE(session_.urgent());
  Welcomed(5);
  const HolderFrame again = Take(5);
  EXPECT_EQ(again.hits, lost.hits);
  EXPECT_EQ(again.keyed_hits, lost.keyed_hits);
}

TEST_F(HolderSessionTest, AKeyedHitIsAnsweredByItsTicketOnce) {
  Sync(0);
  session_.KeyedHitOnce(Keyed(1, 5));
  EXPECT_TRUE(session_.urgent());
  EXPECT_THAT(Take(0).keyed_hits, ElementsAre(Keyed(1, 5)));
  EXPECT_TRUE(session_.has_unanswered_hits());
  Receive(KeyedAnswer(5, 9, V(7, 1)), 0);
  Receive(KeyedAnswer(5, 9, V(7, 1)), 0);
  EXPECT_THAT(session_.TakeOutcomes(), ElementsAre(HasTicket(5)));
  EXPECT_FALSE(session_.has_unanswered_hits());
}

TEST_F(HolderSessionTest, AbandoningTellsWhetherAHitMayHaveCounted) {
  session_.Hit(Counter(1), 1, false);
  session_.KeyedHitOnce(Keyed(1, 2));
  EXPECT_TRUE(session_.Abandon(Counter(1), 1));
  EXPECT_TRUE(session_.Abandon(Counter(1), 2));
  Sync(0);
  session_.Hit(Counter(1), 3, false);
  session_.KeyedHitOnce(Keyed(1, 4));
  const HolderFrame frame = Take(0);
  EXPECT_FALSE(session_.Abandon(Counter(1), 3));
  EXPECT_FALSE(session_.Abandon(Counter(1), 4));
  Receive(AnswerTo(frame.hits.front(), 1, V(7, 1)), 0);
  Receive(KeyedAnswer(4, 2, V(7, 2)), 0);
  EXPECT_THAT(session_.TakeOutcomes(), IsEmpty());
}

TEST_F(HolderSessionTest, AKeyedHitThatWasEverSentMayHaveCounted) {
  Sync(0);
  session_.KeyedHitOnce(Keyed(1, 1));
  Take(0);
  session_.OnClosed(At(0));
  EXPECT_FALSE(session_.Abandon(Counter(1), 1));
  Welcomed(5);
  EXPECT_THAT(Take(5).keyed_hits, IsEmpty());
}

TEST_F(HolderSessionTest, AnOutcomeThatNobodyTookIsAbandonedToo) {
  Sync(0);
  session_.Hit(Counter(1), 1, false);
  Receive(AnswerTo(Take(0).hits.front(), 1, V(7, 1)), 0);
  EXPECT_FALSE(session_.Abandon(Counter(1), 1));
  EXPECT_THAT(session_.TakeOutcomes(), IsEmpty());
}

TEST_F(HolderSessionTest, ABatchThatNobodyAnswersForAnHourIsGivenUp) {
  Sync(0);
  session_.Hit(Counter(1), 1, false);
  Take(0);
  session_.OnClosed(At(0));
  Greet(1);
  session_.OnClosed(At(3599));
  EXPECT_FALSE(session_.TakeFrame(At(3600)).has_value());
  const std::vector<HitOutcome> outcomes = session_.TakeOutcomes();
  ASSERT_THAT(outcomes, ElementsAre(HasTicket(1)));
  EXPECT_EQ(outcomes.front().status.code(), absl::StatusCode::kDeadlineExceeded);
}

// --- Read your writes. ---

class ReadYourWritesTest : public HolderSessionTest {
 protected:
  ReadYourWritesTest() {
    Sync(0);
    session_.Watch(Counter(1));
    Take(0);
    Receive(Changes({MakeChange(1, V(7, 5), 10, 3)}), 0);
    session_.TakeChanges();
    for (uint64_t ticket : {1, 2}) session_.Hit(Counter(1), ticket, false);
    answer_ = AnswerTo(Take(0).hits.front(), 12, V(7, 7));
  }

  ReceiverFrame answer_;
};

TEST_F(ReadYourWritesTest, AnOutcomeWaitsForTheChangeThatShowsIt) {
  Receive(answer_, 0);
  EXPECT_THAT(session_.TakeOutcomes(), IsEmpty());
  Receive(Changes({MakeChange(1, V(7, 6), 10, 4)}), 0);
  EXPECT_THAT(session_.TakeOutcomes(), IsEmpty());
  Receive(Changes({MakeChange(1, V(7, 7), 12, 4)}), 0);
  EXPECT_THAT(session_.TakeOutcomes(), ElementsAre(HasTicket(1), HasTicket(2)));
  EXPECT_THAT(session_.TakeChanges(), ElementsAre(MakeChange(1, V(7, 7), 12, 4)));
}

TEST_F(ReadYourWritesTest, AFrameWithBothWaitsForNothing) {
  answer_.changes = {MakeChange(1, V(7, 8), 12, 4)};
  Receive(answer_, 0);
  EXPECT_THAT(session_.TakeOutcomes(), SizeIs(2));
}

TEST_F(ReadYourWritesTest, AnOutcomeWaitsForTheFirstChangeToo) {
  session_.Watch(Counter(2));
  session_.KeyedHitOnce(Keyed(2, 9));
  Take(0);
  Receive(KeyedAnswer(9, 1, V(7, 1)), 0);
  EXPECT_THAT(session_.TakeOutcomes(), IsEmpty());
  Receive(Changes({MakeChange(2, V(7, 1), 1, 0)}), 0);
  EXPECT_THAT(session_.TakeOutcomes(), ElementsAre(HasTicket(9)));
}

TEST_F(ReadYourWritesTest, WithoutAWatcherThereIsNothingToWaitFor) {
  Receive(answer_, 0);
  session_.Unwatch(Counter(1));
  EXPECT_THAT(session_.TakeOutcomes(), SizeIs(2));
  session_.Hit(Counter(1), 3, false);
  Receive(AnswerTo(Take(0).hits.front(), 13, V(7, 9)), 0);
  EXPECT_THAT(session_.TakeOutcomes(), SizeIs(1));
}

TEST_F(ReadYourWritesTest, NothingWaitsWhereTheLastWatcherHasGone) {
  session_.Unwatch(Counter(1));  // the receiver has not been told
  Receive(answer_, 0);
  EXPECT_THAT(session_.TakeOutcomes(), SizeIs(2));
}

TEST_F(ReadYourWritesTest, ARefusalWaitsForNothing) {
  answer_.hit_answers.front().status = absl::NotFoundError("no such counter");
  Receive(answer_, 0);
  EXPECT_THAT(session_.TakeOutcomes(), SizeIs(2));
}

TEST_F(ReadYourWritesTest, WhenTheStreamBreaksNothingWaitsAnyMore) {
  Receive(answer_, 0);
  session_.OnClosed(At(0));
  EXPECT_THAT(session_.TakeOutcomes(), SizeIs(2));
}

TEST_F(ReadYourWritesTest, WhatWaitsCanBeAbandoned) {
  Receive(answer_, 0);
  EXPECT_FALSE(session_.Abandon(Counter(1), 1));
  Receive(Changes({MakeChange(1, V(7, 7), 12, 4)}), 0);
  EXPECT_THAT(session_.TakeOutcomes(), ElementsAre(HasTicket(2)));
}

TEST_F(ReadYourWritesTest, DetachingLetsNothingWait) {
  session_.Detach(absl::Seconds(1));
  Receive(answer_, 0);
  EXPECT_THAT(session_.TakeOutcomes(), IsEmpty());
  EXPECT_TRUE(Take(0).detach.has_value());
  EXPECT_THAT(session_.TakeOutcomes(), SizeIs(2));
}

}  // namespace
}  // namespace livecounter
