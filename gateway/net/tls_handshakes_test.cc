#include "gateway/net/tls_handshakes.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::Le;

class TlsHandshakesTest : public testing::Test {
 protected:
  class Party final : public TlsHandshakes::Party {
   public:
    explicit Party(std::function<void()> action) : action_(std::move(action)) {}
    void ShakeHands() override { action_(); }

   private:
    const std::function<void()> action_;
  };

  TlsHandshakesTest() : loop_(*Loop::Create(absl::Now())), handshakes_(*loop_) {}

  // Counts the loop's turns, and ends it when `is_done`.
  void CountTurns(const std::function<bool()>& is_done) {
    ++turn_;
    if (is_done()) return loop_->Stop();
    loop_->Post([this, is_done] { CountTurns(is_done); });
  }

  std::unique_ptr<Loop> loop_;
  TlsHandshakes handshakes_;
  int turn_ = 0;
};

TEST_F(TlsHandshakesTest, ALoopDoesAFewATurnAndThenTheRest) {
  constexpr size_t kParties = 3 * TlsHandshakes::kATurn + 1;
  std::vector<int> turns;
  std::vector<std::unique_ptr<Party>> parties;
  for (size_t i = 0; i < kParties; ++i) {
    parties.push_back(std::make_unique<Party>([&] { turns.push_back(turn_); }));
    handshakes_.Add(*parties.back());
  }
  CountTurns([&] { return turns.size() == kParties; });
  loop_->Run();
  for (int turn = 0; turn <= turn_; ++turn) {
    EXPECT_THAT(std::count(turns.begin(), turns.end(), turn), Le(TlsHandshakes::kATurn));
  }
}

TEST_F(TlsHandshakesTest, EachInItsOrderAndAgainWhenItIsAddedAgain) {
  std::vector<int> order;
  Party first([&] { order.push_back(1); });
  Party second([&] {
    order.push_back(2);
    if (order.size() < 4) handshakes_.Add(second);
  });
  handshakes_.Add(first);
  handshakes_.Add(second);
  CountTurns([&] { return order.size() == 4; });
  loop_->Run();
  EXPECT_THAT(order, ElementsAre(1, 2, 2, 2));
}

TEST_F(TlsHandshakesTest, WhoIsGoneHasNoTurn) {
  bool is_done = false;
  auto gone = std::make_unique<Party>([] { FAIL(); });
  Party last([&] { is_done = true; });
  handshakes_.Add(*gone);
  handshakes_.Add(last);
  gone.reset();
  CountTurns([&] { return is_done; });
  loop_->Run();
  EXPECT_TRUE(is_done);
}

}  // namespace
}  // namespace livecounter::gateway::net
