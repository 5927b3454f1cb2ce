#include "core/holder_session.h"

#include <cstdint>
#include <random>
#include <string>
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
using test::V;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using State = HolderSession::State;

constexpr uint64_t kEpoch = 7;

MATCHER_P(HasTicket, ticket, "") { return arg.ticket == static_cast<uint64_t>(ticket); }

Change MakeChange(int counter, Version version, absl::optional<int64_t> hits, int64_t present) {
  return {Counter(counter), version, hits, present, At(0)};
}

ReceiverFrame Changes(std::vector<Change> changes) {
  ReceiverFrame frame;
  frame.changes = std::move(changes);
  return frame;
}

ReceiverFrame AnswerTo(const HitBatch& batch, int64_t value_after, Version version) {
  HitAnswer answer;
  answer.sender = batch.sender;
  answer.counter = batch.counter;
  answer.number = batch.number;
  answer.value_after = value_after;
  answer.version = version;
  ReceiverFrame frame;
  frame.hit_answers.push_back(answer);
  return frame;
}

ReceiverFrame KeyedAnswer(uint64_t ticket, int64_t value, Version version) {
  HitOutcome outcome;
  outcome.ticket = ticket;
  outcome.value = value;
  outcome.version = version;
  ReceiverFrame frame;
  frame.keyed_outcomes.push_back(outcome);
  return frame;
}

ReceiverFrame ResendWanted() {
  ReceiverFrame frame;
  frame.resend_wanted = true;
  return frame;
}

KeyedHitRequest Keyed(int counter, uint64_t ticket) {
  return {.ticket = ticket, .hit = {.counter = Counter(counter), .key = "key"}};
}

class HolderSessionTest : public ::testing::Test {
 protected:
  explicit HolderSessionTest(size_t max_frame_entries = 4096)
      : session_(MakeOptions(max_frame_entries), bits_) {}
  ~HolderSessionTest() override { session_.CheckInvariants(); }

  static HolderSession::Options MakeOptions(size_t max_frame_entries) {
    HolderSession::Options options;
    options.id = Holder(1);
    options.max_frame_entries = max_frame_entries;
    return options;
  }

  static ReceiverFrame WelcomeFrame(uint64_t epoch = kEpoch) {
    ReceiverFrame frame;
    frame.welcome = Welcome{epoch, absl::Seconds(10), absl::Seconds(2)};
    return frame;
  }

  HolderFrame Take(double now) {
    absl::optional<HolderFrame> frame = session_.TakeFrame(At(now));
    EXPECT_TRUE(frame.has_value());
    session_.CheckInvariants();
    return frame.value_or(HolderFrame());
  }
  std::vector<HolderFrame> TakeAll(double now) {
    std::vector<HolderFrame> frames;
    while (session_.has_frame(At(now))) frames.push_back(Take(now));
    EXPECT_FALSE(session_.TakeFrame(At(now)).has_value());
    return frames;
  }
  // An open stream, greeted.
  Hello Greet(double now) {
    EXPECT_TRUE(session_.ShouldConnect(At(now)));
    session_.OnOpened(At(now));
    return Take(now).hello.value_or(Hello());
  }
  void Welcomed(double now, uint64_t epoch = kEpoch) {
    Greet(now);
    Receive(WelcomeFrame(epoch), now);
  }
  // Welcomed, and everything resent.
  void Sync(double now) {
    Welcomed(now);
    TakeAll(now);
    EXPECT_TRUE(session_.synced());
  }
  void Receive(const ReceiverFrame& frame, double now) {
    const absl::Status status = session_.OnFrame(frame, At(now));
    EXPECT_TRUE(status.ok()) << status;
  }
  void Refuses(const ReceiverFrame& frame, double now) {
    EXPECT_EQ(session_.OnFrame(frame, At(now)).code(), absl::StatusCode::kInvalidArgument);
  }

  std::mt19937_64 bits_{42};
  HolderSession session_;
};

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

// --- Presence. ---

TEST_F(HolderSessionTest, TheResendTellsEverythingHeldAndWatched) {
  session_.Join(Counter(2), Hash(1));
  session_.Join(Counter(1), Hash(1));
  session_.Join(Counter(1), Hash(1));
  session_.Watch(Counter(3));
  Welcomed(0);
  EXPECT_FALSE(session_.synced());
  const HolderFrame frame = Take(0);
  EXPECT_TRUE(frame.resend_begin);
  EXPECT_TRUE(frame.resend_end);
  EXPECT_THAT(frame.watch, ElementsAre(WatchStart{Counter(3), absl::nullopt}));
  EXPECT_THAT(frame.presence, ElementsAre(PresenceDelta{Counter(1), {Hash(1)}, {}},
                                          PresenceDelta{Counter(2), {Hash(1)}, {}}));
  EXPECT_TRUE(session_.synced());
}

