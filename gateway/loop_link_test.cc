#include "gateway/loop_link.h"

#include <memory>
#include <thread>
#include <vector>

#include "gateway/testing/fake_counter_client.h"
#include "gateway/testing/fake_transport.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const CounterId kA = {"accounts/a/products/p", "a"};
const CounterId kB = {"accounts/a/products/p", "b"};
constexpr PresenceHash kHash = {1, 2};

LoopNews NewsOf(const CounterId& counter, uint64_t revision) {
  Change change;
  change.counter = counter;
  change.version = {1, revision};
  return {.changes = {change}, .outcomes = {}};
}

class LoopLinkTest : public ::testing::Test {
 protected:
  LoopLinkTest() {
    link_ = std::make_unique<LoopLink>(loop_, client_, [this](LoopNews news) {
      for (const Change& change : news.changes) seen_.push_back(change.version.revision);
    });
  }

  FakeLoop loop_;
  FakeCounterClient client_;
  std::vector<uint64_t> seen_;
  std::unique_ptr<LoopLink> link_;
};

TEST_F(LoopLinkTest, WhatATurnAsksForIsSentTogether) {
  link_->Watch(kA);
  link_->Watch(kB);
  link_->Hit({.counter = kA, .ticket = 1, .create = false, .idempotency_key = ""});
  link_->Abandon({.counter = kA, .ticket = 1});
  link_->Unwatch(kA);
  link_->Joined(kA, kHash);
  EXPECT_THAT(client_.TakeSent(), IsEmpty());
  loop_.RunTurn();
  const std::vector<LoopCommands> sent = client_.TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent[0].watch, ElementsAre(kA, kB));
  EXPECT_THAT(sent[0].unwatch, ElementsAre(kA));
  EXPECT_THAT(sent[0].hits, SizeIs(1));
  EXPECT_THAT(sent[0].abandoned, SizeIs(1));
  ASSERT_THAT(sent[0].presence, SizeIs(1));
  EXPECT_THAT(sent[0].presence[0].joined, ElementsAre(kHash));
  EXPECT_FALSE(loop_.RunTurn());
}

TEST_F(LoopLinkTest, EdgesThatCancelOutAreNotSent) {
  link_->Joined(kA, kHash);
  link_->Left(kA, kHash);
  loop_.RunTurn();
  EXPECT_THAT(client_.TakeSent(), IsEmpty());
}

TEST_F(LoopLinkTest, AWatchAfterAnUnwatchIsInALaterBatch) {
  link_->Unwatch(kA);
  link_->Watch(kA);
  loop_.RunTurn();
  const std::vector<LoopCommands> sent = client_.TakeSent();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_THAT(sent[0].unwatch, ElementsAre(kA));
  EXPECT_THAT(sent[0].watch, IsEmpty());
  EXPECT_THAT(sent[1].watch, ElementsAre(kA));
}

TEST_F(LoopLinkTest, NewsWakeTheLoopOnceForMany) {
  client_.Tell(NewsOf(kA, 1));
  client_.Tell(NewsOf(kA, 2));
  EXPECT_TRUE(loop_.RunTurn());
  EXPECT_THAT(seen_, ElementsAre(1, 2));
  EXPECT_FALSE(loop_.RunTurn());
  client_.Tell(NewsOf(kA, 3));
  EXPECT_TRUE(loop_.RunTurn());
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3));
}

TEST_F(LoopLinkTest, ReceiveTakesTheNewsBeforeTheirTurn) {
  client_.Tell(NewsOf(kA, 1));
  link_->Receive();
  EXPECT_THAT(seen_, ElementsAre(1));
  loop_.RunTurn();
  EXPECT_THAT(seen_, ElementsAre(1));
}

TEST_F(LoopLinkTest, ALinkThatIsGoneHearsAndSaysNothing) {
  link_->Watch(kA);
  client_.Tell(NewsOf(kA, 1));
  link_.reset();
  client_.Tell(NewsOf(kA, 2));
  loop_.Settle();
  EXPECT_THAT(seen_, IsEmpty());
  EXPECT_THAT(client_.TakeSent(), IsEmpty());
}

TEST_F(LoopLinkTest, NewsComeFromAnyThread) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (uint64_t revision = 1; revision <= 100; ++revision) client_.Tell(NewsOf(kA, revision));
    });
  }
  while (seen_.size() < 400) loop_.RunTurn();
  for (std::thread& thread : threads) thread.join();
  // The last news may have been taken with those before, ahead of their own wake-up.
  loop_.Settle();
  EXPECT_THAT(seen_, SizeIs(400));
}

}  // namespace
}  // namespace livecounter::gateway
