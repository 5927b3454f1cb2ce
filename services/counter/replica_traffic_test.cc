#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/replica.h"
#include "services/counter/replica_fixture.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- Watching. ---

TEST_F(ReplicaTest, AWatchIsAnsweredAndThenFollowed) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({}));
  EXPECT_THAT(Presents(id), ElementsAre(0));
  const StreamId other = Attach(kOtherHolder);
  Send(other, ResendFrame({{1, 1}}));
  Advance(absl::Milliseconds(10));
  EXPECT_THAT(Presents(id), ElementsAre(0, 1));
}

TEST_F(ReplicaTest, ASlowGatewayGetsTheNewestValueOnly) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({}));
  const StreamId other = Attach(kOtherHolder);
  Send(other, ResendFrame({}));
  for (uint64_t hash = 1; hash <= 5; ++hash) {
    HolderFrame join;
    join.presence = {{kCounter, {{0, hash}}, {}}};
    replica().OnFrame(other, join);
    Run();
    Advance(absl::Milliseconds(10));
  }
  EXPECT_THAT(Presents(id), ElementsAre(0, 1, 5));
}

TEST_F(ReplicaTest, TheEndOfAWriteIsUrgentWhereAChangeWaitsForIt) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({}));
  const StreamId other = Attach(kOtherHolder);
  Send(other, ResendFrame({}));
  for (const bool one_is_under_way : {false, true}) {
    HolderFrame join;
    join.presence = {{kCounter, {{0, one_is_under_way ? 2u : 1u}}, {}}};
    replica().OnFrame(other, join);
    Run();
    FinishWrites(other);
    Advance(absl::Milliseconds(10));
    FinishWrites(other);
    EXPECT_EQ(replica().awaits_written(), one_is_under_way);
  }
  FinishWrites(id);
  EXPECT_FALSE(replica().awaits_written());
}

TEST_F(ReplicaTest, UnwatchedCountersAreSilent) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({}));
  HolderFrame unwatch;
  unwatch.unwatch = {kCounter};
  Send(id, unwatch);
  EXPECT_THAT(engine_.watched, IsEmpty());
}

TEST_F(ReplicaTest, AClientsFirstMessageHoldsAllItWatches) {
  const CounterId other{"accounts/a/products/p", "3"};
  engine_.hold = true;
  const StreamId id = OpenWatch({kCounter});
  engine_.Release();
  Run();
  FinishWrites(id);
  engine_.hold = true;
  const StreamId both = OpenWatch({kCounter, other});
  Advance(absl::Seconds(1));
  EXPECT_THAT(records_[both].written, IsEmpty()) << "one value is not known yet";
  engine_.Release();
  Run();
  ASSERT_THAT(records_[both].written, SizeIs(1));
  EXPECT_THAT(records_[both].written[0].changes, SizeIs(2));
}

TEST_F(ReplicaTest, AClientIsNeitherKeptAliveNorExpectedToSpeak) {
  const StreamId id = OpenWatch({kCounter});
  Advance(absl::Minutes(1));
  EXPECT_THAT(records_[id].written, SizeIs(1));
  EXPECT_FALSE(records_[id].finished);
}

TEST_F(ReplicaTest, AClientThatGoesIsForgotten) {
  const StreamId id = OpenWatch({kCounter});
  replica().OnPeerGone(id);
  Run();
  EXPECT_THAT(engine_.watched, IsEmpty());
  EXPECT_TRUE(records_[id].finished);
}

TEST_F(ReplicaTest, AStreamThatTakesNothingForHalfAMinuteIsBroken) {
  const StreamId id = ++last_id_;
  replica().OpenWatch(id, std::make_unique<FakeStream>(records_[id]), {kCounter});
  Run();
  Advance(absl::Seconds(31));
  EXPECT_EQ(records_[id].cancels, 1);
}

// --- Hits. ---

TEST_F(ReplicaTest, HitsAreAnsweredAtOnceWithTheirChange) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({}));
  Send(id, HitFrame(1));
  const std::vector<HitAnswer> answers = Answers(id);
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].number, 1u);
  EXPECT_EQ(answers[0].value_after, 1);
  EXPECT_EQ(answers[0].version, engine_.Value(kCounter).version);
  ASSERT_THAT(records_[id].written.back().changes, SizeIs(1));
  EXPECT_EQ(records_[id].written.back().changes[0].hits, 1);
}

TEST_F(ReplicaTest, ARepeatedBatchGetsTheSameAnswer) {
  const StreamId first = Attach(kHolder, 1);
  Send(first, HitFrame(1, 5));
  const StreamId second = Attach(kHolder, 2);
  Send(second, HitFrame(1, 5));
  EXPECT_EQ(Answers(second)[0].value_after, 5);
  EXPECT_EQ(engine_.Value(kCounter).hits, 5);
}

