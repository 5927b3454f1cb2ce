#include "core/holder_session.h"

#include <cstdint>
#include <utility>
#include <vector>

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
using test::Holder;
using test::HolderSessionTest;
using test::kEpoch;
using test::Keyed;
using test::KeyedAnswer;
using test::MakeChange;
using test::ResendWanted;
using test::SmallFramesTest;
using test::V;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using State = HolderSession::State;

// --- Connecting. ---

TEST_F(HolderSessionTest, ConnectsAtOnceAndAsksOnce) {
  EXPECT_EQ(session_.state(), State::kWaiting);
  EXPECT_TRUE(session_.ShouldConnect(At(0)));
  EXPECT_EQ(session_.state(), State::kConnecting);
  EXPECT_FALSE(session_.ShouldConnect(At(0)));
}

TEST_F(HolderSessionTest, TheHelloIsTheFirstFrameAndAloneUntilTheWelcome) {
  session_.Join(Counter(1), Hash(1));
  session_.Hit(Counter(1), 1, false);
  EXPECT_TRUE(session_.ShouldConnect(At(0)));
  EXPECT_FALSE(session_.has_frame(At(0)));
  session_.OnOpened(At(0));
  EXPECT_TRUE(session_.urgent());
  EXPECT_EQ(Take(0).hello, (Hello{Holder(1), 1, 0}));
  EXPECT_FALSE(session_.urgent());
  EXPECT_FALSE(session_.has_frame(At(1)));
  Receive(WelcomeFrame(), 1);
  EXPECT_EQ(session_.state(), State::kAttached);
  EXPECT_TRUE(session_.urgent());
}

TEST_F(HolderSessionTest, EachStreamHasAHigherNumber) {
  EXPECT_EQ(Greet(0).stream, 1u);
  session_.OnClosed(At(0));
  EXPECT_EQ(Greet(5).stream, 2u);
  EXPECT_EQ(session_.streams_opened(), 2u);
}

TEST_F(HolderSessionTest, AnAttemptThatFailsBacksOff) {
  EXPECT_TRUE(session_.ShouldConnect(At(0)));
  session_.OnClosed(At(0));
  EXPECT_FALSE(session_.ShouldConnect(At(0)));
  const absl::Time wake = session_.NextWake();
  EXPECT_GT(wake, At(0));
  EXPECT_LE(wake, At(0.05));
  EXPECT_TRUE(session_.ShouldConnect(wake));
}

TEST_F(HolderSessionTest, PausesGrowUntilAWelcome) {
  absl::Time now = At(0);
  const auto longest_of_ten = [&] {
    absl::Duration longest;
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(session_.ShouldConnect(now));
      session_.OnClosed(now);
      longest = std::max(longest, session_.NextWake() - now);
      now = session_.NextWake();
    }
    return longest;
  };
  EXPECT_GT(longest_of_ten(), absl::Milliseconds(200));
  EXPECT_TRUE(session_.ShouldConnect(now));
  session_.OnOpened(now);
  session_.TakeFrame(now);
  EXPECT_TRUE(session_.OnFrame(WelcomeFrame(), now).ok());
  session_.OnClosed(now);
  EXPECT_LE(session_.NextWake() - now, absl::Milliseconds(50));
}

TEST_F(HolderSessionTest, TheHelloTellsTheHighestEpochSeenInAnything) {
  Sync(0);
  EXPECT_EQ(session_.highest_epoch(), kEpoch);
  session_.Hit(Counter(1), 1, false);
  Receive(AnswerTo(Take(0).hits.front(), 1, V(9, 1)), 0);
  EXPECT_EQ(session_.highest_epoch(), 9u);
  Receive(Changes({MakeChange(5, V(8, 1), 1, 1)}), 0);
  EXPECT_EQ(session_.highest_epoch(), 9u);
  Receive(KeyedAnswer(77, 1, V(10, 1)), 0);
  Receive(Changes({MakeChange(5, V(11, 1), 1, 1)}), 0);
  session_.OnClosed(At(0));
  EXPECT_EQ(Greet(5).highest_epoch, 11u);
}

TEST_F(HolderSessionTest, CallsOutOfPlaceChangeNothing) {
  session_.OnOpened(At(0));
  session_.OnClosed(At(0));
  EXPECT_EQ(session_.state(), State::kWaiting);
  EXPECT_TRUE(session_.ShouldConnect(At(0)));
}

// --- The receiver's frames. ---

