// Epochs, sessions, readiness and the end of an engine.

#include <limits>

#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr HolderId kGateway{1, 2};
constexpr HolderId kOtherGateway{3, 4};

class StoreLifeTest : public ConformanceTest {};

TEST_P(StoreLifeTest, EveryOpenIsAHigherEpochWhateverTheClockSays) {
  uint64_t last = engine().Epoch();
  EXPECT_GE(last, static_cast<uint64_t>(absl::ToUnixMillis(harness_->clock().Now())));
  harness_->Reopen();
  EXPECT_GT(engine().Epoch(), last);
  last = engine().Epoch();
  harness_->Crash();
  EXPECT_GT(engine().Epoch(), last);
  last = engine().Epoch();
  harness_->clock().Advance(-absl::Hours(100));
  harness_->Reopen();
  EXPECT_GT(engine().Epoch(), last);
}

TEST_P(StoreLifeTest, VersionsGoOnRisingOverEpochs) {
  Hit("1");
  Join("1", 1);
  const Version before = blocking().Read(Counter("1"))->version;
  harness_->Crash();
  EXPECT_GT(blocking().Read(Counter("1"))->version, before);
}

TEST_P(StoreLifeTest, AnEpochIsRaisedAboveWhatWasSeenAndNotWithoutNeed) {
  const uint64_t epoch = engine().Epoch();
  EXPECT_EQ(*blocking().RaiseEpochAbove(epoch - 1), epoch);
  EXPECT_EQ(engine().Epoch(), epoch);
  EXPECT_EQ(*blocking().RaiseEpochAbove(epoch), epoch + 1);
  EXPECT_EQ(*blocking().RaiseEpochAbove(epoch + 1000), epoch + 1001);
  EXPECT_EQ(engine().Epoch(), epoch + 1001);
  EXPECT_EQ(*blocking().RaiseEpochAbove(5), epoch + 1001);
  EXPECT_EQ(blocking().RaiseEpochAbove(std::numeric_limits<uint64_t>::max()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_P(StoreLifeTest, ARaisedEpochIsDurable) {
  const uint64_t raised = *blocking().RaiseEpochAbove(engine().Epoch() + 1'000'000'000);
  harness_->Crash();
  EXPECT_GT(engine().Epoch(), raised);
}

TEST_P(StoreLifeTest, WhatIsWatchedFollowsUnderTheNewEpoch) {
  Hit("1", 26);
  Watcher watcher(engine());
  engine().Watch(Counter("1"));
  const Change before = watcher.Await(Counter("1"), [](const Change&) { return true; });
  const uint64_t raised = *blocking().RaiseEpochAbove(engine().Epoch());
  const Change after = watcher.Await(
      Counter("1"), [&](const Change& change) { return change.version.epoch == raised; });
  EXPECT_EQ(after.hits, before.hits);
  EXPECT_GT(after.version, before.version);
  EXPECT_EQ(blocking().Read(Counter("2"))->version.epoch, raised);
  EXPECT_EQ(blocking().Hit(Next("1", kSender))->version.epoch, raised);
}

TEST_P(StoreLifeTest, SessionsAreKnownAtTheNextOpenUntilTheyAreForgotten) {
  EXPECT_THAT(engine().SessionsAtOpen(), IsEmpty());
  ASSERT_TRUE(blocking().RecordSession(kGateway).ok());
  ASSERT_TRUE(blocking().RecordSession(kOtherGateway).ok());
  ASSERT_TRUE(blocking().RecordSession(kGateway).ok());
  EXPECT_THAT(engine().SessionsAtOpen(), IsEmpty());
  harness_->Crash();
  EXPECT_THAT(engine().SessionsAtOpen(), UnorderedElementsAre(kGateway, kOtherGateway));
  engine().ForgetSession(kOtherGateway);
  EXPECT_THAT(engine().SessionsAtOpen(), UnorderedElementsAre(kGateway, kOtherGateway));
  harness_->Reopen();
  EXPECT_THAT(engine().SessionsAtOpen(), ElementsAre(kGateway));
  harness_->Crash();
  EXPECT_THAT(engine().SessionsAtOpen(), ElementsAre(kGateway));
}

TEST_P(StoreLifeTest, AProbeTellsThatWritesAreMadeDurable) {
  EXPECT_TRUE(blocking().Probe().ok());
  harness_->FillDisk();
  EXPECT_EQ(blocking().Probe().code(), absl::StatusCode::kUnavailable);
  harness_->FreeDisk();
  EXPECT_TRUE(blocking().Probe().ok());
}

TEST_P(StoreLifeTest, ClosingFinishesWhatWasAcceptedAndRefusesWhatComesLater) {
  std::vector<Answer<absl::StatusOr<HitResult>>> answers(100);
  for (const auto& answer : answers) engine().Hit(Next("1", kSender), answer.Callback());
  engine().Close();
  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i].arrived());
    EXPECT_EQ(answers[i].Wait()->value_after, static_cast<int64_t>(i) + 1);
  }
  const auto code = absl::StatusCode::kFailedPrecondition;
  EXPECT_EQ(blocking().Hit(Next("1", kSender)).status().code(), code);
  EXPECT_EQ(blocking().HitOnce({Counter("1"), "key", 1, true}).status().code(), code);
  EXPECT_EQ(blocking().Create(Counter("2"), 0).status().code(), code);
  EXPECT_EQ(blocking().SetHits(Counter("1"), 0).status().code(), code);
  EXPECT_EQ(blocking().Delete(Counter("1")).code(), code);
  EXPECT_EQ(blocking().Read(Counter("1")).status().code(), code);
  EXPECT_EQ(blocking().List(kProduct, 1, "").status().code(), code);
  EXPECT_EQ(blocking().RaiseEpochAbove(engine().Epoch()).status().code(), code);
  EXPECT_EQ(blocking().RecordSession(kGateway).code(), code);
  EXPECT_EQ(blocking().Probe().code(), code);
  EXPECT_EQ(blocking().Backup(harness_->NewDirectory()).code(), code);
  Join("1", 1);
  engine().Watch(Counter("1"));
  engine().Unwatch(Counter("1"));
  engine().RaiseFloor(Counter("1"), 1);
  engine().EndRecovery();
  engine().ForgetSession(kGateway);
  engine().Close();
  harness_->Reopen();
  EXPECT_EQ(Hits("1"), 100);
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(StoreLifeTest);

}  // namespace
}  // namespace livecounter::counter
