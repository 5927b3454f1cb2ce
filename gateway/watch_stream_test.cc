#include "gateway/watch_stream.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

constexpr char kWatch[] = "/watch?key=open&urlId=a&urlId=b";

class WatchStreamTest : public EdgeTest {
 protected:
  // Presence of counters of the open product.
  void Present(absl::string_view id, uint64_t revision, int64_t present) {
    Tell(Open(id), revision, absl::nullopt, present);
  }
  // A socket that shows a and b, which have 1 and 2.
  std::shared_ptr<FakeClient> Watching() {
    const auto socket = Upgrade(kWatch);
    Present("a", 1, 1);
    Present("b", 1, 2);
    socket->TakeFrames();
    TakeCommands();
    return socket;
  }
  void PassAnInterval() { loop_.Advance(absl::Milliseconds(100)); }
};

TEST_F(WatchStreamTest, TheFirstMessageHoldsThemAll) {
  const auto socket = Upgrade(kWatch);
  ASSERT_TRUE(socket->opened());
  EXPECT_THAT(TakeCommands().watch, UnorderedElementsAre(Open("a"), Open("b")));
  Present("a", 1, 12);
  EXPECT_THAT(socket->TakeFrames(), IsEmpty());
  Present("b", 1, 3);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"a":12,"b":3})"));
  const auto late = Upgrade(kWatch);
  EXPECT_THAT(late->TakeFrames(), ElementsAre(R"({"a":12,"b":3})"));
}

TEST_F(WatchStreamTest, ThenOnlyWhatChanged) {
  const auto socket = Watching();
  Present("b", 2, 4);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"b":4})"));
}

TEST_F(WatchStreamTest, WhatChangesTogetherIsOneMessage) {
  const auto socket = Watching();
  TellOnly(Open("a"), 2, 5);
  TellOnly(Open("b"), 2, 6);
  loop_.Settle();
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"a":5,"b":6})"));
}

TEST_F(WatchStreamTest, EachCounterIsConflatedAlone) {
  const auto socket = Watching();
  Present("a", 2, 5);
  Present("a", 3, 6);
  Present("b", 2, 7);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"a":5})", R"({"b":7})"));
  PassAnInterval();
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"a":6})"));
}

TEST_F(WatchStreamTest, AnEventStreamShowsTheSameAsEvents) {
  const auto stream = Stream(kWatch);
  EXPECT_THAT(stream->opening(), StartsWith(":" + std::string(2048, ' ') + "\nretry: "));
  Present("a", 1, 1);
  Present("b", 1, 2);
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\ndata: {\"a\":1,\"b\":2}\n\n"));
}

TEST_F(WatchStreamTest, ItCountsNowhere) {
  Upgrade(kWatch);
  EXPECT_THAT(TakeCommands().presence, IsEmpty());
}

TEST_F(WatchStreamTest, CountersAreAddedAndRemoved) {
  const auto socket = Watching();
  socket->SendMessage(R"({"add":["c"],"remove":["a"]})");
  loop_.Settle();
  EXPECT_THAT(TakeCommands().watch, ElementsAre(Open("c")));
  Present("c", 1, 9);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"c":9})"));
  Present("a", 2, 5);
  EXPECT_THAT(socket->TakeFrames(), IsEmpty());
  Present("b", 2, 6);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"b":6})"));
}

TEST_F(WatchStreamTest, OneThatIsHeldAlreadyIsNotSentAgain) {
  const auto socket = Watching();
  socket->SendMessage(R"({"add":["a"],"remove":["nowhere"]})");
  loop_.Settle();
  EXPECT_THAT(socket->TakeFrames(), IsEmpty());
  EXPECT_FALSE(socket->close_reason());
}

TEST_F(WatchStreamTest, OneThatIsRemovedBeforeItWasKnownIsNotWaitedFor) {
  const auto socket = Upgrade(kWatch);
  Present("a", 1, 1);
  socket->SendMessage(R"({"remove":["b"]})");
  loop_.Settle();
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"a":1})"));
}

TEST_F(WatchStreamTest, WithNothingLeftToWatchTheFirstMessageIsEmpty) {
  const auto socket = Upgrade(kWatch);
  socket->SendMessage(R"({"remove":["a","b"]})");
  loop_.Settle();
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("{}"));
  socket->SendMessage(R"({"add":["c"]})");
  Present("c", 1, 9);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"c":9})"));
}

