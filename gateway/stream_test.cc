#include "gateway/stream.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class StreamTest : public EdgeTest {
 protected:
  std::shared_ptr<FakeClient> Socket(absl::string_view presence_id = "me") {
    return Upgrade(absl::StrCat("/sub?key=open&urlId=page&pId=", presence_id));
  }
  std::shared_ptr<FakeClient> Events(absl::string_view presence_id = "me") {
    return Stream(absl::StrCat("/sub?key=open&urlId=page&pId=", presence_id));
  }

  // Joins and leaves that were sent since the last call.
  struct Edges {
    size_t joined = 0;
    size_t left = 0;
    friend bool operator==(const Edges&, const Edges&) = default;
  };
  Edges TakeEdges() {
    Edges edges;
    for (const PresenceDelta& delta : TakeCommands().presence) {
      edges.joined += delta.joined.size();
      edges.left += delta.left.size();
    }
    return edges;
  }

  // After how long, to 100 ms, a viewer who goes leaves the count.
  absl::Duration LeavesAfter() {
    const absl::Time start = loop_.Now();
    while (TakeEdges().left == 0 && loop_.Now() - start < absl::Minutes(1)) {
      loop_.Advance(absl::Milliseconds(100));
    }
    return loop_.Now() - start;
  }
};

// --- Presence ---

TEST_F(StreamTest, AViewerIsCountedFromTheFirstMoment) {
  Socket();
  EXPECT_EQ(TakeEdges(), (Edges{1, 0}));
}

TEST_F(StreamTest, OnePresenceInTenTabsJoinsOnceAndLeavesWithTheLast) {
  std::vector<std::shared_ptr<FakeClient>> tabs;
  for (int i = 0; i < 5; ++i) tabs.push_back(Socket());
  for (int i = 0; i < 5; ++i) tabs.push_back(Events());
  EXPECT_EQ(TakeEdges(), (Edges{1, 0}));
  for (int i = 1; i < 10; ++i) tabs[i]->Disconnect(1000);
  loop_.Advance(absl::Minutes(1));
  EXPECT_EQ(TakeEdges(), (Edges{0, 0}));
  tabs[0]->Disconnect(1000);
  loop_.Advance(absl::Minutes(1));
  EXPECT_EQ(TakeEdges(), (Edges{0, 1}));
}

TEST_F(StreamTest, ACleanCloseByTheClientLeavesAfter1s) {
  for (const uint16_t code : {1000, 1001}) {
    Socket()->Disconnect(code);
    EXPECT_EQ(LeavesAfter(), absl::Seconds(1)) << code;
  }
}

TEST_F(StreamTest, AnythingElseLeavesAfter10s) {
  for (const absl::optional<uint16_t> code :
       {absl::optional<uint16_t>(), absl::optional<uint16_t>(1006), absl::optional<uint16_t>(1002),
        absl::optional<uint16_t>(1005), absl::optional<uint16_t>(4000)}) {
    Socket()->Disconnect(code);
    EXPECT_EQ(LeavesAfter(), absl::Seconds(10)) << code.value_or(0);
  }
  Events()->Disconnect();
  EXPECT_EQ(LeavesAfter(), absl::Seconds(10)) << "every end of an event stream";
}

TEST_F(StreamTest, ACloseByTheServerLeavesAfter10sWhateverTheClientAnswers) {
  const auto socket = Socket();
  parts_.streams.CloseDownTo(0);
  loop_.Settle();
  EXPECT_EQ(socket->close_reason()->code, 1001);
  EXPECT_EQ(LeavesAfter(), absl::Seconds(10));
}

TEST_F(StreamTest, AReloadDoesNotFlicker) {
  const auto first = Socket();
  TakeEdges();
  first->Disconnect(1001);
  loop_.Advance(absl::Milliseconds(900));
  const auto second = Socket();
  loop_.Advance(absl::Minutes(1));
  EXPECT_EQ(TakeEdges(), (Edges{0, 0}));
}

TEST_F(StreamTest, GracesAreTheProducts) {
  Product patient;
  patient.name = "accounts/a/products/patient";
  patient.allowed_origins = {"*"};
  patient.clean_leave_grace = absl::Seconds(5);
  patient.lost_leave_grace = absl::Seconds(30);
  catalog_.Add("patient", patient);
  loop_.Settle();
  const char* target = "/sub?key=patient&urlId=page&pId=me";
  Upgrade(target)->Disconnect(1000);
  EXPECT_EQ(LeavesAfter(), absl::Seconds(5));
  Upgrade(target)->Disconnect();
  EXPECT_EQ(LeavesAfter(), absl::Seconds(30));
}