TEST_F(HolderSessionTest, WhatBreaksTheProtocolIsRefused) {
  Refuses(WelcomeFrame(), 0);  // no stream
  EXPECT_TRUE(session_.ShouldConnect(At(0)));
  session_.OnOpened(At(0));
  Refuses(WelcomeFrame(), 0);  // before the hello
  Take(0);
  Refuses(Changes({}), 0);  // no welcome
  for (const auto& [lease, keep_alive] : {std::pair(0, 2), std::pair(10, 0)}) {
    ReceiverFrame frame = WelcomeFrame();
    frame.welcome->lease = absl::Seconds(lease);
    frame.welcome->keep_alive = absl::Seconds(keep_alive);
    Refuses(frame, 0);
  }
  Receive(WelcomeFrame(), 0);
  Refuses(WelcomeFrame(), 0);  // twice
}

TEST_F(HolderSessionTest, AReceiverThatFellBehindWhatItWasToldIsRefused) {
  Sync(0);
  session_.OnClosed(At(0));
  Greet(5);
  Refuses(WelcomeFrame(kEpoch - 1), 5);
  Receive(WelcomeFrame(kEpoch), 5);
}

TEST_F(HolderSessionTest, SilenceIsHalfALease) {
  Sync(0);
  Receive(ReceiverFrame(), 3);
  EXPECT_FALSE(session_.PeerIsSilent(At(7.9)));
  EXPECT_TRUE(session_.PeerIsSilent(At(8)));
}

TEST_F(HolderSessionTest, AnAttemptWithoutWelcomeIsSilentAfterTheTimeout) {
  EXPECT_FALSE(session_.PeerIsSilent(At(1000)));
  EXPECT_TRUE(session_.ShouldConnect(At(0)));
  EXPECT_EQ(session_.NextWake(), At(2));
  EXPECT_TRUE(session_.PeerIsSilent(At(2)));
  session_.OnOpened(At(1));
  Take(1);
  EXPECT_FALSE(session_.PeerIsSilent(At(1.9)));
  EXPECT_TRUE(session_.PeerIsSilent(At(2)));
}

// --- Keep-alive and audit. ---

TEST_F(HolderSessionTest, AnEmptyFrameKeepsAliveWhenNothingElseWasSent) {
  Sync(0);
  EXPECT_EQ(session_.NextWake(), At(2));
  EXPECT_FALSE(session_.has_frame(At(1.9)));
  EXPECT_TRUE(Take(2).empty());
  session_.Join(Counter(1), Hash(1));
  Take(3);
  EXPECT_FALSE(session_.has_frame(At(4.9)));
  EXPECT_TRUE(session_.has_frame(At(5)));
}

TEST_F(HolderSessionTest, AnAuditIsOfTheShareAfterItsFrame) {
  session_.Join(Counter(1), Hash(1));
  Sync(0);
  session_.Join(Counter(1), Hash(2));
  const HolderFrame frame = Take(30);
  EXPECT_THAT(frame.presence, SizeIs(1));
  EXPECT_EQ(frame.audit, session_.share().digest());
  EXPECT_FALSE(Take(32).audit.has_value());
  Receive(ReceiverFrame(), 59);
  EXPECT_TRUE(Take(60).audit.has_value());
}

TEST_F(SmallFramesTest, NothingIsAuditedWhilePresenceIsQueued) {
  for (uint64_t hash = 1; hash <= 3; ++hash) session_.Join(Counter(1), {0, hash});
  Welcomed(0);
  EXPECT_FALSE(Take(30).audit.has_value());
  EXPECT_TRUE(Take(30).audit.has_value());
  Receive(ResendWanted(), 31);
  EXPECT_FALSE(Take(90).audit.has_value());
}

// --- Detaching. ---

TEST_F(HolderSessionTest, DetachIsTheLastFrameAfterWhatIsQueued) {
  Sync(0);
  session_.Join(Counter(1), Hash(1));
  session_.Detach(absl::Seconds(10));
  const HolderFrame frame = Take(0);
  EXPECT_THAT(frame.presence, SizeIs(1));
  EXPECT_EQ(frame.detach, absl::Seconds(10));
  EXPECT_EQ(session_.state(), State::kDetached);
  EXPECT_FALSE(session_.synced());
  EXPECT_FALSE(session_.has_frame(At(100)));
  EXPECT_EQ(session_.NextWake(), absl::InfiniteFuture());
  Receive(Changes({}), 0);  // was on its way
  session_.OnClosed(At(0));
  EXPECT_EQ(session_.state(), State::kDetached);
  EXPECT_FALSE(session_.ShouldConnect(At(100)));
  EXPECT_FALSE(session_.PeerIsSilent(At(100)));
}

