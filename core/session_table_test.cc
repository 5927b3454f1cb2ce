#include "core/session_table.h"

#include "core/session_table_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::AuditFrame;
using test::Closes;
using test::Counter;
using test::DetachFrame;
using test::Edges;
using test::Hash;
using test::Holder;
using test::Joined;
using test::Left;
using test::Resend;
using test::SessionTableTest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Effects = SessionTable::Effects;

TEST_F(SessionTableTest, TheWelcomeCarriesEpochAndOptions) {
  EXPECT_EQ(table_.MakeWelcome(7), (Welcome{7, absl::Seconds(10), absl::Seconds(2)}));
}

TEST_F(SessionTableTest, ViewsTellHowEachSessionStands) {
  using View = SessionTable::SessionView;
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1), Hash(2)})}), 0);
  Attach(2, 2, 7, 0);
  Frame(2, Resend({Joined({Hash(1)})}, true, false), 0);
  Attach(3, 3, 1, 0);
  table_.OnStreamClosed(3);
  Attach(4, 4, 1, 0);
  Frame(4, DetachFrame(absl::Seconds(30)), 0);
  EXPECT_THAT(table_.Views(), ElementsAre(View{Holder(1), 1, View::State::kAttached, 2, At(10)},
                                          View{Holder(2), 7, View::State::kResending, 0, At(10)},
                                          View{Holder(3), 1, View::State::kLost, 0, At(10)},
                                          View{Holder(4), 1, View::State::kDetached, 0, At(30)}));
}

// --- Shares and their union. ---

TEST_F(SessionTableTest, EdgesOfAHolderAreEdgesOfTheUnion) {
  Attach(1, 1, 1, 0);
  EXPECT_THAT(Frame(1, Resend({Joined({Hash(1)})}), 0).presence, ElementsAre(Joined({Hash(1)})));
  EXPECT_THAT(Frame(1, Edges({Joined({Hash(2)})}), 0).presence, ElementsAre(Joined({Hash(2)})));
  EXPECT_THAT(Frame(1, Edges({Left({Hash(1)})}), 0).presence, ElementsAre(Left({Hash(1)})));
  EXPECT_EQ(table_.present().present(Counter(1)), 1);
}

TEST_F(SessionTableTest, WhatTwoHoldersHoldIsThereOnce) {
  Attach(1, 1, 1, 0);
  Attach(2, 2, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}), 0);
  EXPECT_THAT(Frame(2, Resend({Joined({Hash(1)})}), 0).presence, IsEmpty());
  EXPECT_THAT(Frame(1, Edges({Left({Hash(1)})}), 0).presence, IsEmpty());
  EXPECT_THAT(Frame(2, Edges({Left({Hash(1)})}), 0).presence, ElementsAre(Left({Hash(1)})));
}

TEST_F(SessionTableTest, EdgesAreNettedOverOneFrame) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}), 0);
  EXPECT_THAT(
      Frame(1, Edges({Joined({Hash(2)}), Left({Hash(2)}), Left({Hash(1)}), Joined({Hash(1)})}), 0)
          .presence,
      IsEmpty());
}

TEST_F(SessionTableTest, PresenceThatRepeatsWhatIsHeldChangesNothing) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1), Hash(1)})}), 0);
  EXPECT_THAT(Frame(1, Edges({Joined({Hash(1)}), Left({Hash(9)})}), 0).presence, IsEmpty());
  EXPECT_THAT(Frame(1, Edges({Left({Hash(1)})}), 0).presence, ElementsAre(Left({Hash(1)})));
}

TEST_F(SessionTableTest, AFullResendReplacesTheShareWhenComplete) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({{0, 1}, {0, 2}})}), 0);
  EXPECT_THAT(Frame(1, Resend({Joined({{0, 2}})}, true, false), 0).presence, IsEmpty());
  EXPECT_THAT(Frame(1, Resend({Joined({{0, 3}})}, false, false), 0).presence, IsEmpty());
  const PresenceDelta net{Counter(1), {{0, 3}}, {{0, 1}}};
  EXPECT_THAT(Frame(1, Resend({}, false, true), 0).presence, ElementsAre(net));
}