// --- Liveness ---

TEST_F(StreamTest, ASocketIsPingedAndToldItsNumberEvery25s) {
  const auto socket = Socket();
  Tell(Open("page"), 1, absl::nullopt, 3);
  socket->TakeFrames();
  loop_.Advance(absl::Seconds(24));
  EXPECT_EQ(socket->pings(), 0);
  EXPECT_THAT(socket->TakeFrames(), IsEmpty());
  loop_.Advance(absl::Milliseconds(1250));
  EXPECT_EQ(socket->pings(), 1);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("3"));
  loop_.Advance(absl::Seconds(75));
  EXPECT_EQ(socket->pings(), 4);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("3", "3", "3"));
}

TEST_F(StreamTest, AnEventStreamOfPresenceRepeatsItsEventEvery25s) {
  const auto stream = Events();
  Tell(Open("page"), 1, absl::nullopt, 3);
  const std::vector<std::string> first = stream->TakeFrames();
  loop_.Advance(absl::Milliseconds(25'250));
  EXPECT_EQ(stream->TakeFrames(), first);
}

TEST_F(StreamTest, WhereNothingIsKnownThereIsNothingToRepeat) {
  const auto socket = Socket();
  loop_.Advance(absl::Seconds(26));
  EXPECT_EQ(socket->pings(), 1);
  EXPECT_THAT(socket->TakeFrames(), IsEmpty());
}

TEST_F(StreamTest, AFullSocketIsNotSentRepeats) {
  const auto socket = Socket();
  Tell(Open("page"), 1, absl::nullopt, 3);
  socket->TakeFrames();
  socket->StopReading();
  Tell(Open("page"), 2, absl::nullopt, 4);
  loop_.Advance(absl::Seconds(60));
  socket->StartReading();
  loop_.Settle();
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("4"));
}

// --- What clients send ---

TEST_F(StreamTest, UpTo1KiBOfMessagesIsIgnored) {
  const auto socket = Socket();
  socket->SendMessage(std::string(1000, 'x'));
  socket->SendMessage(std::string(24, 'x'));
  loop_.Settle();
  EXPECT_FALSE(socket->close_reason());
  Tell(Open("page"), 1, absl::nullopt, 3);
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("3"));
}

TEST_F(StreamTest, MoreIsClosedWith1009) {
  const auto socket = Socket();
  socket->SendMessage(std::string(1000, 'x'));
  socket->SendMessage(std::string(25, 'x'));
  ASSERT_TRUE(socket->close_reason());
  EXPECT_EQ(socket->close_reason()->code, 1009);
  loop_.Settle();
  EXPECT_EQ(parts_.streams.size(), 0);
}

// --- Ends ---

TEST_F(StreamTest, ADrainSaysWhenToComeBack) {
  const auto socket = Socket("a");
  const auto stream = Events("b");
  const auto hits = Stream("/counters/2/");
  Tell(Open("2"), 1, 26);
  hits->TakeFrames();
  parts_.streams.CloseDownTo(0);
  EXPECT_EQ(socket->close_reason()->code, 1001);
  ASSERT_THAT(socket->close_reason()->text, StartsWith("retry="));
  const int retry = std::stoi(socket->close_reason()->text.substr(6));
  EXPECT_GE(retry, 1000);
  EXPECT_LE(retry, 5000);
  for (const auto& events : {stream, hits}) {
    EXPECT_THAT(events->TakeFrames(), ElementsAre(StartsWith("retry: ")));
    EXPECT_TRUE(events->close_reason());
  }
  loop_.Settle();
  EXPECT_TRUE(parts_.idle());
}

TEST_F(StreamTest, ADrainTellsAReaderThatStallsToo) {
  const auto stream = Events();
  Tell(Open("page"), 1, absl::nullopt, 3);
  stream->TakeFrames();
  stream->StopReading();
  Tell(Open("page"), 2, absl::nullopt, 4);
  parts_.streams.CloseDownTo(0);
  EXPECT_THAT(stream->TakeFrames(), ElementsAre(StartsWith("retry: ")));
}