TEST_F(HolderSessionTest, AfterTheResendOnlyEdgesTravel) {
  session_.Join(Counter(1), Hash(1));
  Sync(0);
  session_.Join(Counter(1), Hash(1));
  session_.Leave(Counter(1), Hash(1));
  EXPECT_FALSE(session_.has_frame(At(0)));
  session_.Leave(Counter(1), Hash(1));
  EXPECT_TRUE(session_.has_frame(At(0)));
  EXPECT_FALSE(session_.urgent());
  EXPECT_THAT(Take(0).presence, ElementsAre(PresenceDelta{Counter(1), {}, {Hash(1)}}));
}

TEST_F(HolderSessionTest, EdgesBetweenFramesAreNetted) {
  session_.Join(Counter(1), Hash(1));
  Sync(0);
  session_.Join(Counter(1), Hash(2));
  session_.Leave(Counter(1), Hash(2));
  session_.Leave(Counter(1), Hash(1));
  session_.Join(Counter(1), Hash(1));
  EXPECT_FALSE(session_.has_frame(At(0)));
  EXPECT_FALSE(session_.TakeFrame(At(0)).has_value());
}

TEST_F(HolderSessionTest, AStreamThatBreaksIsFollowedByAFullResend) {
  session_.Join(Counter(1), Hash(1));
  Sync(0);
  session_.Join(Counter(1), Hash(2));
  session_.OnClosed(At(0));
  session_.Leave(Counter(1), Hash(1));
  Welcomed(5);
  const HolderFrame frame = Take(5);
  EXPECT_TRUE(frame.resend_begin && frame.resend_end);
  EXPECT_THAT(frame.presence, ElementsAre(PresenceDelta{Counter(1), {Hash(2)}, {}}));
}

TEST_F(HolderSessionTest, AResendThatIsWantedComesOnTheSameStream) {
  session_.Join(Counter(1), Hash(1));
  session_.Watch(Counter(1));
  Sync(0);
  session_.Join(Counter(1), Hash(2));
  Receive(ResendWanted(), 0);
  EXPECT_FALSE(session_.synced());
  const HolderFrame frame = Take(0);
  EXPECT_TRUE(frame.resend_begin && frame.resend_end);
  EXPECT_THAT(frame.watch, SizeIs(1));
  ASSERT_THAT(frame.presence, SizeIs(1));
  EXPECT_THAT(frame.presence.front().joined, SizeIs(2));
  EXPECT_FALSE(session_.has_frame(At(0))) << "the edge was part of the resend";
}

class SmallFramesTest : public HolderSessionTest {
 protected:
  SmallFramesTest() : HolderSessionTest(/*max_frame_entries=*/2) {}
};

TEST_F(SmallFramesTest, AResendIsCutIntoFrames) {
  for (uint64_t hash = 1; hash <= 5; ++hash) session_.Join(Counter(1), {0, hash});
  session_.Watch(Counter(2));
  Welcomed(0);
  const std::vector<HolderFrame> frames = TakeAll(0);
  ASSERT_THAT(frames, SizeIs(3));
  std::vector<PresenceHash> told;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(frames[i].resend_begin, i == 0);
    EXPECT_EQ(frames[i].resend_end, i == 2);
    EXPECT_EQ(frames[i].watch.size(), i == 0 ? 1u : 0u);
    for (const PresenceDelta& delta : frames[i].presence) {
      told.insert(told.end(), delta.joined.begin(), delta.joined.end());
    }
  }
  EXPECT_THAT(told, ElementsAre(PresenceHash{0, 1}, PresenceHash{0, 2}, PresenceHash{0, 3},
                                PresenceHash{0, 4}, PresenceHash{0, 5}));
}

TEST_F(SmallFramesTest, EdgesWithinAResendComeAfterItsEnd) {
  for (uint64_t hash = 1; hash <= 4; ++hash) session_.Join(Counter(1), {0, hash});
  Welcomed(0);
  Take(0);
  session_.Leave(Counter(1), {0, 1});
  session_.Leave(Counter(1), {0, 4});
  session_.Join(Counter(1), {0, 5});
  Receive(ResendWanted(), 0);  // under way already
  const HolderFrame rest = Take(0);
  EXPECT_TRUE(rest.resend_end);
  EXPECT_THAT(rest.presence, ElementsAre(PresenceDelta{Counter(1), {{0, 3}, {0, 4}}, {}}));
  const std::vector<HolderFrame> edges = TakeAll(0);
  ASSERT_THAT(edges, SizeIs(2));
  EXPECT_THAT(edges[0].presence, ElementsAre(PresenceDelta{Counter(1), {}, {{0, 1}, {0, 4}}}));
  EXPECT_THAT(edges[1].presence, ElementsAre(PresenceDelta{Counter(1), {{0, 5}}, {}}));
}

