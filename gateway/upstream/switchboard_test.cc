#include "gateway/upstream/switchboard.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::UnixEpoch();
const CounterId kCounter{"accounts/a/products/p", "2"};

// A switchboard of two loops over an attached session, whose peer the test is.
class SwitchboardTest : public ::testing::Test {
 protected:
  SwitchboardTest() {
    for (int loop : {0, 1}) {
      switchboard_.AddLoop(loop, [this, loop](LoopNews news) {
        deliveries_.push_back(loop);
        for (Change& change : news.changes) changes_[loop].push_back(std::move(change));
        for (HitOutcome& outcome : news.outcomes) outcomes_[loop].push_back(std::move(outcome));
      });
    }
    session_.ShouldConnect(kNow);
    session_.OnOpened(kNow);
    session_.TakeFrame(kNow);
    ReceiverFrame welcome;
    welcome.welcome = Welcome{1, absl::Seconds(10), absl::Seconds(2)};
    EXPECT_TRUE(session_.OnFrame(welcome, kNow).ok());
    Sent();
  }

  // All that the session has to say, in one frame.
  HolderFrame Sent() {
    HolderFrame all;
    while (const auto frame = session_.TakeFrame(kNow)) {
      all.watch.insert(all.watch.end(), frame->watch.begin(), frame->watch.end());
      all.unwatch.insert(all.unwatch.end(), frame->unwatch.begin(), frame->unwatch.end());
      all.presence.insert(all.presence.end(), frame->presence.begin(), frame->presence.end());
      all.hits.insert(all.hits.end(), frame->hits.begin(), frame->hits.end());
      all.keyed_hits.insert(all.keyed_hits.end(), frame->keyed_hits.begin(),
                            frame->keyed_hits.end());
    }
    return all;
  }
  void Tell(uint64_t revision, int64_t present) {
    ReceiverFrame frame;
    frame.changes = {{kCounter, {1, revision}, absl::nullopt, present}};
    EXPECT_TRUE(session_.OnFrame(frame, kNow).ok());
    switchboard_.Deliver();
  }
  void AnswerHits(const HolderFrame& sent) {
    ReceiverFrame frame;
    for (const HitBatch& batch : sent.hits) {
      frame.hit_answers.push_back(
          {batch.sender, batch.counter, batch.number, absl::OkStatus(), total_ += batch.count, {}});
    }
    for (const KeyedHitRequest& request : sent.keyed_hits) {
      frame.keyed_outcomes.push_back({request.ticket, absl::OkStatus(), total_ += 1, {}});
    }
    EXPECT_TRUE(session_.OnFrame(frame, kNow).ok());
    switchboard_.Deliver();
  }
  void Watch(int loop) { switchboard_.Apply(loop, {.watch = {kCounter}}, absl::UnixEpoch()); }
  void Unwatch(int loop) { switchboard_.Apply(loop, {.unwatch = {kCounter}}, absl::UnixEpoch()); }
  void Hit(int loop, uint64_t ticket, const std::string& key = "") {
    switchboard_.Apply(loop, {.hits = {{kCounter, ticket, /*create=*/false, key}}},
                       absl::UnixEpoch());
  }

  absl::BitGen random_;
  HolderSession session_{{}, random_};
  Switchboard switchboard_{session_};
  int64_t total_ = 0;
  std::vector<int> deliveries_;  // to which loop
  std::vector<Change> changes_[2];
  std::vector<HitOutcome> outcomes_[2];
};

TEST_F(SwitchboardTest, OneSubscriptionServesAllLoops) {
  Watch(0);
  Watch(1);
  EXPECT_THAT(Sent().watch, SizeIs(1));
  Tell(1, 5);
  EXPECT_THAT(changes_[0], SizeIs(1));
  EXPECT_THAT(changes_[1], SizeIs(1));
  Unwatch(0);
  EXPECT_THAT(Sent().unwatch, IsEmpty());
  Tell(2, 6);
  EXPECT_THAT(changes_[0], SizeIs(1));
  EXPECT_THAT(changes_[1], SizeIs(2));
  Unwatch(1);
  EXPECT_THAT(Sent().unwatch, ElementsAre(kCounter));
}

TEST_F(SwitchboardTest, ALoopThatComesLaterGetsTheNewestAtOnce) {
  Watch(0);
  Tell(1, 5);
  Watch(1);
  switchboard_.Deliver();
  ASSERT_THAT(changes_[1], SizeIs(1));
  EXPECT_EQ(changes_[1][0].present, 5);
  EXPECT_THAT(changes_[0], SizeIs(1));
}

TEST_F(SwitchboardTest, ALoopThatWatchesTwiceIsAnsweredTwiceAndCountedOnce) {
  Watch(0);
  Tell(1, 5);
  Watch(0);
  switchboard_.Deliver();
  EXPECT_THAT(changes_[0], SizeIs(2));
  Sent();
  Unwatch(0);
  EXPECT_THAT(Sent().unwatch, ElementsAre(kCounter));
}