TEST_F(WatchStreamTest, TheFirstMessageWaitsForWhatWasAddedBeforeIt) {
  const auto socket = Upgrade(kWatch);
  socket->SendMessage(R"({"add":["c"],"remove":["a","b"]})");
  loop_.Settle();
  EXPECT_THAT(socket->TakeFrames(), IsEmpty());
  Present("c", 1, 9);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"c":9})"));
}

TEST_F(WatchStreamTest, OneThatIsRemovedBeforeItsNumberWasSentIsNotSent) {
  const auto socket = Watching();
  TellOnly(Open("a"), 2, 5);
  TellOnly(Open("b"), 2, 6);
  parts_.link.Receive();
  socket->SendMessage(R"({"remove":["a"]})");
  loop_.Settle();
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"b":6})"));
}

TEST_F(WatchStreamTest, MessagesComeInPieces) {
  const auto socket = Watching();
  const std::string id(500, 'x');
  socket->SendMessage(absl::StrCat("{\"add\":[\"", id, "\"]}"));
  loop_.Settle();
  EXPECT_THAT(TakeCommands().watch, ElementsAre(Open(id)));
}

TEST_F(WatchStreamTest, ASlowReaderGetsTheNewestOfEachInOneMessage) {
  const auto socket = Watching();
  socket->StopReading();
  for (int i = 2; i <= 10; ++i) {
    Present("a", i, 10 + i);
    Present("b", i, 20 + i);
    PassAnInterval();
  }
  EXPECT_THAT(socket->TakeFrames(), IsEmpty());
  socket->StartReading();
  loop_.Settle();
  EXPECT_THAT(socket->TakeFrames(), ElementsAre(R"({"a":20,"b":30})"));
}

TEST_F(WatchStreamTest, AnEmptyObjectShowsThatItIsAliveEvery25s) {
  const auto socket = Watching();
  const auto stream = Stream(kWatch);
  stream->TakeFrames();
  loop_.Advance(absl::Milliseconds(25'250));
  EXPECT_EQ(socket->pings(), 1);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("{}"));
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\ndata: {}\n\n"));
}

TEST_F(WatchStreamTest, NothingComesBeforeTheFirstMessage) {
  const auto socket = Upgrade(kWatch);
  Present("a", 1, 1);
  loop_.Advance(absl::Seconds(26));
  EXPECT_EQ(socket->pings(), 1);
  EXPECT_THAT(socket->TakeFrames(), IsEmpty());
}

TEST_F(WatchStreamTest, ItHolds200Counters) {
  const auto socket = Watching();
  std::string ids = R"("0")";
  for (int i = 1; i < 198; ++i) absl::StrAppend(&ids, ",\"", i, "\"");
  socket->SendMessage(absl::StrCat(R"({"add":[)", ids, "]}"));
  loop_.Settle();
  EXPECT_EQ(TakeCommands().watch.size(), 198u);
  socket->SendMessage(R"({"add":["one more"],"remove":["0"]})");
  loop_.Settle();
  EXPECT_FALSE(socket->close_reason());
  socket->SendMessage(R"({"add":["too many"],"remove":["1","0","nowhere"]})");
  loop_.Settle();
  EXPECT_FALSE(socket->close_reason());
  TakeCommands();
  socket->SendMessage(R"({"add":["a1","a2"],"remove":["2"]})");
  loop_.Settle();
  ASSERT_TRUE(socket->close_reason());
  EXPECT_EQ(socket->close_reason()->code, 1008);
  EXPECT_THAT(socket->close_reason()->text, HasSubstr("200 counters"));
  EXPECT_THAT(TakeCommands().watch, IsEmpty());
}

TEST_F(WatchStreamTest, AMessageOver16KiBIsClosedWith1008) {
  const std::string head = R"({"add":["c"],"":")";
  const std::string filled =
      head + std::string(WatchStream::kMaxMessageBytes - head.size() - 2, 'x') + "\"}";
  const auto good = Watching();
  good->SendMessage(filled);
  EXPECT_FALSE(good->close_reason());
  const auto bad = Watching();
  bad->SendMessage(filled + " ");
  ASSERT_TRUE(bad->close_reason());
  EXPECT_EQ(bad->close_reason()->code, 1008);
  EXPECT_THAT(bad->close_reason()->text, HasSubstr("16384 bytes"));
}

