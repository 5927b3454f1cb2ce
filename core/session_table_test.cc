#include "core/session_table.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Counter;
using test::Hash;
using test::Holder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Effects = SessionTable::Effects;

PresenceDelta Joined(std::vector<PresenceHash> hashes) {
  return {Counter(1), std::move(hashes), {}};
}
PresenceDelta Left(std::vector<PresenceHash> hashes) { return {Counter(1), {}, std::move(hashes)}; }

HolderFrame Edges(std::vector<PresenceDelta> presence) {
  HolderFrame frame;
  frame.presence = std::move(presence);
  return frame;
}

HolderFrame Resend(std::vector<PresenceDelta> presence, bool begin = true, bool end = true) {
  HolderFrame frame = Edges(std::move(presence));
  frame.resend_begin = begin;
  frame.resend_end = end;
  return frame;
}

HolderFrame DetachFrame(absl::Duration linger) {
  HolderFrame frame;
  frame.detach = linger;
  return frame;
}

HolderFrame AuditFrame(const std::vector<PresenceHash>& hashes) {
  Share share;
  for (PresenceHash hash : hashes) share.Add(Counter(1), hash);
  HolderFrame frame;
  frame.audit = share.digest();
  return frame;
}

MATCHER_P2(Closes, stream, code, "") {
  return arg.stream == static_cast<StreamId>(stream) && arg.reason.code() == code;
}

// A table with nobody expected, past its start, and calls that return their effects.
class SessionTableTest : public ::testing::Test {
 protected:
  explicit SessionTableTest(std::vector<HolderId> expected = {})
      : table_(SessionTable::Options(), std::move(expected), At(0)) {}
  ~SessionTableTest() override { table_.CheckInvariants(); }

  Effects Attach(StreamId stream, int holder, uint64_t number, double now) {
    Effects effects;
    EXPECT_TRUE(table_.Attach(stream, MakeHello(holder, number), At(now), &effects).ok());
    return effects;
  }
  absl::Status TryAttach(StreamId stream, int holder, uint64_t number, double now) {
    Effects effects;
    const absl::Status status = table_.Attach(stream, MakeHello(holder, number), At(now), &effects);
    EXPECT_TRUE(effects.empty());
    return status;
  }
  Effects Frame(StreamId stream, const HolderFrame& frame, double now) {
    Effects effects;
    EXPECT_TRUE(table_.OnFrame(stream, frame, At(now), &effects).ok());
    table_.CheckInvariants();
    return effects;
  }
  absl::StatusCode RefusedFrame(StreamId stream, const HolderFrame& frame) {
    Effects effects;
    const absl::Status status = table_.OnFrame(stream, frame, At(1), &effects);
    EXPECT_TRUE(effects.empty());
    return status.code();
  }
  // Up to `seconds`, often enough not to be a stall.
  Effects TickTo(double seconds) {
    Effects effects;
    for (; ticked_ < seconds; ticked_ += 0.5) table_.Tick(At(ticked_), &effects);
    table_.Tick(At(seconds), &effects);
    table_.CheckInvariants();
    return effects;
  }
  // A late Tick.
  Effects StallTo(double seconds) {
    Effects effects;
    table_.Tick(At(seconds), &effects);
    ticked_ = seconds;
    return effects;
  }

  static Hello MakeHello(int holder, uint64_t number) {
    return {.holder = Holder(static_cast<uint64_t>(holder)), .stream = number, .highest_epoch = 0};
  }

  SessionTable table_;
  double ticked_ = 0;
};

TEST_F(SessionTableTest, TheWelcomeCarriesEpochAndOptions) {
  EXPECT_EQ(table_.MakeWelcome(7), (Welcome{7, absl::Seconds(10), absl::Seconds(2)}));
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
  Attach(2, 1, 2, 0);
  EXPECT_EQ(RefusedFrame(2, Resend({}, false, true)), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Frame(2, Resend({Joined({Hash(1)})}), 0).presence, IsEmpty());
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

// --- Recovering. ---

class RecoveringTest : public SessionTableTest {
 protected:
  RecoveringTest() : SessionTableTest({Holder(1), Holder(2)}) {}
};

TEST_F(SessionTableTest, WhereNobodyIsExpectedRecoveringEndsWithTheFirstTick) {
  EXPECT_TRUE(table_.recovering());
  EXPECT_TRUE(TickTo(0).recovery_ended);
  EXPECT_FALSE(table_.recovering());
  EXPECT_FALSE(TickTo(30).recovery_ended);
}

TEST_F(RecoveringTest, EndsWhenEverySessionThatWasOpenHasResent) {
  Attach(1, 1, 8, 0);
  Attach(2, 2, 9, 0);
  Attach(3, 3, 1, 0);  // new: not waited for
  Frame(1, Resend({Joined({Hash(1)})}), 0);
  EXPECT_FALSE(Frame(2, Resend({}, true, false), 0).recovery_ended);
  EXPECT_TRUE(table_.recovering());
  const Effects effects = Frame(2, Resend({Joined({Hash(2)})}, false, true), 0);
  EXPECT_TRUE(effects.recovery_ended);
  EXPECT_THAT(effects.presence, ElementsAre(Joined({Hash(2)})));
  EXPECT_FALSE(table_.recovering());
  EXPECT_FALSE(TickTo(5).recovery_ended);
}

TEST_F(RecoveringTest, ASessionThatDetachesHasAnswered) {
  Attach(1, 1, 8, 0);
  Attach(2, 2, 8, 0);
  Frame(1, Resend({}), 0);
  EXPECT_TRUE(Frame(2, DetachFrame(absl::Seconds(1)), 0).recovery_ended);
}

TEST_F(RecoveringTest, EndsAtTheLimitAndThoseWhoNeverCameHaveEnded) {
  for (double now = 0; now < 10; ++now) {
    if (now == 0) Attach(1, 1, 8, now);
    Frame(1, Resend({}, now == 0, false), now);  // still resending
    EXPECT_FALSE(TickTo(now + 0.9).recovery_ended);
  }
  const Effects effects = TickTo(10);
  EXPECT_TRUE(effects.recovery_ended);
  EXPECT_THAT(effects.ended, ElementsAre(Holder(2)));
  EXPECT_EQ(table_.sessions(), 1);
}

TEST_F(RecoveringTest, ASessionWhoseLeaseEndsIsNotWaitedFor) {
  Attach(1, 1, 8, 0);
  Frame(1, Resend({}), 9);
  EXPECT_FALSE(TickTo(9.5).recovery_ended);
  Attach(2, 2, 8, 9.5);
  const Effects effects = TickTo(10);
  EXPECT_TRUE(effects.recovery_ended);
  EXPECT_THAT(effects.ended, IsEmpty()) << "both are here";
}

TEST(ShortLeaseTest, AnExpectedSessionThatBreaksOffAndEndsIsNotWaitedFor) {
  SessionTable::Options options;
  options.lease = absl::Seconds(3);
  SessionTable table(options, {Holder(1)}, At(0));
  Effects effects;
  ASSERT_TRUE(table.Attach(1, {.holder = Holder(1), .stream = 4}, At(0), &effects).ok());
  for (double now = 0; now < 3; ++now) table.Tick(At(now), &effects);
  EXPECT_TRUE(effects.empty());
  table.Tick(At(3), &effects);
  EXPECT_TRUE(effects.recovery_ended);
  EXPECT_THAT(effects.ended, ElementsAre(Holder(1)));
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
