// Usage and open connections on their way through the replica.

#include "gmock/gmock.h"
#include "services/counter/replica_fixture.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr char kProduct[] = "accounts/a/products/p";
constexpr int64_t kHour = 1'700'002'800;

HolderFrame UsageFrame(uint64_t number, int64_t connections) {
  HolderFrame frame;
  frame.usage = UsageBatch{number, {{kProduct, kHour, connections}}};
  return frame;
}

HolderFrame ConnectionsFrame(int64_t connections) {
  HolderFrame frame;
  frame.connections = {{kProduct, connections}};
  return frame;
}

class ReplicaConnectionsTest : public ReplicaTest {
 protected:
  int64_t Counted() { return engine_.usage[{kProduct, kHour}]; }
  // Numbers of usage batches that were answered.
  std::vector<uint64_t> UsageAnswers(StreamId id) {
    FinishWrites(id);
    std::vector<uint64_t> numbers;
    for (const ReceiverFrame& frame : records_[id].written) {
      if (frame.usage_counted != 0) numbers.push_back(frame.usage_counted);
    }
    return numbers;
  }
  // Totals of kProduct, as they came.
  std::vector<int64_t> Totals(StreamId id) {
    FinishWrites(id);
    std::vector<int64_t> totals;
    for (const ReceiverFrame& frame : records_[id].written) {
      for (const ProductConnections& total : frame.connection_totals) {
        EXPECT_EQ(total.product, kProduct);
        totals.push_back(total.connections);
      }
    }
    return totals;
  }
  void AdvanceAndSpeak(absl::Duration step, StreamId id) {
    for (; step > absl::ZeroDuration(); step -= absl::Seconds(1)) {
      Advance(absl::Seconds(1));
      Send(id, HolderFrame());
    }
  }
};

TEST_F(ReplicaConnectionsTest, UsageIsCountedOnceAndAnsweredEachTime) {
  const StreamId id = Attach(kHolder);
  Send(id, UsageFrame(1, 3));
  EXPECT_THAT(UsageAnswers(id), ElementsAre(1));
  Send(id, UsageFrame(1, 3));
  Send(id, UsageFrame(2, 4));
  EXPECT_THAT(UsageAnswers(id), ElementsAre(1, 1, 2));
  EXPECT_EQ(Counted(), 7);
  const StreamId other = Attach(kOtherHolder);
  Send(other, UsageFrame(1, 10));
  EXPECT_EQ(Counted(), 17) << "each holder has its own numbers";
}

TEST_F(ReplicaConnectionsTest, InheritedUsageCountsOnceUnderTheNumbersOfWhoDied) {
  const StreamId dead = Attach(kHolder);
  Send(dead, UsageFrame(1, 3));
  const StreamId heir = Attach(kOtherHolder);
  Send(heir, UsageFrame(1, 20));
  HolderFrame frame = UsageFrame(1, 3);
  frame.usage->holder = kHolder;
  Send(heir, frame);
  EXPECT_EQ(Counted(), 23) << "it was counted before its holder died";
  frame = UsageFrame(2, 100);
  frame.usage->holder = kHolder;
  Send(heir, frame);
  Send(heir, frame);
  EXPECT_THAT(UsageAnswers(heir), ElementsAre(1, 1, 2, 2));
  EXPECT_EQ(Counted(), 123);
  Send(heir, UsageFrame(2, 1000));
  EXPECT_EQ(Counted(), 1123) << "the heir's own numbers are its own";
}

TEST_F(ReplicaConnectionsTest, InheritedUsageThatCannotBeCountedNowIsTriedAgain) {
  const StreamId id = Attach(kHolder);
  engine_.refuse_writes = absl::UnavailableError("full");
  HolderFrame frame = UsageFrame(7, 3);
  frame.usage->holder = kOtherHolder;
  Send(id, frame);
  engine_.refuse_writes = absl::OkStatus();
  AdvanceAndSpeak(absl::Seconds(1), id);
  EXPECT_THAT(UsageAnswers(id), ElementsAre(7));
  Send(id, UsageFrame(1, 20));
  EXPECT_EQ(Counted(), 23);
}

TEST_F(ReplicaConnectionsTest, UsageGoesOnOverTheStreamsOfAHolder) {
  const StreamId first = Attach(kHolder, 1);
  engine_.hold = true;
  Send(first, UsageFrame(1, 3));
  EXPECT_THAT(UsageAnswers(first), IsEmpty());
  const StreamId second = Attach(kHolder, 2);
  engine_.Release();
  Run();
  Send(second, UsageFrame(1, 3));
  EXPECT_THAT(UsageAnswers(second), ElementsAre(1));
  EXPECT_EQ(Counted(), 3);
}

TEST_F(ReplicaConnectionsTest, UsageThatCannotBeCountedNowIsTriedAgain) {
  const StreamId id = Attach(kHolder);
  engine_.refuse_writes = absl::UnavailableError("full");
  Send(id, UsageFrame(1, 3));
  AdvanceAndSpeak(absl::Seconds(3), id);
  EXPECT_THAT(UsageAnswers(id), IsEmpty());
  engine_.refuse_writes = absl::OkStatus();
  AdvanceAndSpeak(absl::Seconds(1), id);
  EXPECT_THAT(UsageAnswers(id), ElementsAre(1));
  EXPECT_EQ(Counted(), 3);
}