TEST_F(WatchStreamTest, MoreThan10MessagesASecondAreClosedWith1008) {
  const auto socket = Watching();
  for (int i = 0; i < 10; ++i) socket->SendMessage("{}");
  loop_.Advance(absl::Seconds(1));
  for (int i = 0; i < 10; ++i) socket->SendMessage("{}");
  EXPECT_FALSE(socket->close_reason());
  socket->SendMessage("{}");
  ASSERT_TRUE(socket->close_reason());
  EXPECT_EQ(socket->close_reason()->code, 1008);
  EXPECT_THAT(socket->close_reason()->text, HasSubstr("10 messages a second"));
}

TEST_F(WatchStreamTest, TheElevenMessagesMayBeSpreadOverTheSecond) {
  const auto socket = Watching();
  for (int i = 0; i < 10; ++i) {
    socket->SendMessage("{}");
    loop_.Advance(absl::Milliseconds(99));
  }
  EXPECT_FALSE(socket->close_reason());
  socket->SendMessage("{}");
  ASSERT_TRUE(socket->close_reason());
  EXPECT_EQ(socket->close_reason()->code, 1008);
}

TEST_F(WatchStreamTest, TenMessagesInEverySecondAreTakenForLong) {
  const auto socket = Watching();
  for (int i = 0; i < 1'000; ++i) {
    socket->SendMessage("{}");
    loop_.Advance(absl::Milliseconds(100));
  }
  EXPECT_FALSE(socket->close_reason());
}

TEST_F(WatchStreamTest, AHeartbeatForgetsNoMessageOfTheLastSecond) {
  const auto socket = Watching();
  loop_.Advance(absl::Milliseconds(24'500));
  for (int i = 0; i < 10; ++i) socket->SendMessage("{}");
  loop_.Advance(absl::Milliseconds(900));
  ASSERT_EQ(socket->pings(), 1);
  socket->SendMessage("{}");
  EXPECT_TRUE(socket->close_reason());
}

TEST_F(WatchStreamTest, WhatIsNoMessageIsClosedWith1008AndNothingOfItIsDone) {
  for (const char* message : {"hello", R"({"add":["c",1]})", R"({"add":["c"],"remove":"a"})"}) {
    const auto socket = Watching();
    socket->SendMessage(message);
    ASSERT_TRUE(socket->close_reason()) << message;
    EXPECT_EQ(socket->close_reason()->code, 1008);
    loop_.Settle();
    EXPECT_THAT(TakeCommands().watch, IsEmpty());
  }
}

TEST_F(WatchStreamTest, ADrainSaysWhenToComeBack) {
  const auto socket = Watching();
  const auto stream = Stream(kWatch);
  stream->TakeFrames();
  parts_.streams.CloseDownTo(0);
  EXPECT_EQ(socket->close_reason()->code, 1001);
  EXPECT_THAT(socket->close_reason()->text, StartsWith("retry="));
  EXPECT_THAT(stream->TakeFrames(), ElementsAre(StartsWith("retry: ")));
  TellOnly(Open("a"), 2, 5);
  loop_.Settle();
  EXPECT_TRUE(parts_.idle());
}

TEST_F(WatchStreamTest, UpdatesAreCountedByMessage) {
  const auto sent = [this] {
    parts_.hub.tally().TellMetrics();
    return metrics_.updates_sent(observability::Transport::kWebSocket).Value();
  };
  Watching();
  EXPECT_EQ(sent(), 1);
  Present("a", 2, 5);
  EXPECT_EQ(sent(), 2);
}

TEST_F(WatchStreamTest, NothingIsLeftOfManyThatCameAndWent) {
  for (int i = 0; i < 100; ++i) {
    const auto socket = Upgrade(kWatch);
    socket->SendMessage(absl::StrCat(R"({"add":["c)", i, R"("]})"));
    Present("a", i + 1, i);
    socket->Disconnect(1000);
  }
  loop_.Advance(absl::Seconds(15));
  EXPECT_TRUE(parts_.idle());
  EXPECT_EQ(parts_.hub.watched(), 0u);
}

}  // namespace
}  // namespace livecounter::gateway
