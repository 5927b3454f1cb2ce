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
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// --- Greeting. ---

TEST_F(ReplicaTest, AHelloIsRecordedAndThenWelcomed) {
  engine_.hold = true;
  const StreamId id = Attach(kHolder);
  EXPECT_THAT(engine_.recorded, ElementsAre(kHolder));
  EXPECT_THAT(records_[id].written, IsEmpty());
  EXPECT_EQ(records_[id].reads, 1) << "nothing more is read before it is attached";
  engine_.Release();
  Run();
  ASSERT_THAT(records_[id].written, SizeIs(1));
  ASSERT_TRUE(records_[id].written[0].welcome);
  EXPECT_EQ(records_[id].written[0].welcome->lease, options_.sessions.lease);
  EXPECT_EQ(records_[id].reads, 2);
}

TEST_F(ReplicaTest, AHigherEpochOfTheHolderIsSurpassedBeforeItIsWelcomed) {
  const StreamId id = Attach(kHolder, 1, /*highest_epoch=*/500);
  ASSERT_TRUE(records_[id].written[0].welcome);
  EXPECT_GT(records_[id].written[0].welcome->epoch, 500u);
}

TEST_F(ReplicaTest, TheSameEpochIsNotRaised) {
  Attach(kHolder, 1, engine_.Epoch());
  EXPECT_EQ(engine_.Epoch(), 1u);
}

TEST_F(ReplicaTest, ASessionThatCannotBeRecordedIsRefused) {
  engine_.refuse_writes = absl::UnavailableError("the disk is full");
  const StreamId id = Attach(kHolder);
  ASSERT_TRUE(records_[id].finished);
  EXPECT_EQ(records_[id].finished->code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(records_[id].finished->message()), HasSubstr("the disk is full"));
}

TEST_F(ReplicaTest, AHolderWithASessionComesBackWhileNothingCanBeWritten) {
  const StreamId first = Attach(kHolder, 1);
  Send(first, ResendFrame({{1, 1}}));
  engine_.refuse_writes = absl::UnavailableError("the disk is full");
  replica().OnPeerGone(first);
  Run();
  const StreamId second = Attach(kHolder, 2);
  EXPECT_FALSE(records_[second].finished);
  Send(second, ResendFrame({{1, 1}, {2, 2}}));
  EXPECT_EQ(engine_.Value(kCounter).present, 2);
  EXPECT_THAT(engine_.recorded, ElementsAre(kHolder));
}

TEST_F(ReplicaTest, AnythingButAHelloFirstBreaksTheProtocol) {
  const StreamId id = Open();
  Send(id, HolderFrame());
  EXPECT_EQ(records_[id].finished->code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ReplicaTest, ASecondHelloBreaksTheProtocol) {
  const StreamId id = Attach(kHolder);
  Send(id, HelloFrame(kHolder, 2));
  EXPECT_EQ(records_[id].finished->code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ReplicaTest, WhatIsNoFrameEndsTheStream) {
  const StreamId id = Attach(kHolder);
  replica().OnBadFrame(id, absl::InvalidArgumentError("hello.holder: got 3 bytes"));
  FinishWrites(id);
  Run();
  EXPECT_EQ(records_[id].finished, absl::InvalidArgumentError("hello.holder: got 3 bytes"));
}

TEST_F(ReplicaTest, TheNewestStreamOfAHolderWins) {
  const StreamId first = Attach(kHolder, 1);
  const StreamId second = Attach(kHolder, 2);
  FinishWrites(first);
  Run();
  EXPECT_EQ(records_[first].finished->code(), absl::StatusCode::kAborted);
  EXPECT_FALSE(records_[second].finished);
  const StreamId late = Attach(kHolder, 1);
  EXPECT_EQ(records_[late].finished->code(), absl::StatusCode::kAborted);
}

TEST_F(ReplicaTest, AStreamThatSaysNothingIsEnded) {
  const StreamId silent = Open();
  const StreamId attached = Attach(kHolder);
  Advance(absl::Seconds(5));
  EXPECT_FALSE(records_[silent].finished);
  Send(attached, HolderFrame());
  Advance(absl::Seconds(1));
  FinishWrites(attached);
  EXPECT_EQ(records_[silent].finished->code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(records_[attached].finished);
}

TEST_F(ReplicaTest, NobodyIsEndedForAStallOfOurOwn) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({{1, 1}}));
  clock_.Advance(absl::Minutes(5));
  Run();
  EXPECT_FALSE(records_[id].finished);
  EXPECT_EQ(engine_.Value(kCounter).present, 1);
}

TEST_F(ReplicaTest, ASlowRecordIsNotTheHoldersSilence) {
  engine_.hold = true;
  const StreamId id = Attach(kHolder);
  Advance(absl::Seconds(20));
  EXPECT_FALSE(records_[id].finished);
  engine_.Release();
  Run();
  EXPECT_THAT(records_[id].written, SizeIs(1));
}

TEST_F(ReplicaTest, AttachedStreamsAreKeptAlive) {
  const StreamId id = Attach(kHolder);
  const StreamId greeting = Open();
  for (int i = 0; i < 8; ++i) {
    Advance(absl::Milliseconds(500));
    FinishWrites(id);
  }
  EXPECT_GE(records_[id].written.size(), 3u);
  EXPECT_TRUE(records_[id].written.back().empty());
  EXPECT_THAT(records_[greeting].written, IsEmpty());
}

// --- Presence. ---

TEST_F(ReplicaTest, TheUnionOfAllSharesIsPresent) {
  const StreamId first = Attach(kHolder);
  const StreamId second = Attach(kOtherHolder);
  Send(first, ResendFrame({{1, 1}, {2, 2}}));
  Send(second, ResendFrame({{2, 2}, {3, 3}}));
  EXPECT_EQ(engine_.Value(kCounter).present, 3);
}

TEST_F(ReplicaTest, AShareOutlivesItsStreamForALease) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({{1, 1}}));
  replica().OnPeerGone(id);
  replica().OnClosed(id);
  records_.erase(id);
  Advance(absl::Seconds(9));
  EXPECT_EQ(engine_.Value(kCounter).present, 1);
  EXPECT_THAT(engine_.recorded, ElementsAre(kHolder));
  Advance(absl::Seconds(2));
  EXPECT_EQ(engine_.Value(kCounter).present, 0);
  EXPECT_THAT(engine_.recorded, IsEmpty());
}