TEST_F(SessionTableTest, ABeginWithinAResendStartsItAnew) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}, true, false), 0);
  EXPECT_THAT(Frame(1, Resend({Joined({Hash(2)})}), 0).presence, ElementsAre(Joined({Hash(2)})));
}

TEST_F(SessionTableTest, AResendThatBreaksIsDiscarded) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}), 0);
  Frame(1, Resend({Joined({Hash(2)})}, true, false), 0);
  table_.OnStreamClosed(1);
  table_.CheckInvariants();
  Attach(2, 1, 2, 0);
  EXPECT_EQ(RefusedFrame(2, Resend({}, false, true)), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Frame(2, Resend({Joined({Hash(1)})}), 0).presence, IsEmpty());
}

TEST_F(SessionTableTest, AResendThatANewerStreamOvertakesIsDiscarded) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}, true, false), 0);
  Attach(2, 1, 2, 0);
  EXPECT_EQ(RefusedFrame(2, Resend({}, false, true)), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Frame(2, Edges({Joined({Hash(2)})}), 0).presence, ElementsAre(Joined({Hash(2)})));
}

TEST_F(SessionTableTest, AGatewayThatIsKilledAndComesBackMakesNoDip) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}), 0);
  table_.OnStreamClosed(1);
  Attach(2, 2, 1, 1);  // the next incarnation
  EXPECT_THAT(Frame(2, Resend({Joined({Hash(1)})}), 1).presence, IsEmpty());
  Effects effects;
  for (double now = 1; now <= 12; ++now) {
    Frame(2, HolderFrame(), now);
    table_.Tick(At(now), &effects);
  }
  EXPECT_THAT(effects.presence, IsEmpty());
  EXPECT_THAT(effects.ended, ElementsAre(Holder(1)));
}

// --- Streams. ---

TEST_F(SessionTableTest, TheNewestStreamWinsAndTheOlderIsClosed) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}), 0);
  EXPECT_THAT(Attach(2, 1, 2, 0).close, ElementsAre(Closes(1, absl::StatusCode::kAborted)));
  EXPECT_FALSE(table_.attached(1));
  EXPECT_THAT(Frame(1, Edges({Left({Hash(1)})}), 0).presence, IsEmpty());
  table_.OnStreamClosed(1);
  EXPECT_TRUE(table_.attached(2));
  EXPECT_EQ(table_.sessions(), 1);
}

TEST_F(SessionTableTest, AnOlderStreamOrTheSameAgainIsRefused) {
  Attach(1, 1, 5, 0);
  EXPECT_EQ(TryAttach(2, 1, 4, 0).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(TryAttach(2, 1, 5, 0).code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(table_.attached(1));
  EXPECT_FALSE(table_.attached(2));
}

TEST_F(SessionTableTest, FramesThatBreakTheProtocolAreRefusedAndChangeNothing) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(RefusedFrame(1, HolderFrame()), kInvalid) << "no hello";
  Attach(1, 1, 1, 0);
  HolderFrame second_hello;
  second_hello.hello = MakeHello(1, 2);
  EXPECT_EQ(RefusedFrame(1, second_hello), kInvalid);
  EXPECT_EQ(TryAttach(1, 1, 2, 0).code(), kInvalid);
  EXPECT_EQ(RefusedFrame(1, Resend({Joined({Hash(1)})}, false, true)), kInvalid) << "no begin";
  EXPECT_EQ(RefusedFrame(1, Resend({Left({Hash(1)})}, true, false)), kInvalid) << "left in resend";
  Frame(1, Resend({}, true, false), 0);
  EXPECT_EQ(RefusedFrame(1, Edges({Left({Hash(1)})})), kInvalid) << "left in resend";
  EXPECT_TRUE(table_.present().empty());
}

TEST_F(SessionTableTest, AHelloOnAStreamThatIsBeingClosedIsRefused) {
  Attach(1, 1, 1, 0);
  Attach(2, 1, 2, 0);
  EXPECT_EQ(TryAttach(1, 9, 1, 0).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SessionTableTest, TheEndOfAStreamNeverHeardOfChangesNothing) {
  table_.OnStreamClosed(77);
  EXPECT_EQ(table_.sessions(), 0);
}

// --- Leases. ---

TEST_F(SessionTableTest, AShareLeavesWholeWhenItsLeaseEnds) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({{0, 1}, {0, 2}})}), 1);
  EXPECT_THAT(TickTo(10.9).ended, IsEmpty());
  const Effects effects = TickTo(11);
  EXPECT_THAT(effects.presence, ElementsAre(Left({{0, 1}, {0, 2}})));
  EXPECT_THAT(effects.ended, ElementsAre(Holder(1)));
  EXPECT_THAT(effects.close, ElementsAre(Closes(1, absl::StatusCode::kDeadlineExceeded)));
  EXPECT_EQ(table_.sessions(), 0);
}