TEST_F(ReplicaConnectionsTest, TotalsGoToThoseWhoToldOfTheProduct) {
  const StreamId a = Attach(kHolder);
  const StreamId b = Attach(kOtherHolder);
  Send(a, ConnectionsFrame(3));
  EXPECT_THAT(Totals(a), ElementsAre(3)) << "the first at once";
  EXPECT_THAT(Totals(b), IsEmpty());
  Send(b, ConnectionsFrame(4));
  Advance(absl::Milliseconds(250));
  EXPECT_THAT(Totals(a), ElementsAre(3, 7));
  EXPECT_THAT(Totals(b), ElementsAre(7));
}

TEST_F(ReplicaConnectionsTest, TotalsAreConflated) {
  const StreamId a = Attach(kHolder);
  const StreamId b = Attach(kOtherHolder);
  Send(a, ConnectionsFrame(1));
  for (int64_t n = 1; n <= 50; ++n) Send(b, ConnectionsFrame(n));
  EXPECT_THAT(Totals(a), ElementsAre(1));
  Advance(absl::Milliseconds(250));
  EXPECT_THAT(Totals(a), ElementsAre(1, 51));
}

TEST_F(ReplicaConnectionsTest, AStreamThatTakesNothingGetsTheNewestThen) {
  const StreamId a = Attach(kHolder);
  const StreamId b = Attach(kOtherHolder);
  Send(a, ConnectionsFrame(1));
  const size_t before = records_[a].written.size();
  for (int64_t n = 1; n <= 5; ++n) {
    Send(b, ConnectionsFrame(n));
    Advance(absl::Milliseconds(250));  // `a` takes none of what is written
  }
  EXPECT_LE(records_[a].written.size(), before + 1);
  FinishWrites(a);
  Advance(absl::Milliseconds(250));
  EXPECT_EQ(Totals(a).back(), 6);
}

TEST_F(ReplicaConnectionsTest, TheShareOfABrokenStreamStaysUntilTheLeaseEnds) {
  const StreamId a = Attach(kHolder);
  const StreamId b = Attach(kOtherHolder);
  Send(a, ConnectionsFrame(3));
  Send(b, ConnectionsFrame(4));
  replica().OnPeerGone(a);
  replica().OnClosed(a);
  Run();
  AdvanceAndSpeak(absl::Seconds(9), b);
  EXPECT_EQ(Totals(b).back(), 7);
  AdvanceAndSpeak(absl::Seconds(3), b);
  EXPECT_EQ(Totals(b).back(), 4);
}

TEST_F(ReplicaConnectionsTest, TheShareOfADetachedSessionStaysForItsLinger) {
  const StreamId a = Attach(kHolder);
  const StreamId b = Attach(kOtherHolder);
  Send(b, ConnectionsFrame(4));
  HolderFrame detach = ConnectionsFrame(3);
  detach.detach = absl::Seconds(30);
  Send(a, detach);
  AdvanceAndSpeak(absl::Seconds(29), b);
  EXPECT_EQ(Totals(b).back(), 7);
  AdvanceAndSpeak(absl::Seconds(3), b);
  EXPECT_EQ(Totals(b).back(), 4);
}

TEST_F(ReplicaConnectionsTest, ANewStreamResendsAndReplaces) {
  const StreamId b = Attach(kOtherHolder);
  Send(b, ConnectionsFrame(4));
  const StreamId first = Attach(kHolder, 1);
  Send(first, ConnectionsFrame(3));
  const StreamId second = Attach(kHolder, 2);
  HolderFrame resend = ConnectionsFrame(5);
  resend.resend_begin = resend.resend_end = true;
  Send(second, resend);
  Advance(absl::Milliseconds(250));
  EXPECT_EQ(Totals(second).back(), 9);
  EXPECT_EQ(Totals(b).back(), 9);
}

TEST_F(ReplicaConnectionsTest, TheStatusTellsOfEachSession) {
  const StreamId attached = Attach(kHolder);
  Send(attached, ResendFrame({{1, 1}, {2, 2}}));
  Send(attached, ConnectionsFrame(5));
  const StreamId lost = Attach(kOtherHolder, /*stream=*/3);
  Send(lost, ResendFrame({{2, 2}}));
  replica().OnClosed(lost);
  records_.erase(lost);
  const ReplicaStatus status = replica().Status();
  EXPECT_EQ(status.present, 2);
  EXPECT_EQ(status.audit_mismatches, 0);
  ASSERT_EQ(status.sessions.size(), 2u);
  using View = SessionTable::SessionView;
  EXPECT_EQ(status.sessions[0].view,
            (View{kHolder, 1, View::State::kAttached, 2, clock_.Now() + absl::Seconds(10)}));
  EXPECT_EQ(status.sessions[0].connections, 5);
  EXPECT_EQ(status.sessions[1].view,
            (View{kOtherHolder, 3, View::State::kLost, 1, clock_.Now() + absl::Seconds(10)}));
  EXPECT_EQ(status.sessions[1].connections, 0);
}

}  // namespace
}  // namespace livecounter::counter
