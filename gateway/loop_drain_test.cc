#include "gateway/loop_drain.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

class LoopDrainTest : public EdgeTest {
 protected:
  void OpenSockets(int count) {
    for (int i = 0; i < count; ++i) {
      sockets_.push_back(Upgrade(absl::StrCat("/sub?key=open&urlId=page&pId=", i)));
    }
  }
  void Start(absl::Duration duration) {
    admission_.StartDraining();
    drain_.Start(duration, [this] { ++done_; });
    loop_.Settle();
  }

  std::vector<std::shared_ptr<FakeClient>> sockets_;
  LoopDrain drain_{parts_};
  int done_ = 0;
};

TEST_F(LoopDrainTest, EndsAtOnceWhereNothingIsOpen) {
  Start(absl::Seconds(20));
  EXPECT_EQ(done_, 1);
}

TEST_F(LoopDrainTest, ClosesAreSpreadEvenly) {
  OpenSockets(40);
  Start(absl::Seconds(20));
  EXPECT_EQ(parts_.streams.size(), 39);
  loop_.Advance(absl::Seconds(5));
  EXPECT_NEAR(parts_.streams.size(), 30, 1);
  loop_.Advance(absl::Seconds(5));
  EXPECT_NEAR(parts_.streams.size(), 20, 1);
  EXPECT_EQ(done_, 0);
  loop_.Advance(absl::Seconds(10));
  EXPECT_EQ(parts_.streams.size(), 0);
  EXPECT_EQ(done_, 1);
  for (const auto& socket : sockets_) EXPECT_EQ(socket->close_reason()->code, 1001);
}

TEST_F(LoopDrainTest, FewStreamsOfManyLoopsDoNotAllGoAtOnce) {
  OpenSockets(1);
  admission_.NextDrainPhase();  // another loop's
  Start(absl::Seconds(20));
  EXPECT_EQ(parts_.streams.size(), 1);
  loop_.Advance(absl::Seconds(12));
  EXPECT_EQ(parts_.streams.size(), 1);
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(parts_.streams.size(), 0);
  EXPECT_EQ(done_, 1);
}

TEST_F(LoopDrainTest, ALoopThatHasNoStreamsDelaysNobody) {
  Start(absl::Seconds(20));
  EXPECT_EQ(admission_.NextDrainPhase(), 0);
}

TEST_F(LoopDrainTest, EndsWithTheLastConnection) {
  OpenSockets(2);
  Start(absl::Seconds(20));
  sockets_[1]->Disconnect(1000);
  loop_.Advance(absl::Milliseconds(250));
  EXPECT_EQ(done_, 1);
}

TEST_F(LoopDrainTest, OneConnectionIsClosedAtOnce) {
  OpenSockets(1);
  Start(absl::Seconds(20));
  loop_.Advance(absl::Milliseconds(250));
  EXPECT_EQ(done_, 1);
}

TEST_F(LoopDrainTest, WithoutTimeEverythingIsClosedAtOnce) {
  OpenSockets(10);
  Start(absl::ZeroDuration());
  EXPECT_EQ(parts_.streams.size(), 0);
}

TEST_F(LoopDrainTest, WaitsForAnswersThatSomebodyWaitsFor) {
  const auto post = Send("POST", "/counters/2/");
  Start(absl::Seconds(20));
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(done_, 0);
  Answer(TakeHit().ticket, absl::OkStatus(), 27);
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(post->response()->body, "27\n");
  EXPECT_EQ(done_, 1);
}

TEST_F(LoopDrainTest, ThePresenceOfThoseClosedStaysForItsGrace) {
  OpenSockets(1);
  TakeCommands();
  Start(absl::Seconds(20));
  loop_.Advance(absl::Seconds(9));
  EXPECT_TRUE(TakeCommands().presence.empty());
}

}  // namespace
}  // namespace livecounter::gateway