// Lets another loop have the last place after a request was let in, and before its stream opens.
class LastPlaceTaker final : public RequestHandler {
 public:
  LastPlaceTaker(RequestHandler& handler, Admission& admission)
      : handler_(handler), admission_(admission) {}

  void OnRequest(std::unique_ptr<Exchange> exchange) override {
    handler_.OnRequest(std::move(exchange));
  }
  absl::variant<Response, std::unique_ptr<StreamHandler>> OnUpgrade(
      const Request& request) override {
    auto answer = handler_.OnUpgrade(request);
    EXPECT_TRUE(admission_.StreamOpened());
    return answer;
  }

 private:
  RequestHandler& handler_;
  Admission& admission_;
};

TEST_F(StreamTest, ASocketThatIsOneTooManyIsClosedWith1013AndNeverCounted) {
  for (int64_t i = 1; i < kMaxConnections; ++i) admission_.StreamOpened();
  LastPlaceTaker handler(router_, admission_);
  FakeTransport transport(loop_, handler);
  const auto socket = transport.Upgrade(MakeRequest("GET", "/sub?key=open&urlId=page&pId=me"));
  ASSERT_TRUE(socket->close_reason());
  EXPECT_EQ(socket->close_reason()->code, 1013);
  EXPECT_THAT(socket->close_reason()->text, StartsWith("retry="));
  EXPECT_THAT(socket->TakeFrames(), IsEmpty());
  EXPECT_EQ(Rejected(observability::RejectReason::kOverloaded), 1);
  loop_.Settle();
  EXPECT_EQ(admission_.open_streams(), kMaxConnections);
  const LoopCommands sent = TakeCommands();
  EXPECT_THAT(sent.presence, IsEmpty());
  EXPECT_THAT(sent.accepted, IsEmpty());
  EXPECT_TRUE(parts_.idle());
}

TEST_F(StreamTest, EventsThatAreOneTooManyAreToldWhenToComeBack) {
  for (int64_t i = 1; i < kMaxConnections; ++i) admission_.StreamOpened();
  const auto events = Get("/sub?key=open&urlId=page&pId=me",
                          {{"accept", "text/event-stream"}, {"last-event-id", "7-100"}});
  EXPECT_FALSE(events->opened()) << "it waits for that revision";
  EXPECT_TRUE(admission_.StreamOpened());
  loop_.Advance(absl::Seconds(2));
  EXPECT_TRUE(events->close_reason());
  EXPECT_THAT(events->TakeFrames(), ElementsAre(StartsWith("retry: ")));
  EXPECT_EQ(admission_.open_streams(), kMaxConnections);
}

TEST_F(StreamTest, NothingIsSentAfterTheClose) {
  const auto socket = Socket();
  Tell(Open("page"), 1, absl::nullopt, 3);
  socket->SendMessage(std::string(1025, 'x'));
  TellOnly(Open("page"), 2, /*present=*/4);
  parts_.link.Receive();
  loop_.Settle();
  EXPECT_THAT(socket->TakeFrames(), ElementsAre("3"));
}

TEST_F(StreamTest, ConnectionsAreCountedWhileTheyAreOpen) {
  const auto connections = [this](observability::Transport transport) {
    return metrics_.connections(transport).Value();
  };
  const auto socket = Socket();
  const auto stream = Events();
  EXPECT_EQ(connections(observability::Transport::kWebSocket), 1);
  EXPECT_EQ(connections(observability::Transport::kSse), 1);
  socket->Disconnect(1000);
  stream->Disconnect();
  EXPECT_EQ(connections(observability::Transport::kWebSocket), 0);
  EXPECT_EQ(connections(observability::Transport::kSse), 0);
}

TEST_F(StreamTest, ManyConnectsAndDisconnectsLeaveNothing) {
  for (int i = 0; i < 1000; ++i) {
    const auto socket = Socket(absl::StrCat("viewer", i));
    const auto stream = Stream(absl::StrCat("/counters/c", i % 7, "/?key=auto"));
    Tell(Auto(absl::StrCat("c", i % 7)), i + 1, i);
    socket->Disconnect(1000);
    stream->Disconnect();
  }
  loop_.Advance(absl::Seconds(15));
  EXPECT_TRUE(parts_.idle());
  EXPECT_EQ(parts_.presence.size(), 0);
  EXPECT_EQ(parts_.hub.watched(), 0u);
  EXPECT_EQ(TakeEdges(), (Edges{1000, 1000}));
}

}  // namespace
}  // namespace livecounter::gateway