TEST_F(SwitchboardTest, WhatALoopDoesNotWatchItCannotUnwatch) {
  Unwatch(0);
  Watch(1);
  Unwatch(0);
  Tell(1, 5);
  EXPECT_THAT(changes_[1], SizeIs(1));
}

TEST_F(SwitchboardTest, PresenceTravelsOnItsEdgesOverAllLoops) {
  const std::vector<PresenceDelta> joined = {{kCounter, {{1, 1}}, {}}};
  const std::vector<PresenceDelta> left = {{kCounter, {}, {{1, 1}}}};
  switchboard_.Apply(0, {.presence = joined}, absl::UnixEpoch());
  EXPECT_EQ(Sent().presence, joined);
  switchboard_.Apply(1, {.presence = joined}, absl::UnixEpoch());
  switchboard_.Apply(0, {.presence = left}, absl::UnixEpoch());
  EXPECT_THAT(Sent().presence, IsEmpty());
  switchboard_.Apply(1, {.presence = left}, absl::UnixEpoch());
  EXPECT_EQ(Sent().presence, left);
}

TEST_F(SwitchboardTest, EqualTicketsOfTwoLoopsAreTwoHits) {
  Hit(0, 7);
  Hit(1, 7);
  Hit(1, 8, "key");
  HolderFrame sent = Sent();
  ASSERT_THAT(sent.hits, SizeIs(1));
  EXPECT_EQ(sent.hits[0].count, 2);
  AnswerHits(sent);
  ASSERT_THAT(outcomes_[0], SizeIs(1));
  EXPECT_EQ(outcomes_[0][0].ticket, 7u);
  EXPECT_EQ(outcomes_[0][0].value, 1);
  ASSERT_THAT(outcomes_[1], SizeIs(2));
  EXPECT_EQ(outcomes_[1][0].ticket, 7u);
  EXPECT_EQ(outcomes_[1][0].value, 2);
  EXPECT_EQ(outcomes_[1][1].ticket, 8u);
}

TEST_F(SwitchboardTest, AKeyTravelsWithItsHit) {
  Hit(0, 7, "key");
  const HolderFrame sent = Sent();
  ASSERT_THAT(sent.keyed_hits, SizeIs(1));
  EXPECT_EQ(sent.keyed_hits[0].hit, (KeyedHit{kCounter, "key", 1, false}));
}

TEST_F(SwitchboardTest, TheLifeOfItsProductTravelsWithAHit) {
  for (const char* key : {"", "key"}) {
    switchboard_.Apply(0, {.hits = {{kCounter, 7, false, key, /*product_life=*/6}}},
                       absl::UnixEpoch());
  }
  const HolderFrame sent = Sent();
  ASSERT_THAT(sent.hits, SizeIs(1));
  EXPECT_EQ(sent.hits[0].product_life, 6u);
  ASSERT_THAT(sent.keyed_hits, SizeIs(1));
  EXPECT_EQ(sent.keyed_hits[0].hit.product_life, 6u);
}

TEST_F(SwitchboardTest, AnAbandonedHitIsNotReported) {
  Hit(0, 7);
  Hit(0, 8);
  const HolderFrame sent = Sent();
  switchboard_.Apply(0, {.abandoned = {{kCounter, 7}}}, absl::UnixEpoch());
  AnswerHits(sent);
  ASSERT_THAT(outcomes_[0], SizeIs(1));
  EXPECT_EQ(outcomes_[0][0].ticket, 8u);
  switchboard_.Apply(0, {.abandoned = {{kCounter, 8}}}, absl::UnixEpoch());  // answered meanwhile
}

TEST_F(SwitchboardTest, ATicketMayBeUsedAgainOnceItIsAnswered) {
  Hit(0, 7);
  AnswerHits(Sent());
  Hit(0, 7);
  AnswerHits(Sent());
  ASSERT_THAT(outcomes_[0], SizeIs(2));
  EXPECT_EQ(outcomes_[0][1].value, 2);
}

TEST_F(SwitchboardTest, EveryLoopIsToldOfAChangeBeforeAnyIsAnswered) {
  Watch(0);
  Watch(1);
  Hit(0, 7);
  const HolderFrame sent = Sent();
  ReceiverFrame frame;
  frame.changes = {{kCounter, {1, 1}, 1, 0}};
  EXPECT_TRUE(session_.OnFrame(frame, kNow).ok());
  AnswerHits(sent);
  ASSERT_THAT(deliveries_, SizeIs(3));
  EXPECT_EQ(deliveries_.back(), 0);
  EXPECT_THAT(outcomes_[0], SizeIs(1));
  EXPECT_THAT(changes_[0], SizeIs(1));
  EXPECT_THAT(changes_[1], SizeIs(1));
}

TEST_F(SwitchboardTest, WhereThereIsNoNewsNothingIsDelivered) {
  Watch(0);
  Tell(1, 5);
  switchboard_.Deliver();
  EXPECT_THAT(deliveries_, ElementsAre(0));
}

}  // namespace
}  // namespace livecounter::gateway