TEST_F(SmallFramesTest, CountersWithManyEdgesTakeTurns) {
  Sync(0);
  for (uint64_t hash = 1; hash <= 4; ++hash) session_.Join(Counter(1), {0, hash});
  session_.Join(Counter(2), {0, 1});
  const std::vector<HolderFrame> frames = TakeAll(0);
  ASSERT_THAT(frames, SizeIs(3));
  EXPECT_EQ(frames[1].presence.front().counter, Counter(2));
}

TEST_F(SmallFramesTest, HitsLeaveRoomForPresence) {
  session_.Join(Counter(1), Hash(1));
  for (int counter = 0; counter < 4; ++counter) session_.Hit(Counter(counter), 1, false);
  for (uint64_t ticket = 10; ticket < 14; ++ticket) session_.KeyedHitOnce(Keyed(1, ticket));
  Welcomed(0);
  const HolderFrame first = Take(0);
  EXPECT_THAT(first.keyed_hits, SizeIs(1));
  EXPECT_TRUE(first.resend_begin && first.resend_end);
}

TEST(FrameBytesTest, LongNamesMakeShorterFrames) {
  std::mt19937_64 bits(1);
  HolderSession::Options options;
  options.max_frame_bytes = 5'000;
  HolderSession session(options, bits);
  for (int i = 0; i < 10; ++i) session.Watch({"p", absl::StrCat(i, std::string(2'000, 'x'))});
  ASSERT_TRUE(session.ShouldConnect(At(0)));
  session.OnOpened(At(0));
  session.TakeFrame(At(0));
  ReceiverFrame welcome;
  welcome.welcome = Welcome{1, absl::Seconds(10), absl::Seconds(2)};
  ASSERT_TRUE(session.OnFrame(welcome, At(0)).ok());
  std::vector<size_t> watches;
  while (session.has_frame(At(0))) watches.push_back(session.TakeFrame(At(0))->watch.size());
  EXPECT_THAT(watches, ElementsAre(3, 3, 3, 1));
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

// --- Watching. ---

TEST_F(HolderSessionTest, SeveralWatchersAreOneSubscription) {
  Sync(0);
  EXPECT_EQ(session_.Watch(Counter(1)), absl::nullopt);
  session_.Watch(Counter(1));
  EXPECT_THAT(Take(0).watch, SizeIs(1));
  session_.Unwatch(Counter(1));
  EXPECT_FALSE(session_.has_frame(At(0)));
  session_.Unwatch(Counter(1));
  EXPECT_THAT(Take(0).unwatch, ElementsAre(Counter(1)));
  session_.Unwatch(Counter(1));
  EXPECT_FALSE(session_.has_frame(At(0)));
}

TEST_F(HolderSessionTest, ALaterWatcherGetsTheNewestChangeAtOnce) {
  Sync(0);
  session_.Watch(Counter(1));
  Take(0);
  const Change change = MakeChange(1, V(7, 1), 5, 2);
  Receive(Changes({change}), 0);
  EXPECT_EQ(session_.Watch(Counter(1)), change);
}

TEST_F(HolderSessionTest, WatchingAndUnwatchingBetweenFramesIsNetted) {
  Sync(0);
  session_.Watch(Counter(1));
  session_.Unwatch(Counter(1));
  EXPECT_FALSE(session_.has_frame(At(0)));
  session_.Watch(Counter(1));
  Take(0);
  const Change change = MakeChange(1, V(7, 1), 5, 2);
  session_.Unwatch(Counter(1));
  Receive(Changes({change}), 0);
  EXPECT_THAT(session_.TakeChanges(), IsEmpty());
  EXPECT_EQ(session_.Watch(Counter(1)), change) << "the receiver was not told, and goes on";
  EXPECT_FALSE(session_.has_frame(At(0)));
}

TEST_F(HolderSessionTest, ChangesAreConflatedAndNeverOlder) {
  Sync(0);
  session_.Watch(Counter(1));
  session_.Watch(Counter(2));
  Take(0);
  Receive(Changes({MakeChange(1, V(7, 5), 1, 1), MakeChange(2, V(7, 1), 1, 1)}), 0);
  Receive(Changes({MakeChange(1, V(7, 6), 2, 1), MakeChange(1, V(7, 4), 9, 9),
                   MakeChange(1, V(6, 99), 9, 9), MakeChange(3, V(7, 1), 9, 9)}),
          0);
  EXPECT_THAT(session_.TakeChanges(),
              ElementsAre(MakeChange(1, V(7, 6), 2, 1), MakeChange(2, V(7, 1), 1, 1)));
  EXPECT_THAT(session_.TakeChanges(), IsEmpty());
  Receive(Changes({MakeChange(1, V(7, 6), 2, 1)}), 0);
  EXPECT_THAT(session_.TakeChanges(), IsEmpty());
  Receive(Changes({MakeChange(1, V(8, 1), 0, 0)}), 0);
  EXPECT_THAT(session_.TakeChanges(), ElementsAre(MakeChange(1, V(8, 1), 0, 0)));
}

TEST_F(HolderSessionTest, AChangeThatNobodyWatchesAnyMoreIsNotTaken) {
  Sync(0);
  session_.Watch(Counter(1));
  Take(0);
  Receive(Changes({MakeChange(1, V(7, 1), 1, 1)}), 0);
  session_.Unwatch(Counter(1));
  Take(0);
  EXPECT_THAT(session_.TakeChanges(), IsEmpty());
}

TEST_F(HolderSessionTest, TheFloorIsThePresenceLastPassedOn) {
  Sync(0);
  for (int counter = 1; counter <= 4; ++counter) session_.Watch(Counter(counter));
  Take(0);
  for (int counter = 1; counter <= 3; ++counter) {
    Receive(Changes({MakeChange(counter, V(7, 1), {}, 10)}), 0);
  }
  session_.TakeChanges();
  Receive(Changes({MakeChange(2, V(7, 2), {}, 20), MakeChange(3, V(7, 2), {}, 30)}), 0);
  session_.Watch(Counter(3));  // passes the newest on
  session_.OnClosed(At(0));
  Welcomed(5);
  EXPECT_THAT(Take(5).watch,
              ElementsAre(WatchStart{Counter(1), 10}, WatchStart{Counter(2), 10},
                          WatchStart{Counter(3), 30}, WatchStart{Counter(4), absl::nullopt}));
}

TEST_F(HolderSessionTest, TheNewestChangeOutlivesTheStream) {
  Sync(0);
  session_.Watch(Counter(1));
  Take(0);
  const Change change = MakeChange(1, V(7, 3), 5, 2);
  Receive(Changes({change}), 0);
  session_.OnClosed(At(0));
  EXPECT_EQ(session_.Watch(Counter(1)), change);
  EXPECT_THAT(session_.TakeChanges(), ElementsAre(change));
}

TEST_F(HolderSessionTest, WhatNobodyWatchesAnyMoreIsForgotten) {
  Sync(0);
  session_.Watch(Counter(1));
  Take(0);
  Receive(Changes({MakeChange(1, V(7, 3), 5, 2)}), 0);
  session_.Unwatch(Counter(1));
  Take(0);
  EXPECT_EQ(session_.Watch(Counter(1)), absl::nullopt);
  EXPECT_THAT(Take(0).watch, ElementsAre(WatchStart{Counter(1), absl::nullopt}));
  session_.Unwatch(Counter(1));
  session_.OnClosed(At(0));  // before the receiver was told
  Welcomed(5);
  const HolderFrame frame = Take(5);
  EXPECT_THAT(frame.watch, IsEmpty());
  EXPECT_THAT(frame.unwatch, IsEmpty());
}

TEST_F(HolderSessionTest, AnUnwatchThatIsQueuedSurvivesAWantedResend) {
  Sync(0);
  session_.Watch(Counter(1));
  session_.Watch(Counter(2));
  Take(0);
  session_.Unwatch(Counter(1));
  Receive(ResendWanted(), 0);
  const HolderFrame frame = Take(0);
  EXPECT_THAT(frame.unwatch, ElementsAre(Counter(1)));
  EXPECT_THAT(frame.watch, ElementsAre(WatchStart{Counter(2), absl::nullopt}));
}

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

TEST_F(ReadYourWritesTest, DetachingLetsNothingWait) {
  session_.Detach(absl::Seconds(1));
  Receive(answer_, 0);
  EXPECT_THAT(session_.TakeOutcomes(), IsEmpty());
  EXPECT_TRUE(Take(0).detach.has_value());
  EXPECT_THAT(session_.TakeOutcomes(), SizeIs(2));
}

// --- Frames as values. ---

TEST(FramesTest, AreEmptyOnlyWhenNothingIsInThem) {
  EXPECT_TRUE(HolderFrame().empty());
  HolderFrame up[10];
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
  for (const HolderFrame& frame : up) EXPECT_FALSE(frame.empty());

  EXPECT_TRUE(ReceiverFrame().empty());
  ReceiverFrame down[5];
  down[0].welcome.emplace();
  down[1].changes.emplace_back();
  down[2].hit_answers.emplace_back();
  down[3].keyed_outcomes.emplace_back();
  down[4].resend_wanted = true;
  for (const ReceiverFrame& frame : down) EXPECT_FALSE(frame.empty());
}

}  // namespace
}  // namespace livecounter
