// Open connections and usage of HolderSession: what it tells, when, and after breaks.

#include <string>

#include "core/holder_session.h"
#include "core/holder_session_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::test {
namespace {

using State = HolderSession::State;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

ProductConnections Has(const std::string& product, int64_t connections) {
  return {.product = product, .connections = connections};
}

UsageBatch Usage(uint64_t number, int64_t connections) {
  return {number, {{.product = "p", .hour = 3600, .connections = connections}}};
}

ReceiverFrame Counted(uint64_t number) {
  ReceiverFrame frame;
  frame.usage_counted = number;
  return frame;
}

TEST_F(HolderSessionTest, ChangedConnectionsAreToldTogether) {
  Sync(0);
  session_.AddConnections("p", 1);
  session_.AddConnections("q", 2);
  EXPECT_THAT(Take(0).connections, ElementsAre(Has("p", 1), Has("q", 2)));
  session_.AddConnections("p", 1);
  EXPECT_FALSE(session_.has_frame(At(0.1)));
  EXPECT_LE(session_.NextWake(), At(0.2));
  session_.AddConnections("p", -2);
  EXPECT_THAT(Take(0.2).connections, ElementsAre(Has("p", 0)));
}

TEST_F(HolderSessionTest, AResendHoldsAllConnections) {
  Sync(0);
  session_.AddConnections("p", 3);
  TakeAll(0);
  session_.OnClosed(At(1));
  session_.AddConnections("q", 1);
  Welcomed(3);
  const HolderFrame resend = Take(3);
  EXPECT_TRUE(resend.resend_begin && resend.resend_end);
  EXPECT_THAT(resend.connections, ElementsAre(Has("p", 3), Has("q", 1)));
  Receive(ResendWanted(), 4);
  EXPECT_THAT(Take(4).connections, ElementsAre(Has("p", 3), Has("q", 1)));
}

TEST_F(HolderSessionTest, WhatOthersHaveIsTheNewestTotalWithoutOurs) {
  Sync(0);
  session_.AddConnections("p", 3);
  TakeAll(0);
  ReceiverFrame frame;
  frame.connection_totals = {Has("p", 5)};
  Receive(frame, 1);
  frame.connection_totals = {Has("p", 7), Has("q", 1)};
  Receive(frame, 1);
  EXPECT_THAT(session_.TakeConnectionsElsewhere(), ElementsAre(Has("p", 4), Has("q", 1)));
  EXPECT_THAT(session_.TakeConnectionsElsewhere(), IsEmpty());
}

TEST_F(HolderSessionTest, UsageGoesUpOneBatchAtATime) {
  Sync(0);
  EXPECT_EQ(session_.usage().UncountedSince(), absl::InfiniteFuture());
  session_.CountUsage("p", 3600, 1, At(0));
  EXPECT_EQ(session_.usage().UncountedSince(), At(0));
  EXPECT_EQ(Take(0).usage, Usage(1, 1));
  session_.CountUsage("p", 3600, 2, At(0));
  EXPECT_FALSE(session_.has_frame(At(1)));
  Receive(Counted(1), 1);
  EXPECT_EQ(Take(1).usage, Usage(2, 2));
  Receive(Counted(2), 1);
  session_.CountUsage("p", 3600, 1, At(0));
  EXPECT_FALSE(session_.has_frame(At(1.1)));
  EXPECT_LE(session_.NextWake(), At(1.5));
}

TEST_F(HolderSessionTest, UnansweredUsageIsSentAgainAfterABreak) {
  Sync(0);
  session_.CountUsage("p", 3600, 1, At(0));
  Take(0);
  session_.CountUsage("p", 3600, 5, At(0));
  session_.OnClosed(At(1));
  Welcomed(3);
  EXPECT_EQ(Take(3).usage, Usage(1, 1));
}

TEST_F(HolderSessionTest, DetachWaitsForUsageToBeCounted) {
  Sync(0);
  session_.CountUsage("p", 3600, 1, At(0));
  Take(0);
  Receive(Counted(1), 0);
  session_.CountUsage("p", 3600, 1, At(0));
  session_.Detach(absl::Seconds(10));
  const HolderFrame last_usage = Take(0);
  EXPECT_EQ(last_usage.usage, Usage(2, 1)) << "it does not wait for the interval";
  EXPECT_FALSE(last_usage.detach.has_value());
  EXPECT_FALSE(session_.has_frame(At(0)));
  Receive(Counted(2), 0);
  EXPECT_TRUE(Take(0).detach.has_value());
  EXPECT_EQ(session_.state(), State::kDetached);
}

TEST_F(SmallFramesTest, ConnectionsAndUsageStayInTheBoundsOfFrames) {
  Sync(0);
  for (const char* product : {"a", "b", "c"}) {
    session_.AddConnections(product, 1);
    session_.CountUsage(product, 0, 1, At(0));
  }
  int connections = 0;
  for (const HolderFrame& frame : TakeAll(0)) {
    connections += static_cast<int>(frame.connections.size());
    EXPECT_LE(frame.connections.size() + (frame.usage ? frame.usage->entries.size() : 0), 2u);
  }
  EXPECT_EQ(connections, 3);
}

TEST_F(HolderSessionTest, DetachBeforeTheFirstStreamWaitsForUsageTooAndElseEndsAtOnce) {
  session_.CountUsage("p", 3600, 1, At(0));
  session_.Detach(absl::Seconds(10));
  EXPECT_EQ(session_.state(), State::kWaiting);
  Welcomed(0);
  EXPECT_EQ(Take(0).usage, Usage(1, 1));
  Receive(Counted(1), 0);
  TakeAll(0);
  EXPECT_EQ(session_.state(), State::kDetached);
}

class OneEntryFramesTest : public HolderSessionTest {
 protected:
  OneEntryFramesTest() : HolderSessionTest({.max_frame_entries = 1}) {}
};

TEST_F(OneEntryFramesTest, UsageComesAfterHitsThatFillAFrame) {
  Sync(0);
  session_.Hit(Counter(1), 1, /*create=*/false);
  session_.CountUsage("p", 3600, 1, At(0));
  const HolderFrame first = Take(0);
  EXPECT_EQ(first.hits.size(), 1u);
  EXPECT_FALSE(first.usage.has_value());
  EXPECT_EQ(Take(0).usage, Usage(1, 1));
}

// What the journal shows and when is usage_journal_test.cc's.
class JournalKeepingSessionTest : public HolderSessionTest {
 protected:
  JournalKeepingSessionTest() : HolderSessionTest(KeepingJournal()) {}

  static HolderSession::Options KeepingJournal() {
    HolderSession::Options options;
    options.keeps_usage_journal = true;
    return options;
  }
};

TEST_F(JournalKeepingSessionTest, UsageThatIsNotCountedIsShownByTheJournal) {
  session_.CountUsage("p", 3600, 1, At(0));
  EXPECT_FALSE(session_.TakeUsageJournalStep(At(0.1)).has_value());
  const auto step = session_.TakeUsageJournalStep(At(1));
  ASSERT_TRUE(step.has_value());
  EXPECT_TRUE(step->content.has_value());
  session_.OnUsageJournalStep(true);
  session_.CountUsage("p", 3600, 1, At(1.1));
  EXPECT_TRUE(session_.LastUsageJournalStep(At(1.2)).has_value());
}

TEST_F(JournalKeepingSessionTest, InheritedUsageIsNotCountedYet) {
  UsageBacklog left;
  left.since = At(0);
  left.sent_since = At(0);
  left.batch = Usage(7, 1);
  left.batch.holder = HolderId{9, 9};
  session_.InheritUsage(left, At(5));
  EXPECT_EQ(session_.usage().UncountedSince(), At(0));
}

}  // namespace
}  // namespace livecounter::test
