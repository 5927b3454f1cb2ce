// History: one point for each minute and hour in which something changed.

#include "core/history.h"

#include "absl/strings/str_cat.h"
#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kMinute = HistoryResolution::kMinute;
constexpr auto kHour = HistoryResolution::kHour;

class HistoryTest : public ConformanceTest {
 protected:
  HistoryTest() {
    harness_->clock().Set(HourBegin(harness_->clock().Now()) + absl::Hours(1));
    begin_ = harness_->clock().Now();
    engine().EndRecovery();
  }

  std::vector<HistoryValue> Read(HistoryResolution resolution,
                                 absl::Time from = absl::InfinitePast(),
                                 absl::Time to = absl::InfiniteFuture(),
                                 const std::string& id = "1") {
    Answer<absl::StatusOr<std::vector<HistoryValue>>> answer;
    engine().ReadHistory(Counter(id), resolution, from, to, answer.Callback());
    const auto values = answer.Wait();
    EXPECT_TRUE(values.ok()) << values.status();
    return values.value_or(std::vector<HistoryValue>());
  }
  // Time passes, and the engine notices.
  void Pass(absl::Duration time) {
    harness_->clock().Advance(time);
    EXPECT_TRUE(blocking().Probe().ok());
    EXPECT_TRUE(blocking().Probe().ok()) << "what the first one woke is done";
  }
  absl::Time At(absl::Duration time) { return begin_ + time; }
  std::vector<std::string> Listed() {
    std::vector<std::string> ids;
    const auto page = blocking().List(kProduct, 1000, "");
    for (const Change& counter : page->counters) ids.push_back(counter.counter.id);
    return ids;
  }

  absl::Time begin_;
};

TEST_P(HistoryTest, APointHoldsHitsPeakAndMean) {
  Hit("1", 5);
  Join("1", 1);
  Pass(absl::Seconds(15));
  Join("1", 2);
  Pass(absl::Seconds(15));
  Leave("1", 1);
  Leave("1", 2);
  Hit("1", 2);
  EXPECT_THAT(Read(kMinute), ElementsAre(HistoryValue{begin_, 7, 2, 1.5})) << "the open one";
  Pass(absl::Minutes(5));
  EXPECT_THAT(Read(kMinute), ElementsAre(HistoryValue{begin_, 7, 2, 0.75},
                                         HistoryValue{At(absl::Minutes(1)), 7, 0, 0.0}))
      << "and who sees no more knows that nobody is there";
  EXPECT_THAT(Read(kHour), ElementsAre(HistoryValue{begin_, 7, 2, 45.0 / 330}));
}

TEST_P(HistoryTest, NothingChangedIsNoPoint) {
  EXPECT_THAT(Read(kMinute), IsEmpty());
  ASSERT_TRUE(blocking().Read(Counter("1")).ok());
  Hit("1");
  Pass(absl::Minutes(10));
  Hit("1");
  Pass(absl::Minutes(10));
  EXPECT_THAT(Read(kMinute), ElementsAre(HistoryValue{begin_, 1, 0, 0.0},
                                         HistoryValue{At(absl::Minutes(10)), 2, 0, 0.0}));
}

TEST_P(HistoryTest, ATimeIsAskedFor) {
  for (int minute = 0; minute < 5; ++minute) {
    Hit("1");
    Pass(absl::Minutes(1));
  }
  const auto begins = [&](absl::Time from, absl::Time to) {
    std::vector<int64_t> minutes;
    for (const HistoryValue& value : Read(kMinute, from, to)) {
      minutes.push_back(absl::ToInt64Minutes(value.time - begin_));
    }
    return minutes;
  };
  EXPECT_THAT(begins(At(absl::Seconds(90)), At(absl::Minutes(3))), ElementsAre(1, 2));
  EXPECT_THAT(begins(At(absl::Minutes(1)), At(absl::Seconds(61))), ElementsAre(1));
  EXPECT_THAT(begins(At(absl::Minutes(9)), At(absl::Minutes(10))), IsEmpty());
  EXPECT_THAT(begins(absl::InfinitePast(), absl::InfiniteFuture()), SizeIs(5));
}

TEST_P(HistoryTest, ItIsThereAfterARestart) {
  Hit("1", 3);
  Join("1", 1);
  Pass(absl::Seconds(30));
  harness_->Reopen();
  engine().EndRecovery();
  EXPECT_THAT(Read(kMinute), SizeIs(1)) << "the open minute was written at the end";
  EXPECT_EQ(Read(kMinute)[0].hits, 3);
  EXPECT_EQ(Read(kMinute)[0].present_peak, 1);
  Pass(absl::Minutes(1));
  Hit("1", 1);
  EXPECT_EQ(Read(kMinute).back().hits, 4);
}

TEST_P(HistoryTest, OneMinuteOfTwoProcessesIsOnePoint) {
  Join("1", 1);
  Join("1", 2);
  Pass(absl::Seconds(15));
  harness_->Reopen();
  engine().EndRecovery();
  Join("1", 3);
  Pass(absl::Seconds(15));
  Leave("1", 3);
  Pass(absl::Minutes(2));
  EXPECT_EQ(Read(kMinute)[0], (HistoryValue{begin_, absl::nullopt, 2, 0.75}));
}