TEST_F(ReplicaTest, KeyedHitsFindTheirRequest) {
  const StreamId id = Attach(kHolder);
  HolderFrame frame;
  frame.keyed_hits = {{11, {kCounter, "key", 3, true}}, {12, {kCounter, "key", 3, true}}};
  Send(id, frame);
  const std::vector<HitOutcome>& outcomes = records_[id].written.back().keyed_outcomes;
  ASSERT_THAT(outcomes, SizeIs(2));
  EXPECT_EQ(outcomes[0].ticket, 11u);
  EXPECT_EQ(outcomes[1].ticket, 12u);
  EXPECT_EQ(outcomes[1].value, 3);
}

TEST_F(ReplicaTest, RefusalsTravelToo) {
  const StreamId id = Attach(kHolder);
  engine_.refuse_writes = absl::UnavailableError("the disk is full");
  Send(id, HitFrame(1));
  EXPECT_EQ(Answers(id)[0].status, engine_.refuse_writes);
}

TEST_F(ReplicaTest, AnAnswerForAStreamThatIsGoneGoesNowhere) {
  const StreamId id = Attach(kHolder);
  engine_.hold = true;
  Send(id, HitFrame(1));
  replica().OnClosed(id);
  records_.erase(id);
  engine_.Release();
  Run();
  EXPECT_EQ(engine_.Value(kCounter).hits, 1);
}

TEST_F(ReplicaTest, AStreamWithTooMuchUnansweredIsNotReadMeanwhile) {
  options_.max_unanswered = 4;
  const StreamId id = Attach(kHolder);
  engine_.hold = true;
  for (uint64_t number = 1; number <= 4; ++number) Send(id, HitFrame(number));
  EXPECT_EQ(records_[id].reads, 5);
  Advance(absl::Seconds(20));
  EXPECT_FALSE(records_[id].finished) << "its silence is our doing";
  engine_.Release();
  Run();
  EXPECT_EQ(records_[id].reads, 6);
}

// --- Recovering. ---

class RecoveringReplicaTest : public ReplicaTest {
 protected:
  RecoveringReplicaTest() { engine_.sessions_at_open = {kHolder, kOtherHolder}; }
};

TEST_F(RecoveringReplicaTest, NoNumberDipsBelowItsFloor) {
  const StreamId first = Attach(kHolder);
  Send(first, ResendFrame({{1, 1}}, /*floor=*/3));
  EXPECT_TRUE(replica().recovering());
  const StreamId second = Attach(kOtherHolder);
  Send(second, ResendFrame({{2, 2}, {3, 3}}, /*floor=*/3));
  EXPECT_FALSE(replica().recovering());
  EXPECT_EQ(engine_.recoveries_ended, 1);
  Advance(absl::Seconds(1));
  EXPECT_THAT(Presents(first), ElementsAre(3));
  EXPECT_THAT(Presents(second), ElementsAre(3));
}

TEST_F(RecoveringReplicaTest, AHigherFloorThanIsKnownIsWaitedFor) {
  const StreamId first = Attach(kHolder);
  Send(first, ResendFrame({{1, 1}}, /*floor=*/1));
  const StreamId second = Attach(kOtherHolder);
  HolderFrame begin = ResendFrame({}, /*floor=*/5);
  begin.resend_end = false;
  Send(second, begin);
  EXPECT_THAT(Presents(second), ElementsAre(5));
}

TEST_F(RecoveringReplicaTest, TheFloorsOfTheLastResendCountToo) {
  engine_.sessions_at_open = {kHolder};
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({{1, 1}, {2, 2}}, /*floor=*/2));
  EXPECT_THAT(Presents(id), ElementsAre(2));
}

TEST_F(RecoveringReplicaTest, WhoWaitsBelowAFloorIsNotAnsweredWithWhatWasBefore) {
  engine_.sessions_at_open = {kHolder};
  OpenWatch({kCounter});
  const StreamId id = Attach(kHolder);
  engine_.hold_changes = true;  // another thread is about to tell them
  Send(id, ResendFrame({{1, 1}, {2, 2}}, /*floor=*/2));
  EXPECT_FALSE(replica().recovering());
  engine_.ReleaseChanges();
  Run();
  EXPECT_THAT(Presents(id), ElementsAre(2));
}

TEST_F(RecoveringReplicaTest, ItEndsAfterItsLimitWhoeverIsMissing) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({{1, 1}}, /*floor=*/3));
  for (int i = 0; i < 11; ++i) {
    Advance(absl::Seconds(1));
    Send(id, HolderFrame());
  }
  EXPECT_FALSE(replica().recovering());
  EXPECT_THAT(Presents(id), ElementsAre(3, 1));
  EXPECT_EQ(engine_.recoveries_ended, 1);
}

TEST_F(ReplicaTest, FloorsMeanNothingWhenNobodyIsExpected) {
  const StreamId id = Attach(kHolder);
  EXPECT_EQ(engine_.recoveries_ended, 1);
  Send(id, ResendFrame({{1, 1}}, /*floor=*/3));
  EXPECT_EQ(engine_.Value(kCounter).present, 1);
}

}  // namespace
}  // namespace livecounter::counter