TEST_F(HolderSessionTest, AfterDetachTheShareStaysAsItIs) {
  session_.Join(Counter(1), Hash(1));
  Sync(0);
  session_.Detach(absl::Seconds(10));
  session_.Detach(absl::Seconds(99));
  session_.Leave(Counter(1), Hash(1));
  session_.Join(Counter(1), Hash(2));
  const HolderFrame frame = Take(0);
  EXPECT_THAT(frame.presence, IsEmpty());
  EXPECT_EQ(frame.detach, absl::Seconds(10));
}

TEST_F(HolderSessionTest, DetachWaitsForTheAnswersOfHits) {
  Sync(0);
  session_.Hit(Counter(1), 1, false);
  session_.Detach(absl::Seconds(10));
  const HolderFrame frame = Take(0);
  EXPECT_FALSE(frame.detach.has_value());
  EXPECT_FALSE(session_.has_frame(At(0)));
  Receive(AnswerTo(frame.hits.front(), 1, V(7, 1)), 0);
  EXPECT_TRUE(Take(0).detach.has_value());
}

TEST_F(HolderSessionTest, AStreamThatBreaksBeforeTheDetachIsOpenedAgain) {
  session_.Join(Counter(1), Hash(1));
  Sync(0);
  session_.Detach(absl::Seconds(10));
  session_.OnClosed(At(0));
  Welcomed(5);
  const HolderFrame frame = Take(5);
  EXPECT_TRUE(frame.resend_begin && frame.resend_end);
  EXPECT_TRUE(frame.detach.has_value());
}

TEST_F(SmallFramesTest, DetachComesAfterTheResend) {
  for (uint64_t hash = 1; hash <= 3; ++hash) session_.Join(Counter(1), {0, hash});
  Welcomed(0);
  session_.Detach(absl::Seconds(10));
  EXPECT_FALSE(Take(0).detach.has_value());
  EXPECT_TRUE(Take(0).detach.has_value());
}

TEST_F(HolderSessionTest, ASessionThatNeverOpenedAStreamIsDetachedAtOnce) {
  session_.Detach(absl::Seconds(10));
  EXPECT_EQ(session_.state(), State::kDetached);
}

TEST_F(HolderSessionTest, AnAttemptThatFailsAfterDetachIsTheLast) {
  EXPECT_TRUE(session_.ShouldConnect(At(0)));
  session_.Detach(absl::Seconds(10));
  EXPECT_EQ(session_.state(), State::kConnecting);
  session_.OnClosed(At(0));
  EXPECT_EQ(session_.state(), State::kDetached);
}

TEST_F(HolderSessionTest, HitsThatWaitAreTriedBeforeDetaching) {
  session_.Hit(Counter(1), 1, false);
  session_.Detach(absl::Seconds(10));
  EXPECT_EQ(session_.state(), State::kWaiting);
  Welcomed(0);
  EXPECT_THAT(Take(0).hits, SizeIs(1));
}

TEST_F(HolderSessionTest, HitsAfterTheDetachSurelyDidNotCount) {
  session_.Detach(absl::Seconds(10));
  session_.Hit(Counter(1), 1, false);
  session_.KeyedHitOnce(Keyed(1, 2));
  const std::vector<HitOutcome> outcomes = session_.TakeOutcomes();
  ASSERT_THAT(outcomes, ElementsAre(HasTicket(1), HasTicket(2)));
  for (const HitOutcome& outcome : outcomes) {
    EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnavailable);
  }
}

// --- Frames as values. ---

TEST(FramesTest, AreEmptyOnlyWhenNothingIsInThem) {
  EXPECT_TRUE(HolderFrame().empty());
  HolderFrame up[12];
  up[0].hello.emplace();
  up[1].resend_begin = true;
  up[2].watch.emplace_back();
  up[3].unwatch.emplace_back();
  up[4].presence.emplace_back();
  up[5].resend_end = true;
  up[6].hits.emplace_back();
  up[7].keyed_hits.emplace_back();
  up[8].audit.emplace();
  up[9].detach.emplace();
  up[10].connections.emplace_back();
  up[11].usage.emplace();
  for (const HolderFrame& frame : up) EXPECT_FALSE(frame.empty());

  EXPECT_TRUE(ReceiverFrame().empty());
  ReceiverFrame down[7];
  down[0].welcome.emplace();
  down[1].changes.emplace_back();
  down[2].hit_answers.emplace_back();
  down[3].keyed_outcomes.emplace_back();
  down[4].resend_wanted = true;
  down[5].connection_totals.emplace_back();
  down[6].usage_counted = 1;
  for (const ReceiverFrame& frame : down) EXPECT_FALSE(frame.empty());
}

}  // namespace
}  // namespace livecounter