TEST_F(ReplicaTest, ADetachedShareLingersAndTheStreamEndsWell) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({{1, 1}}));
  HolderFrame detach;
  detach.detach = absl::Seconds(30);
  Send(id, detach);
  EXPECT_EQ(records_[id].finished, absl::OkStatus());
  Advance(absl::Seconds(29));
  EXPECT_EQ(engine_.Value(kCounter).present, 1);
  Advance(absl::Seconds(2));
  EXPECT_EQ(engine_.Value(kCounter).present, 0);
}

TEST_F(ReplicaTest, ARecordIsKeptWhileItsHolderComesBack) {
  const StreamId first = Attach(kHolder, 1);
  replica().OnPeerGone(first);
  Run();
  engine_.hold = true;
  const StreamId second = Attach(kHolder, 2, /*highest_epoch=*/500);
  Advance(absl::Seconds(11));  // the old lease ends meanwhile
  EXPECT_THAT(engine_.recorded, ElementsAre(kHolder));
  engine_.Release();
  Run();
  EXPECT_THAT(records_[second].written, SizeIs(1));
  EXPECT_THAT(engine_.recorded, ElementsAre(kHolder));
}

TEST_F(ReplicaTest, ARecordWithoutASessionIsDeleted) {
  engine_.hold = true;
  const StreamId id = Attach(kHolder);
  replica().OnPeerGone(id);
  engine_.Release();
  Run();
  EXPECT_THAT(engine_.recorded, IsEmpty());
}

TEST_F(ReplicaTest, ADifferentDigestIsCountedAndAskedFor) {
  const StreamId id = Attach(kHolder);
  Send(id, ResendFrame({{1, 1}}));
  HolderFrame audit;
  audit.audit = ShareDigest{1, 2, 3};
  Send(id, audit);
  EXPECT_EQ(metrics_.audit_mismatch().Value(), 1);
  EXPECT_TRUE(records_[id].written.back().resend_wanted);
}

TEST_F(ReplicaTest, TheMetricsTellSessionsAndPresences) {
  const StreamId id = Attach(kHolder);
  Attach(kOtherHolder);
  Send(id, ResendFrame({{1, 1}, {2, 2}}));
  Advance(absl::Seconds(1));
  EXPECT_EQ(metrics_.sessions().Value(), 2);
  EXPECT_EQ(metrics_.present().Value(), 2);
}

// --- The end. ---

TEST_F(ReplicaTest, DrainingEndsEveryStreamAndEachNewOne) {
  const StreamId attached = Attach(kHolder);
  FinishWrites(attached);
  const StreamId watching = OpenWatch({kCounter});
  replica().Drain();
  Run();
  const StreamId late = Open();
  const StreamId late_watch = OpenWatch({kCounter});
  for (StreamId id : {attached, watching, late, late_watch}) {
    ASSERT_TRUE(records_[id].finished) << id;
    EXPECT_EQ(records_[id].finished->code(), absl::StatusCode::kUnavailable);
  }
}

TEST_F(ReplicaTest, EventsOfAStreamThatIsOverAreIgnored) {
  const StreamId id = Attach(kHolder);
  FinishWrites(id);
  replica().Drain();
  Run();
  Send(id, ResendFrame({{1, 1}}));
  replica().OnBadFrame(id, absl::InvalidArgumentError("late"));
  replica().OnPeerGone(id);
  replica().OnWritten(id);
  Run();
  EXPECT_EQ(records_[id].finished->code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(engine_.Value(kCounter).present, 0);
  EXPECT_EQ(replica().streams(), 1u);
  replica().OnClosed(id);
  replica().OnWritten(id);
  EXPECT_EQ(replica().streams(), 0u);
}

}  // namespace
}  // namespace livecounter::counter
