// Presence of a replica, and the floors of a recovering one (design §1).

#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

class PresenceTest : public ConformanceTest {};

TEST_P(PresenceTest, ThePresentValueIsTheNumberOfDistinctHashes) {
  EXPECT_EQ(Present("1"), 0);
  Join("1", 1);
  Join("1", 2);
  EXPECT_EQ(Present("1"), 2);
  EXPECT_EQ(Hits("1"), absl::nullopt);
  Leave("1", 1);
  EXPECT_EQ(Present("1"), 1);
}

TEST_P(PresenceTest, EdgesAreIdempotent) {
  for (int i = 0; i < 3; ++i) Join("1", 1);
  EXPECT_EQ(Present("1"), 1);
  const Change once = *blocking().Read(Counter("1"));
  Join("1", 1);
  EXPECT_EQ(*blocking().Read(Counter("1")), once) << "nothing changed, no new version";
  for (int i = 0; i < 3; ++i) Leave("1", 1);
  EXPECT_EQ(Present("1"), 0);
  Join("1", 1);
  EXPECT_EQ(Present("1"), 1);
}

TEST_P(PresenceTest, OneCallMayHoldManyCountersAndHashes) {
  engine().UpdatePresence({{Counter("1"), {{1, 1}, {2, 2}, {3, 3}}, {}},
                           {Counter("2"), {{1, 1}}, {}},
                           {Counter("1"), {}, {{2, 2}}}});
  EXPECT_EQ(Present("1"), 2);
  EXPECT_EQ(Present("2"), 1);
}

TEST_P(PresenceTest, IdsOfPresenceMayBeLong) {
  Join(std::string(2048, 'x'), 1);
  EXPECT_EQ(Present(std::string(2048, 'x')), 1);
}

TEST_P(PresenceTest, PresenceAndHitsAreOneCounterWithOneVersion) {
  Join("1", 1);
  const Change present = *blocking().Read(Counter("1"));
  const auto hit = blocking().Hit(Next("1", kSender));
  EXPECT_GT(hit->version, present.version);
  const Change both = *blocking().Read(Counter("1"));
  EXPECT_EQ(both.hits, 1);
  EXPECT_EQ(both.present, 1);
  Leave("1", 1);
  EXPECT_GT(blocking().Read(Counter("1"))->version, both.version);
}

TEST_P(PresenceTest, PresenceIsOfTheProcessAndHitsAreForGood) {
  Join("1", 1);
  Hit("1");
  harness_->Reopen();
  EXPECT_EQ(Present("1"), 0);
  EXPECT_EQ(Hits("1"), 1);
}

TEST_P(PresenceTest, WhileRecoveringNothingBelowTheFloorIsShown) {
  engine().RaiseFloor(Counter("1"), 3);
  EXPECT_EQ(Present("1"), 3);
  engine().RaiseFloor(Counter("1"), 2);
  EXPECT_EQ(Present("1"), 3) << "the highest floor counts";
  for (uint64_t who = 1; who <= 4; ++who) Join("1", who);
  EXPECT_EQ(Present("1"), 4);
  for (uint64_t who = 1; who <= 4; ++who) Leave("1", who);
  EXPECT_EQ(Present("1"), 3);
  engine().EndRecovery();
  EXPECT_EQ(Present("1"), 0);
}

TEST_P(PresenceTest, AfterRecoveryNoFloorStands) {
  engine().EndRecovery();
  engine().RaiseFloor(Counter("1"), 3);
  EXPECT_EQ(Present("1"), 0);
  harness_->Reopen();
  engine().RaiseFloor(Counter("1"), 3);
  EXPECT_EQ(Present("1"), 3) << "a new process recovers anew";
}

TEST_P(PresenceTest, ACounterWithAFloorIsListed) {
  engine().RaiseFloor(Counter("1"), 3);
  EXPECT_EQ(blocking().List(kProduct, 10, "")->counters[0].present, 3);
  engine().EndRecovery();
  EXPECT_EQ(blocking().List(kProduct, 10, "")->counters[0].present, 0) << "it has history";
}

TEST_P(PresenceTest, ThousandsMayBePresent) {
  PresenceDelta all{Counter("1"), {}, {}};
  for (uint64_t who = 0; who < 20'000; ++who) all.joined.push_back({who, ~who});
  engine().UpdatePresence({all});
  EXPECT_EQ(Present("1"), 20'000);
  all.left.swap(all.joined);
  engine().UpdatePresence({all});
  EXPECT_EQ(Present("1"), 0);
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(PresenceTest);

}  // namespace
}  // namespace livecounter::counter
