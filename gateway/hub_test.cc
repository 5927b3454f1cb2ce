#include "gateway/hub.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HubTest : public EdgeTest {
 protected:
  std::shared_ptr<FakeClient> Viewer(absl::string_view url_id = "page") {
    return Upgrade(absl::StrCat("/sub?key=open&pId=me&i=f&urlId=", url_id));
  }
  std::shared_ptr<FakeClient> EventViewer() {
    return Stream("/sub?key=open&pId=me&i=f&urlId=page");
  }
  // The next presence of "page".
  void TellPresent(int64_t present) { Tell(Open("page"), ++revision_, absl::nullopt, present); }

  double Sent(observability::Transport transport) {
    parts_.hub.tally().TellMetrics();
    return metrics_.updates_sent(transport).Value();
  }
  prometheus::ClientMetric::Histogram Delays() {
    parts_.hub.tally().TellMetrics();
    return metrics_.update_delay().Collect().histogram;
  }

  uint64_t revision_ = 0;
};

// --- Watching ---

TEST_F(HubTest, ManyViewersOfACounterAreOneWatch) {
  std::vector<std::shared_ptr<FakeClient>> viewers;
  for (int i = 0; i < 10; ++i) viewers.push_back(Viewer());
  viewers.push_back(EventViewer());
  EXPECT_THAT(TakeCommands().watch, ElementsAre(Open("page")));
  EXPECT_EQ(parts_.hub.watched(), 1u);
}

TEST_F(HubTest, TheWatchEnds2sAfterTheLastViewer) {
  const auto first = Viewer();
  const auto second = Viewer();
  first->Disconnect();
  loop_.Advance(absl::Seconds(10));
  EXPECT_THAT(TakeCommands().unwatch, IsEmpty());
  second->Disconnect();
  loop_.Advance(absl::Milliseconds(1999));
  EXPECT_THAT(TakeCommands().unwatch, IsEmpty());
  loop_.Advance(absl::Milliseconds(251));
  EXPECT_THAT(TakeCommands().unwatch, ElementsAre(Open("page")));
  EXPECT_EQ(parts_.hub.watched(), 0u);
}

TEST_F(HubTest, GetsInARowKeepTheWatch) {
  Get("/counters/2/");
  Tell(Open("2"), 1, 26);
  for (int i = 0; i < 5; ++i) {
    loop_.Advance(absl::Milliseconds(1900));
    EXPECT_EQ(Get("/counters/2/")->response()->body, "26\n");
  }
  const LoopCommands commands = TakeCommands();
  EXPECT_THAT(commands.watch, ElementsAre(Open("2")));
  EXPECT_THAT(commands.unwatch, IsEmpty());
}

TEST_F(HubTest, ACounterThatIsNotWatchedAnyMoreIsNotKnown) {
  Get("/counters/2/");
  Tell(Open("2"), 1, 26);
  loop_.Advance(absl::Seconds(3));
  TakeCommands();
  Tell(Open("2"), 2, 27);  // a late one
  const auto get = Get("/counters/2/");
  EXPECT_FALSE(get->response());
  EXPECT_THAT(TakeCommands().watch, ElementsAre(Open("2")));
}

TEST_F(HubTest, LowerVersionsAreDropped) {
  const auto viewer = Viewer();
  Tell(Open("page"), 5, absl::nullopt, 50);
  viewer->TakeFrames();
  Tell(Open("page"), 4, absl::nullopt, 40);
  Tell(Open("page"), 5, absl::nullopt, 51);
  Tell(Open("page"), 9, absl::nullopt, 90, /*epoch=*/kEpoch - 1);
  loop_.Advance(absl::Seconds(1));
  EXPECT_THAT(viewer->TakeFrames(), IsEmpty());
  Tell(Open("page"), 1, absl::nullopt, 10, /*epoch=*/kEpoch + 1);
  EXPECT_THAT(viewer->TakeFrames(), ElementsAre("10"));
}

// --- Fan-out ---

TEST_F(HubTest, AViewerThatComesBeforeTheValueGetsItWhenItComes) {
  const auto viewer = Viewer();
  EXPECT_THAT(viewer->TakeFrames(), IsEmpty());
  TellPresent(3);
  EXPECT_THAT(viewer->TakeFrames(), ElementsAre("3"));
}

