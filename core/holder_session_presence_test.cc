#include <cstdint>
#include <vector>

#include "core/holder_session.h"
#include "core/holder_session_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Counter;
using test::Hash;
using test::HolderSessionTest;
using test::Keyed;
using test::ResendWanted;
using test::ShortFramesTest;
using test::SmallFramesTest;
using ::testing::ElementsAre;
using ::testing::SizeIs;

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

TEST_F(SmallFramesTest, ACounterWhoseEdgesUndidEachOtherLosesItsTurn) {
  Sync(0);
  session_.Join(Counter(1), Hash(1));
  session_.Join(Counter(2), Hash(1));
  session_.Leave(Counter(1), Hash(1));
  EXPECT_THAT(Take(0).presence, ElementsAre(PresenceDelta{Counter(2), {Hash(1)}, {}}));
  EXPECT_FALSE(session_.has_frame(At(0)));
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

TEST_F(ShortFramesTest, LongNamesMakeShorterFrames) {
  for (int i = 0; i < 10; ++i) session_.Watch(LongName(i));
  session_.Join(LongName(1), Hash(1));
  Welcomed(0);
  std::vector<size_t> watches;
  for (const HolderFrame& frame : TakeAll(0)) watches.push_back(frame.watch.size());
  EXPECT_THAT(watches, ElementsAre(3, 3, 3, 1));
}

TEST_F(ShortFramesTest, HitsLeaveBytesForPresence) {
  session_.Join(Counter(1), Hash(1));
  for (int i = 0; i < 5; ++i) session_.Hit(LongName(i), static_cast<uint64_t>(i), false);
  for (uint64_t ticket = 10; ticket < 13; ++ticket) {
    session_.KeyedHitOnce({.ticket = ticket, .hit = {.counter = LongName(1), .key = "key"}});
  }
  Welcomed(0);
  const std::vector<HolderFrame> frames = TakeAll(0);
  ASSERT_THAT(frames, SizeIs(4));
  EXPECT_TRUE(frames.front().resend_begin && frames.front().resend_end);
  EXPECT_THAT(frames[0].keyed_hits, SizeIs(2));
  EXPECT_THAT(frames[1].keyed_hits, SizeIs(1));
  EXPECT_THAT(frames[1].hits, SizeIs(1));
  EXPECT_THAT(frames[3].hits, SizeIs(2));
}

}  // namespace
}  // namespace livecounter
