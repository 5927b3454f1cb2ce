#include "core/session_table.h"
#include "core/session_table_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
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

TEST_F(RecoveringTest, WhoLeavesMeanwhileIsToldWhenItEnds) {
  Attach(1, 1, 8, 0);
  Attach(2, 2, 9, 0);
  Frame(1, Resend({Joined({Hash(1), Hash(2), Hash(3)})}), 0);
  EXPECT_THAT(Frame(1, Edges({Left({Hash(1), Hash(2)})}), 0).presence, IsEmpty());
  EXPECT_THAT(Frame(1, Edges({Joined({Hash(2), Hash(4)})}), 0).presence,
              ElementsAre(Joined({Hash(4)})))
      << "who came back had not left";
  const Effects effects = Frame(2, Resend({Joined({Hash(5)})}), 0);
  EXPECT_TRUE(effects.recovery_ended);
  EXPECT_THAT(effects.presence, ElementsAre(Joined({Hash(5)}), Left({Hash(1)})));
  table_.CheckInvariants();
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

}  // namespace
}  // namespace livecounter
