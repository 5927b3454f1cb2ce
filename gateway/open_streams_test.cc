#include "gateway/open_streams.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = Connection::Kind;

class FakeStream final : public OpenStreams::Member {
 public:
  FakeStream(int number, std::vector<int>& closed) : number_(number), closed_(closed) {}
  void CloseForDrain() override { closed_.push_back(number_); }
  void OnProductChange() override { ++told; }

  int told = 0;

 private:
  int number_;
  std::vector<int>& closed_;
};

class OpenStreamsTest : public ::testing::Test {
 protected:
  OpenStreamsTest() {
    for (int i = 0; i < 4; ++i) {
      members_.push_back(std::make_unique<FakeStream>(i, closed_));
      streams_.Add(*members_.back(), i == 3 ? Kind::kEventStream : Kind::kWebSocket);
    }
  }

  double Connections(observability::Transport transport) {
    return metrics_.connections(transport).Value();
  }

  prometheus::Registry registry_;
  observability::GatewayMetrics metrics_{registry_};
  Admission admission_{4};
  std::vector<int> closed_;
  std::vector<std::unique_ptr<FakeStream>> members_;
  OpenStreams streams_{metrics_, admission_};
};

TEST_F(OpenStreamsTest, AreToldOfAChangeInSlices) {
  const auto told = [&] {
    std::vector<int> counts;
    for (const auto& member : members_) counts.push_back(member->told);
    return counts;
  };
  streams_.StartTelling();
  EXPECT_TRUE(streams_.TellSome(3));
  EXPECT_THAT(told(), ElementsAre(1, 1, 1, 0));
  EXPECT_FALSE(streams_.TellSome(3));
  EXPECT_THAT(told(), ElementsAre(1, 1, 1, 1));
  EXPECT_FALSE(streams_.TellSome(3));
}

TEST_F(OpenStreamsTest, AChangeAmidTheTellingIsToldToAll) {
  streams_.StartTelling();
  streams_.TellSome(2);
  streams_.StartTelling();
  while (streams_.TellSome(1)) {
  }
  for (const auto& member : members_) EXPECT_GE(member->told, 1);
  EXPECT_EQ(members_[0]->told, 2);
}

TEST_F(OpenStreamsTest, ADrainClosesThoseThatAreYetToBeToldToo) {
  streams_.StartTelling();
  streams_.TellSome(2);
  streams_.CloseDownTo(0);
  EXPECT_EQ(closed_.size(), 4u);
  EXPECT_FALSE(streams_.TellSome(9));
}

TEST_F(OpenStreamsTest, AreCountedByTransport) {
  EXPECT_EQ(streams_.size(), 4);
  EXPECT_EQ(admission_.open_streams(), 4);
  EXPECT_EQ(Connections(observability::Transport::kWebSocket), 3);
  EXPECT_EQ(Connections(observability::Transport::kSse), 1);
  streams_.Remove(*members_[0], Kind::kWebSocket);
  EXPECT_EQ(streams_.size(), 3);
  EXPECT_EQ(admission_.open_streams(), 3);
  EXPECT_EQ(Connections(observability::Transport::kWebSocket), 2);
}

TEST_F(OpenStreamsTest, CloseOldestFirstDownToATarget) {
  streams_.CloseDownTo(3);
  EXPECT_THAT(closed_, ElementsAre(0));
  streams_.CloseDownTo(3);
  EXPECT_THAT(closed_, ElementsAre(0));
  streams_.CloseDownTo(1);
  EXPECT_THAT(closed_, ElementsAre(0, 1, 2));
  EXPECT_EQ(streams_.size(), 4);
}

TEST_F(OpenStreamsTest, ThoseThatLeaveByThemselvesNeedNotBeClosed) {
  streams_.Remove(*members_[0], Kind::kWebSocket);
  streams_.Remove(*members_[2], Kind::kWebSocket);
  streams_.CloseDownTo(2);
  EXPECT_THAT(closed_, IsEmpty());
  streams_.CloseDownTo(0);
  EXPECT_THAT(closed_, ElementsAre(1, 3));
  streams_.Remove(*members_[1], Kind::kWebSocket);
  streams_.Remove(*members_[3], Kind::kEventStream);
  EXPECT_EQ(streams_.size(), 0);
}

TEST_F(OpenStreamsTest, FullAndDrainingAreReasonsToRefuse) {
  EXPECT_EQ(admission_.Refusal(), observability::RejectReason::kOverloaded);
  streams_.Remove(*members_[0], Kind::kWebSocket);
  EXPECT_EQ(admission_.Refusal(), absl::nullopt);
  admission_.StartDraining();
  EXPECT_EQ(admission_.Refusal(), observability::RejectReason::kDraining);
}

}  // namespace
}  // namespace livecounter::gateway