TEST_F(HubTest, ChangesAreConflatedPerCounter) {
  const auto viewer = Viewer();
  const auto other = Viewer("other");
  TellPresent(1);
  loop_.Advance(absl::Seconds(1));
  viewer->TakeFrames();
  // The first goes at once.
  TellPresent(2);
  EXPECT_THAT(viewer->TakeFrames(), ElementsAre("2"));
  // Then one each 100 ms, the newest.
  TellPresent(3);
  TellPresent(4);
  loop_.Advance(absl::Milliseconds(99));
  EXPECT_THAT(viewer->TakeFrames(), IsEmpty());
  // Another counter has its own interval.
  Tell(Open("other"), 1, absl::nullopt, 7);
  EXPECT_THAT(other->TakeFrames(), ElementsAre("7"));
  loop_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(viewer->TakeFrames(), ElementsAre("4"));
  loop_.Advance(absl::Seconds(1));
  EXPECT_THAT(viewer->TakeFrames(), IsEmpty());
}

TEST_F(HubTest, AValueThatCameBackIsNotSentAgain) {
  const auto viewer = Viewer();
  TellPresent(1);
  loop_.Advance(absl::Seconds(1));
  TellPresent(2);
  EXPECT_THAT(viewer->TakeFrames(), ElementsAre("1", "2"));
  TellPresent(3);
  TellPresent(2);
  loop_.Advance(absl::Seconds(1));
  EXPECT_THAT(viewer->TakeFrames(), IsEmpty());
}

TEST_F(HubTest, ANewViewerSeesTheNewestValueEvenBeforeItsTime) {
  const auto viewer = Viewer();
  for (const int64_t present : {1, 2, 3}) TellPresent(present);
  const auto late = Viewer();
  EXPECT_THAT(viewer->TakeFrames(), ElementsAre("1", "2"));
  EXPECT_THAT(late->TakeFrames(), ElementsAre("3"));
  // Back to what the first one shows: only the second one has to hear.
  TellPresent(2);
  loop_.Advance(absl::Seconds(1));
  EXPECT_THAT(viewer->TakeFrames(), IsEmpty());
  EXPECT_THAT(late->TakeFrames(), ElementsAre("2"));
}

TEST_F(HubTest, HotCountersAreServedInSlices) {
  constexpr size_t kViewers = 8 * Hub::kSlice;
  std::vector<std::shared_ptr<FakeClient>> viewers;
  for (size_t i = 0; i < kViewers; ++i) viewers.push_back(Viewer());
  TellPresent(1);
  loop_.Advance(absl::Seconds(1));
  for (const auto& viewer : viewers) viewer->TakeFrames();
  const auto other = Viewer("other");

  const auto served = [&] {
    size_t count = 0;
    for (const auto& viewer : viewers) count += viewer->TakeFrames().size();
    return count;
  };
  TellOnly(Open("page"), 2, /*present=*/2);
  loop_.RunTurn();
  EXPECT_EQ(served(), Hub::kSlice);
  // Another counter's change waits for at most two slices of it, not for the rest.
  TellOnly(Open("other"), 1, /*present=*/9);
  for (int turn = 0; turn < 3; ++turn) loop_.RunTurn();
  EXPECT_THAT(other->TakeFrames(), ElementsAre("9"));
  EXPECT_LE(served(), 3 * Hub::kSlice);
  loop_.Settle();
  for (const auto& viewer : viewers) viewer->TakeFrames();
  EXPECT_EQ(Sent(observability::Transport::kWebSocket), 2 * kViewers + 1);
}

TEST_F(HubTest, AValueThatComesDuringAFanOutReachesEverybodyOnce) {
  constexpr size_t kViewers = 3 * Hub::kSlice;
  std::vector<std::shared_ptr<FakeClient>> viewers;
  for (size_t i = 0; i < kViewers; ++i) viewers.push_back(Viewer());
  TellPresent(1);
  loop_.Advance(absl::Seconds(1));
  for (const auto& viewer : viewers) viewer->TakeFrames();

  TellOnly(Open("page"), 2, /*present=*/2);
  loop_.RunTurn();
  TellOnly(Open("page"), 3, /*present=*/3);
  loop_.RunTurn();
  // Viewers leave and come while it goes on.
  for (size_t i = 0; i < kViewers; i += 5) viewers[i]->Disconnect();
  const auto late = Viewer();
  loop_.Advance(absl::Seconds(1));
  EXPECT_THAT(late->TakeFrames(), ElementsAre("3"));
  for (size_t i = 0; i < kViewers; ++i) {
    const std::vector<std::string> frames = viewers[i]->TakeFrames();
    if (i % 5 == 0) continue;
    ASSERT_FALSE(frames.empty()) << i;
    EXPECT_EQ(frames.back(), "3") << i;
    EXPECT_LE(frames.size(), 2u) << i;
  }
}

TEST_F(HubTest, ASlowReaderGetsTheNewestValueOnly) {
  const auto viewer = Viewer();
  const auto slow = Viewer();
  TellPresent(1);
  slow->TakeFrames();
  slow->StopReading();
  for (int64_t present = 2; present < 200; ++present) {
    TellPresent(present);
    loop_.Advance(absl::Milliseconds(100));
  }
  EXPECT_EQ(viewer->TakeFrames().size(), 199u);
  EXPECT_THAT(slow->TakeFrames(), IsEmpty());
  slow->StartReading();
  loop_.Settle();
  EXPECT_THAT(slow->TakeFrames(), ElementsAre("199"));
  TellPresent(200);
  EXPECT_THAT(slow->TakeFrames(), ElementsAre("200"));
}