TEST_F(SessionTableTest, AnyFrameRenewsTheLease) {
  Attach(1, 1, 1, 0);
  Effects effects;
  for (double now = 0; now < 60; now += 1.5) {
    Frame(1, HolderFrame(), now);
    table_.Tick(At(now), &effects);
  }
  EXPECT_THAT(effects.ended, IsEmpty());
}

TEST_F(SessionTableTest, TheLeaseRunsFromTheLastFrameWhetherTheStreamStandsOrNot) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}), 3);
  TickTo(8);
  table_.OnStreamClosed(1);
  EXPECT_THAT(TickTo(12.9).ended, IsEmpty());
  const Effects effects = TickTo(13);
  EXPECT_THAT(effects.ended, ElementsAre(Holder(1)));
  EXPECT_THAT(effects.close, IsEmpty());
}

TEST_F(SessionTableTest, EdgesOfSharesThatLeaveTogetherAreNettedToo) {
  Attach(1, 1, 1, 0);
  Attach(2, 2, 1, 0);
  Frame(1, Resend({Joined({{0, 1}, {0, 3}})}), 0);
  Frame(2, Resend({Joined({{0, 2}, {0, 3}})}), 0);
  EXPECT_THAT(TickTo(10).presence, ElementsAre(Left({{0, 1}, {0, 2}, {0, 3}})));
}

TEST_F(SessionTableTest, AfterAStallOfOurOwnLeasesAndLingersCountAnew) {
  Attach(1, 1, 1, 0);
  Attach(2, 2, 1, 0);
  Frame(2, DetachFrame(absl::Seconds(4)), 0);
  TickTo(1);
  EXPECT_THAT(StallTo(60).ended, IsEmpty());
  EXPECT_THAT(TickTo(63.9).ended, IsEmpty());
  EXPECT_THAT(TickTo(64).ended, ElementsAre(Holder(2)));
  EXPECT_THAT(TickTo(69.9).ended, IsEmpty());
  EXPECT_THAT(TickTo(70).ended, ElementsAre(Holder(1)));
}

TEST_F(SessionTableTest, ATickNotLaterThanTheStallIsNone) {
  Attach(1, 1, 1, 0);
  for (double now = 2; now <= 8; now += 2) EXPECT_TRUE(StallTo(now).ended.empty());
  EXPECT_THAT(StallTo(10).ended, ElementsAre(Holder(1)));
}

TEST_F(SessionTableTest, AHolderThatComesBackAfterItsLeaseBeginsAnew) {
  Attach(1, 1, 5, 0);
  TickTo(10);
  EXPECT_THAT(Frame(1, Edges({Joined({Hash(1)})}), 10).presence, IsEmpty()) << "it was closed";
  table_.OnStreamClosed(1);
  Attach(2, 1, 6, 10);
  EXPECT_EQ(table_.sessions(), 1);
}