TEST_P(HistoryTest, ACrashLosesTheMinuteThatWasNotWrittenAtMost) {
  Hit("1", 3);
  Pass(absl::Minutes(1));
  Hit("other");
  Hit("1", 4);
  harness_->Crash();
  ASSERT_THAT(Read(kMinute), SizeIs(::testing::Ge(1u)));
  EXPECT_EQ(Read(kMinute)[0], (HistoryValue{begin_, 3, 0, 0.0}));
  EXPECT_EQ(Hits("1"), 7);
  Pass(absl::Minutes(1));
  Hit("1");
  EXPECT_EQ(Read(kMinute).back().hits, 8);
}

TEST_P(HistoryTest, MinutesAreKeptADayAndHoursNinety) {
  Join("1", 1);
  Pass(absl::Minutes(30));
  Leave("1", 1);
  Hit("1", 4);
  Pass(absl::Minutes(30));
  const HistoryValue hour{begin_, 4, 1, 0.5};
  EXPECT_EQ(Read(kHour)[0], hour) << "out of minutes";
  EXPECT_FALSE(Read(kMinute).empty());
  Pass(absl::Hours(26));
  EXPECT_THAT(Read(kMinute), IsEmpty());
  EXPECT_EQ(Read(kHour)[0], hour);
  harness_->Reopen();
  engine().EndRecovery();
  Pass(absl::Hours(48));
  EXPECT_EQ(Read(kHour)[0], hour) << "thinned";
  EXPECT_THAT(Listed(), ElementsAre("1"));
  Pass(absl::Hours(24 * 92));
  EXPECT_THAT(Read(kHour), IsEmpty());
}

TEST_P(HistoryTest, WhoHasHistoryIsListed) {
  Join("was here", 1);
  Leave("was here", 1);
  Hit("1");
  EXPECT_THAT(Listed(), ElementsAre("1", "was here"));
  Pass(absl::Minutes(2));
  EXPECT_THAT(Listed(), ElementsAre("1", "was here"));
  harness_->Crash();
  EXPECT_THAT(Listed(), ElementsAre("1", "was here"));
  Pass(absl::Hours(24 * 92));
  EXPECT_THAT(Listed(), ElementsAre("1")) << "it has hits";
}

TEST_P(HistoryTest, PagesHoldWhoHasHistoryOnce) {
  for (int i = 0; i < 5; ++i) {
    Hit(absl::StrCat("hit ", i));
    Join(absl::StrCat("was ", i), 1);
    Join(absl::StrCat("hit ", i), 1);
    if (i == 2) Pass(absl::Minutes(2));
    Leave(absl::StrCat("was ", i), 1);
  }
  std::vector<std::string> ids;
  std::string token;
  do {
    const auto page = blocking().List(kProduct, 3, token);
    for (const Change& counter : page->counters) ids.push_back(counter.counter.id);
    token = page->next_page_token;
  } while (!token.empty());
  EXPECT_THAT(ids, ElementsAre("hit 0", "hit 1", "hit 2", "hit 3", "hit 4", "was 0", "was 1",
                               "was 2", "was 3", "was 4"));
}

TEST_P(HistoryTest, WhatIsDeletedHasNone) {
  for (const char* id : {"1", "2"}) Hit(id);
  Pass(absl::Minutes(2));
  for (const char* id : {"1", "2"}) Hit(id);
  ASSERT_TRUE(blocking().Delete(Counter("1")).ok());
  EXPECT_THAT(Read(kMinute), IsEmpty());
  EXPECT_THAT(Read(kHour), IsEmpty());
  EXPECT_THAT(Listed(), ElementsAre("2"));
  Answer<absl::Status> deleted;
  engine().DeleteProduct(kProduct, deleted.Callback());
  ASSERT_TRUE(deleted.Wait().ok());
  EXPECT_THAT(Listed(), IsEmpty());
  Pass(absl::Minutes(2));
  EXPECT_THAT(Read(kMinute, absl::InfinitePast(), absl::InfiniteFuture(), "2"), IsEmpty());
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_P(HistoryTest, AFullDiskKeepsItInMemory) {
  Hit("1", 3);
  Join("1", 1);
  harness_->FillDisk();
  harness_->clock().Advance(absl::Minutes(1));
  EXPECT_FALSE(blocking().Probe().ok());
  Leave("1", 1);
  harness_->clock().Advance(absl::Minutes(1));
  EXPECT_FALSE(blocking().Probe().ok());
  EXPECT_EQ(Read(kMinute)[0], (HistoryValue{begin_, 3, 1, 1.0}));
  harness_->FreeDisk();
  Pass(absl::Minutes(1));
  Pass(absl::Minutes(1));
  harness_->Crash();
  EXPECT_EQ(Read(kMinute)[0], (HistoryValue{begin_, 3, 1, 1.0}));
}

TEST_P(HistoryTest, WhatCannotBeAnsweredSaysSo) {
  Answer<absl::StatusOr<std::vector<HistoryValue>>> form;
  engine().ReadHistory({"demo", "1"}, kMinute, begin_, begin_, form.Callback());
  EXPECT_EQ(form.Wait().status().code(), absl::StatusCode::kInvalidArgument);
  engine().Close();
  Answer<absl::StatusOr<std::vector<HistoryValue>>> closed;
  engine().ReadHistory(Counter("1"), kMinute, begin_, begin_, closed.Callback());
  EXPECT_EQ(closed.Wait().status().code(), absl::StatusCode::kFailedPrecondition);
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(HistoryTest);

}  // namespace
}  // namespace livecounter::counter
