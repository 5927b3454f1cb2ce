#include "gateway/flush_queue.h"

#include <functional>
#include <memory>
#include <vector>

#include "gateway/testing/fake_transport.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

class FlushQueueTest : public ::testing::Test {
 protected:
  struct Member final : FlushQueue::Member {
    void Flush() override {
      ++flushed;
      if (then) then();
    }
    int flushed = 0;
    std::function<void()> then;
  };

  FakeLoop loop_;
  FlushQueue queue_{loop_};
};

TEST_F(FlushQueueTest, FlushesOnceInALaterTurn) {
  Member member;
  queue_.Add(member);
  queue_.Add(member);
  EXPECT_EQ(member.flushed, 0);
  loop_.Settle();
  EXPECT_EQ(member.flushed, 1);
  loop_.Settle();
  EXPECT_EQ(member.flushed, 1);
}

TEST_F(FlushQueueTest, AMemberThatIsGoneIsNotFlushed) {
  auto gone = std::make_unique<Member>();
  Member stays;
  queue_.Add(*gone);
  queue_.Add(stays);
  gone.reset();
  loop_.Settle();
  EXPECT_EQ(stays.flushed, 1);
}

TEST_F(FlushQueueTest, AMemberMayAddItselfAgainAndHasItsTurnAfterTheOthers) {
  Member eager;
  Member other;
  eager.then = [&] {
    if (eager.flushed == 1) queue_.Add(eager);
    EXPECT_EQ(other.flushed, eager.flushed - 1);
  };
  queue_.Add(eager);
  queue_.Add(other);
  loop_.Settle();
  EXPECT_EQ(eager.flushed, 2);
}

TEST_F(FlushQueueTest, AFlushMayDestroyAnother) {
  Member first;
  auto second = std::make_unique<Member>();
  first.then = [&] { second.reset(); };
  queue_.Add(first);
  queue_.Add(*second);
  loop_.Settle();
  EXPECT_EQ(first.flushed, 1);
}

TEST_F(FlushQueueTest, OneTurnTakesASlice) {
  std::vector<std::unique_ptr<Member>> members;
  for (size_t i = 0; i < FlushQueue::kSlice + 1; ++i) {
    members.push_back(std::make_unique<Member>());
    queue_.Add(*members.back());
  }
  loop_.RunTurn();
  EXPECT_EQ(members[FlushQueue::kSlice - 1]->flushed, 1);
  EXPECT_EQ(members[FlushQueue::kSlice]->flushed, 0);
  loop_.RunTurn();
  EXPECT_EQ(members[FlushQueue::kSlice]->flushed, 1);
  EXPECT_FALSE(loop_.RunTurn());
}

}  // namespace
}  // namespace livecounter::gateway