// --- Detaching. ---

TEST_F(SessionTableTest, ADetachedSessionKeepsItsShareForItsLinger) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}), 0);
  const Effects effects = Frame(1, DetachFrame(absl::Seconds(20)), 1);
  EXPECT_THAT(effects.close, ElementsAre(Closes(1, absl::StatusCode::kOk)));
  EXPECT_THAT(Frame(1, Edges({Left({Hash(1)})}), 1).presence, IsEmpty()) << "the stream has ended";
  EXPECT_THAT(TickTo(20.9).ended, IsEmpty());
  EXPECT_THAT(TickTo(21).ended, ElementsAre(Holder(1)));
  EXPECT_TRUE(table_.present().empty());
}

TEST_F(SessionTableTest, LingersAreCutToWhatIsSane) {
  Attach(1, 1, 1, 0);
  Attach(2, 2, 1, 0);
  Frame(1, DetachFrame(absl::InfiniteDuration()), 0);
  Frame(2, DetachFrame(-absl::Seconds(5)), 0);
  EXPECT_THAT(TickTo(0).ended, ElementsAre(Holder(2)));
  EXPECT_THAT(TickTo(299).ended, IsEmpty());
  EXPECT_THAT(TickTo(300).ended, ElementsAre(Holder(1)));
}

TEST_F(SessionTableTest, ADetachedHolderThatComesBackIsSimplyOpenAgain) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1)})}), 0);
  Frame(1, DetachFrame(absl::Seconds(1)), 0);
  EXPECT_THAT(Attach(2, 1, 2, 0.5).close, IsEmpty());
  EXPECT_THAT(TickTo(5).ended, IsEmpty());
  EXPECT_THAT(Frame(2, Resend({}), 5).presence, ElementsAre(Left({Hash(1)})));
}

// --- Audits. ---

TEST_F(SessionTableTest, AnAuditThatAgreesIsSilent) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1), Hash(2)})}), 0);
  EXPECT_TRUE(Frame(1, AuditFrame({Hash(2), Hash(1)}), 0).empty());
}

TEST_F(SessionTableTest, AnAuditThatDiffersIsCountedAndHealed) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({Joined({Hash(1), Hash(2)})}), 0);
  const Effects effects = Frame(1, AuditFrame({Hash(1)}), 0);
  EXPECT_EQ(effects.audit_mismatches, 1);
  EXPECT_THAT(effects.resend_wanted, ElementsAre(1));
}

TEST_F(SessionTableTest, AnAuditIsOfTheShareAfterItsFrame) {
  Attach(1, 1, 1, 0);
  HolderFrame frame = AuditFrame({Hash(1)});
  frame.resend_begin = frame.resend_end = true;
  frame.presence = {Joined({Hash(1)})};
  EXPECT_EQ(Frame(1, frame, 0).audit_mismatches, 0);
}

TEST_F(SessionTableTest, WithinAResendThereIsNothingToAudit) {
  Attach(1, 1, 1, 0);
  Frame(1, Resend({}, true, false), 0);
  EXPECT_TRUE(Frame(1, AuditFrame({Hash(1)}), 0).empty());
}

TEST(EffectsTest, AreEmptyOnlyWhenThereIsNothingToCarryOut) {
  EXPECT_TRUE(Effects().empty());
  Effects effects[6];
  effects[0].presence.push_back(Joined({Hash(1)}));
  effects[1].close.push_back({.stream = 1, .reason = absl::OkStatus()});
  effects[2].resend_wanted.push_back(1);
  effects[3].ended.push_back(Holder(1));
  effects[4].audit_mismatches = 1;
  effects[5].recovery_ended = true;
  for (const Effects& some : effects) EXPECT_FALSE(some.empty());
}

}  // namespace
}  // namespace livecounter