TEST_F(HubTest, ASlowReaderMayFallBehindAgain) {
  const auto slow = Viewer();
  TellPresent(1);
  slow->StopReading();
  loop_.Advance(absl::Seconds(1));
  TellPresent(2);
  slow->StartReading();
  slow->StopReading();
  loop_.Settle();
  loop_.Advance(absl::Seconds(1));
  TellPresent(3);
  slow->StartReading();
  loop_.Settle();
  EXPECT_THAT(slow->TakeFrames(), ElementsAre("1", "3"));
}

TEST_F(HubTest, ASlowReaderMayLeave) {
  const auto slow = Viewer();
  TellPresent(1);
  slow->StopReading();
  loop_.Advance(absl::Seconds(1));
  TellPresent(2);
  slow->Disconnect();
  slow->StartReading();
  TellPresent(3);
  loop_.Advance(absl::Seconds(3));
  EXPECT_EQ(parts_.hub.watched(), 0u);
}

TEST_F(HubTest, NumbersStayWhileTheCounterServiceIsAway) {
  const auto viewer = Viewer();
  TellPresent(3);
  viewer->TakeFrames();
  loop_.Advance(absl::Hours(1));
  const auto late = Viewer();
  EXPECT_THAT(late->TakeFrames(), ElementsAre("3"));
}

// --- Metrics ---

TEST_F(HubTest, CountsWhatItSentByTransport) {
  const auto viewer = Viewer();
  const auto slow = Viewer();
  const auto event_viewer = EventViewer();
  slow->StopReading();
  TellPresent(1);
  EXPECT_EQ(Sent(observability::Transport::kWebSocket), 1);
  EXPECT_EQ(Sent(observability::Transport::kSse), 1);
  slow->StartReading();
  loop_.Settle();
  EXPECT_EQ(Sent(observability::Transport::kWebSocket), 2);
  loop_.Advance(absl::Seconds(26));
  EXPECT_EQ(Sent(observability::Transport::kWebSocket), 2) << "a repeat is no update";
}

TEST_F(HubTest, MeasuresTheDelayFromTheCounterServiceToTheSocket) {
  const auto viewer = Viewer();
  TellPresent(1);
  loop_.Advance(absl::Seconds(1));
  TellOnly(Open("page"), ++revision_, /*present=*/2, loop_.Now() - absl::Milliseconds(30));
  loop_.Settle();
  EXPECT_EQ(Delays().sample_count, 1u);
  EXPECT_NEAR(Delays().sample_sum, 0.030, 1e-6);
}

TEST_F(HubTest, WhatAStreamOpensWithIsNotMeasuredHoweverOldItIs) {
  const auto first = Viewer();
  TellOnly(Open("page"), ++revision_, /*present=*/1, loop_.Now() - absl::Hours(1));
  loop_.Settle();
  EXPECT_THAT(first->TakeFrames(), ElementsAre("1"));
  loop_.Advance(absl::Hours(1));
  const auto second = Viewer();
  EXPECT_THAT(second->TakeFrames(), ElementsAre("1"));
  EXPECT_EQ(Delays().sample_count, 0u);
}

TEST_F(HubTest, AChangeThatLeavesTheNumberAsItIsDoesNotHideHowLateTheNumberIs) {
  const auto viewer = Viewer();
  TellPresent(1);
  TellPresent(2);  // goes out at once
  TellPresent(3);  // after 100 ms
  loop_.Advance(absl::Milliseconds(40));
  Tell(Open("page"), ++revision_, /*hits=*/7, /*present=*/3);
  EXPECT_THAT(viewer->TakeFrames(), ElementsAre("1", "2"));
  loop_.Advance(absl::Milliseconds(60));
  EXPECT_THAT(viewer->TakeFrames(), ElementsAre("3"));
  EXPECT_EQ(Delays().sample_count, 2u);
  EXPECT_NEAR(Delays().sample_sum, 0.100, 1e-6);
}

TEST_F(HubTest, ChangesWithoutATimeAreNotMeasured) {
  const auto viewer = Viewer();
  TellPresent(1);
  loop_.Advance(absl::Seconds(1));
  TellOnly(Open("page"), ++revision_, /*present=*/2);
  loop_.Settle();
  EXPECT_THAT(viewer->TakeFrames(), ElementsAre("1", "2"));
  EXPECT_EQ(Delays().sample_count, 0u);
}

}  // namespace
}  // namespace livecounter::gateway
