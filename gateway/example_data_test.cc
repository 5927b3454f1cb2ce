// Inactive accounts as clients meet them (contract §2, §3): example data on every resource, counted nowhere.

#include "core/example_data.h"

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kSub[] = "/sub?urlId=page&key=open&pId=me";
constexpr absl::string_view kComment = ": example data\n";

class ExampleTest : public EdgeTest {
 protected:
  ExampleTest() { SetActive(false); }

  void SetActive(bool active) {
    Product product = *catalog_.FindByKey("open");
    product.active = active;
    catalog_.Set(std::move(product));
    loop_.Settle();
  }
  ExampleNumbers Now(const std::string& id) const {
    return ExampleNumbersAt(Open(id), loop_.Now());
  }
};

TEST_F(ExampleTest, ASocketShowsItAndItsMovesAndNothingIsWatchedUpstream) {
  const auto sub = Upgrade(kSub);
  EXPECT_THAT(sub->TakeFrames(), ElementsAre(absl::StrCat(Now("page").present)));
  EXPECT_THAT(TakeCommands().watch, IsEmpty());
  int moves = 0;
  for (int second = 0; second < 60; ++second) {
    loop_.Advance(absl::Seconds(1));
    const auto frames = sub->TakeFrames();
    moves += static_cast<int>(frames.size());
    for (const std::string& frame : frames) {
      // It may be shown up to a turn of the timers late.
      EXPECT_TRUE(frame == absl::StrCat(Now("page").present) || second > 0) << frame;
    }
  }
  EXPECT_GE(moves, 3);
  EXPECT_LE(moves, 25);
}

TEST_F(ExampleTest, EventsOfAllResourcesSayThatItIsExampleData) {
  const auto sub = Stream(kSub);
  const auto hits = Stream("/counters/2/");
  const auto watch = Stream("/watch?urlId=page&key=open");
  for (const auto& stream : {sub, hits, watch}) {
    ASSERT_TRUE(stream->opened());
    EXPECT_THAT(stream->TakeFrames(), ElementsAre(StartsWith(std::string(kComment))));
  }
  EXPECT_THAT(Stream("/sub?urlId=page&key=auto&pId=me")->TakeFrames(), IsEmpty());
  loop_.Advance(absl::Seconds(24));
  for (const auto& stream : {sub, hits, watch}) {
    EXPECT_THAT(stream->TakeFrames(), Each(StartsWith(std::string(kComment))));
  }
}

TEST_F(ExampleTest, PlainReadsAndTheBadgeShowIt) {
  EXPECT_EQ(Get("/counters/2/")->response()->body, absl::StrCat(Now("2").hits, "\n"));
  const auto body = nlohmann::json::parse(
      Get("/counters/2/", {{"accept", "application/json"}})->response()->body);
  EXPECT_EQ(body["value"], Now("2").hits);
  EXPECT_EQ(body["revision"], Now("2").version.revision);
  EXPECT_EQ(Get("/counters/2/badge.svg")->response()->status, 200);
  EXPECT_EQ(Get("/counters/never-created/")->response()->status, 200);
  EXPECT_THAT(TakeCommands().watch, IsEmpty());
}

TEST_F(ExampleTest, APostGetsTheNumberAndCountsNothing) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Send("POST", "/counters/2/")->response()->body, absl::StrCat(Now("2").hits, "\n"));
  }
  EXPECT_EQ(Send("POST", "/counters/2/", {{"idempotency-key", ""}})->response()->status, 400);
  EXPECT_THAT(TakeCommands().hits, IsEmpty());
}

TEST_F(ExampleTest, TheListPageHasEachOfItsOwn) {
  const auto watch = Upgrade("/watch?urlId=a&urlId=b&key=open");
  EXPECT_THAT(watch->TakeFrames(), ElementsAre(absl::StrCat("{\"a\":", Now("a").present,
                                                            ",\"b\":", Now("b").present, "}")));
}

TEST_F(ExampleTest, AnAccountThatIsActivatedShowsItsNumbersOnTheSameConnections) {
  const auto socket = Upgrade(kSub);
  const auto stream = Stream(kSub);
  const auto list = Upgrade("/watch?urlId=page&key=open");
  for (const auto& client : {socket, stream, list}) client->TakeFrames();
  SetActive(true);
  EXPECT_THAT(TakeCommands().watch, ElementsAre(Open("page")));
  Tell(Open("page"), 1, absl::nullopt, 2);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("2"));
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\nid: 7-1\ndata: 2\n\n"));
  EXPECT_THAT(list->TakeFrames(), ElementsAre("{\"page\":2}"));
  for (const auto& client : {socket, stream, list}) EXPECT_FALSE(client->close_reason());
  loop_.Advance(absl::Seconds(10));
  EXPECT_THAT(socket->TakeFrames(), IsEmpty()) << "no example data any more";
}

TEST_F(ExampleTest, AnAccountThatIsDeactivatedShowsExampleDataOnTheSameConnections) {
  SetActive(true);
  const auto socket = Upgrade(kSub);
  const auto stream = Stream("/counters/2/");
  Tell(Open("page"), 5, absl::nullopt, 100000);
  Tell(Open("2"), 5, 100000);
  socket->TakeFrames();
  stream->TakeFrames();
  TakeCommands();
  SetActive(false);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(absl::StrCat(Now("page").present)));
  EXPECT_THAT(stream->TakeFrames(), ElementsAre(StartsWith(std::string(kComment))));
  EXPECT_THAT(TakeCommands().unwatch, SizeIs(2));
  Tell(Open("page"), 6, absl::nullopt, 100001);
  EXPECT_THAT(socket->TakeFrames(), IsEmpty()) << "what was on its way is not shown";
}

TEST_F(ExampleTest, NobodyIsShownExampleDataWhileTheNumbersOfAnActiveAccountAreAwaited) {
  const auto early = Upgrade(kSub);
  early->TakeFrames();
  SetActive(true);
  const auto late = Upgrade(kSub);
  loop_.Advance(absl::Seconds(26));
  EXPECT_THAT(early->TakeFrames(), IsEmpty());
  EXPECT_THAT(late->TakeFrames(), IsEmpty());
  Tell(Open("page"), 1, absl::nullopt, 2);
  EXPECT_THAT(early->TakeFrames(), ElementsAre("2"));
  EXPECT_THAT(late->TakeFrames(), ElementsAre("2"));
}

TEST_F(ExampleTest, ASlowReaderIsServedAfterTheSwitch) {
  const auto slow = Upgrade(kSub);
  slow->TakeFrames();
  slow->StopReading();
  loop_.Advance(absl::Seconds(30));
  SetActive(true);
  slow->StartReading();
  loop_.Settle();
  EXPECT_THAT(slow->TakeFrames(), IsEmpty());
  Tell(Open("page"), 1, absl::nullopt, 2);
  EXPECT_THAT(slow->TakeFrames(), ElementsAre("2"));
}

TEST_F(ExampleTest, ACounterThatNobodyUsesIsForgotten) {
  Upgrade(kSub)->Disconnect();
  Get("/counters/2/");
  EXPECT_EQ(parts_.hub.watched(), 2u);
  loop_.Advance(Hub::kLinger + absl::Seconds(1));
  EXPECT_EQ(parts_.hub.watched(), 0u);
  EXPECT_THAT(TakeCommands().unwatch, IsEmpty());
}

}  // namespace
}  // namespace livecounter::gateway
