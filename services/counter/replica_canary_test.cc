// The canary as a replica moves it (core/canary.h).

#include <vector>

#include "absl/time/time.h"
#include "core/canary.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/replica.h"
#include "services/counter/replica_fixture.h"

namespace livecounter::counter {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReplicaCanaryTest : public ReplicaTest {
 protected:
  StreamId WatchCanary(HolderId holder) {
    const StreamId id = Attach(holder);
    HolderFrame frame;
    frame.resend_begin = true;
    frame.watch = {{CanaryId(), absl::nullopt}};
    frame.resend_end = true;
    Send(id, frame);
    return id;
  }
  // All values of the canary written to the stream so far.
  std::vector<Change> Moves(StreamId id) {
    FinishWrites(id);
    std::vector<Change> moves;
    for (const ReceiverFrame& frame : records_[id].written) {
      for (const Change& change : frame.changes) {
        if (change.counter == CanaryId() && change.hits) moves.push_back(change);
      }
    }
    return moves;
  }
  void Pass(absl::Duration time, const std::vector<StreamId>& ids) {
    for (absl::Duration left = time; left > absl::ZeroDuration(); left -= kStep) {
      Advance(kStep);
      for (const StreamId id : ids) {
        Send(id, HolderFrame());  // alive
      }
    }
  }

  static constexpr absl::Duration kStep = absl::Milliseconds(250);
};

TEST_F(ReplicaCanaryTest, ItMovesEverySecondForAllWhoWatchIt) {
  const StreamId first = WatchCanary(kHolder);
  const StreamId second = WatchCanary(kOtherHolder);
  Pass(absl::Seconds(10), {first, second});
  const std::vector<Change> moves = Moves(first);
  EXPECT_GE(moves.size(), 7u);
  EXPECT_LE(moves.size(), 11u);
  for (size_t i = 1; i < moves.size(); ++i) {
    EXPECT_GT(moves[i].version, moves[i - 1].version);
    EXPECT_GE(moves[i].accepted_at - moves[i - 1].accepted_at, kCanaryInterval);
  }
  EXPECT_LE(clock_.Now() - moves.back().accepted_at, absl::Milliseconds(1500));
  EXPECT_EQ(Moves(second).back(), moves.back());
}

TEST_F(ReplicaCanaryTest, AnEngineThatDoesNotAnswerKeepsItStill) {
  const StreamId id = WatchCanary(kHolder);
  Pass(absl::Seconds(2), {id});
  const size_t before = Moves(id).size();
  engine_.hold = true;
  Pass(absl::Seconds(1), {id});
  const size_t held = Moves(id).size();
  Pass(absl::Seconds(3), {id});
  EXPECT_THAT(Moves(id), SizeIs(held));
  EXPECT_LE(held, before + 1);
  engine_.Release();
  Pass(absl::Seconds(2), {id});
  EXPECT_GT(Moves(id).size(), held);
}

TEST_F(ReplicaCanaryTest, ItIsNobodysPresenceAndNothingOfTheEngines) {
  const StreamId id = WatchCanary(kHolder);
  Pass(absl::Seconds(3), {id});
  EXPECT_EQ(metrics_.present().Value(), 0);
  EXPECT_THAT(engine_.usage, IsEmpty());
  EXPECT_FALSE(engine_.Value(CanaryId()).hits.has_value());
  EXPECT_EQ(engine_.Value(CanaryId()).present, 0);
}

}  // namespace
}  // namespace livecounter::counter
