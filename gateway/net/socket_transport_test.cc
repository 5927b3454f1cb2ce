#include "gateway/net/socket_transport.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gateway/net/descriptor_budget.h"
#include "gateway/net/testing/client.h"
#include "gateway/net/testing/harness.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;

// Answers "/wait" never, "/stream" with an event stream that says hello, and the rest at once.
Script MakeScript(EventLog& log) {
  Script script;
  script.on_request = [&log](std::unique_ptr<Exchange> exchange) {
    const std::string path = exchange->request().path;
    if (path == "/wait") {
      Exchange* waiting = exchange.release();
      waiting->OnAbandoned([waiting] { delete waiting; });
      log.Add("waiting");
    } else if (path == "/stream") {
      exchange->StartEventStream({}, "hello\n\n", std::make_unique<RecordingStream>(log));
    } else {
      exchange->Respond({200, {}, "answer"});
    }
  };
  return script;
}

Answer Get(int port) {
  Client client(port);
  client.Send(HttpRequest("GET", "/", "Connection: close\r\n"));
  return client.ReadAnswer();
}

// Contract §2, §3 and §7: tests that see these times pass are slow (tests/clients/liveness_test.mjs), or have
// shorter ones.
TEST(TransportLimitsTest, AreTheContracts) {
  const TransportLimits limits;
  EXPECT_EQ(limits.request, absl::Seconds(10));
  EXPECT_EQ(limits.pong, absl::Seconds(10));
  EXPECT_EQ(limits.unwritable, absl::Seconds(30));
  EXPECT_EQ(limits.unacknowledged, absl::Seconds(15));
  EXPECT_EQ(limits.body, 1024u);
}

TEST(SocketTransportTest, SaysWhereItListens) {
  Harness harness;
  EXPECT_EQ(harness.transport().address(), absl::StrCat("127.0.0.1:", harness.port()));
  EXPECT_GT(harness.port(), 0);
}

TEST(SocketTransportTest, APortInUseIsAnError) {
  Harness harness;
  SocketTransport::Options options;
  options.port = harness.port();
  const auto second = SocketTransport::Start(
      options, [](EventLoop& /*loop*/) -> std::unique_ptr<RequestHandler> { return nullptr; });
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.status().message(), HasSubstr(harness.transport().address()));
}

TEST(SocketTransportTest, AllLoopsTakeConnections) {
  constexpr int kThreads = 4;
  std::vector<std::atomic<int>> opened(kThreads);
  std::atomic<int> next_index = 0;
  Script script;
  script.on_upgrade = [&](const Request& /*request*/) -> Decision {
    thread_local const int index = next_index++;
    ++opened[index];
    return Response{503, {}, ""};
  };
  SocketTransport::Options options;
  options.threads = kThreads;
  Harness harness(std::move(script), options);
  for (int i = 0; i < 400; ++i) {
    EXPECT_EQ(WebSocketClient(harness.port()).Upgrade("/sub").status, 503);
  }
  EXPECT_THAT(opened, Each(Gt(0)));
}

TEST(SocketTransportTest, AConnectionStaysOnItsLoop) {
  std::thread::id opened_on;
  EventLog log;
  SocketTransport::Options options;
  options.threads = 2;
  Harness harness({}, options);
  harness.stream.on_open = [&](Connection& /*connection*/) {
    opened_on = std::this_thread::get_id();
  };
  harness.stream.on_message = [&](Connection& connection, absl::string_view /*payload*/) {
    EXPECT_EQ(std::this_thread::get_id(), opened_on);
    connection.Send(EncodeText("same"));
  };
  WebSocketClient client(harness.port());
  EXPECT_EQ(client.Upgrade("/sub").status, 101);
  for (int i = 0; i < 10; ++i) {
    client.SendFrame(kText, "where");
    EXPECT_EQ(client.ReadFrame().payload, "same");
  }
  harness.transport().Stop();
}

TEST(SocketTransportTest, OtherThreadsSendThroughTheLoop) {
  constexpr int kThreads = 4;
  constexpr int kMessages = 500;
  Harness harness;
  WebSocketClient client(harness.port());
  EXPECT_EQ(client.Upgrade("/sub").status, 101);
  ASSERT_TRUE(harness.log.WaitFor("open"));
  std::vector<std::thread> senders;
  for (int i = 0; i < kThreads; ++i) {
    senders.emplace_back([&harness] {
      for (int sent = 0; sent < kMessages;) {
        harness.OnLoop([&] { sent += harness.connection->Send(EncodeText("1")) ? 1 : 0; });
      }
    });
  }
  int received = 0;
  while (received < kThreads * kMessages && client.ReadFrame().payload == "1") ++received;
  EXPECT_EQ(received, kThreads * kMessages);
  for (std::thread& sender : senders) sender.join();
}

TEST(SocketTransportTest, StopsAcceptingAndServesOn) {
  Harness harness;
  WebSocketClient open(harness.port());
  EXPECT_EQ(open.Upgrade("/sub").status, 101);
  ASSERT_TRUE(harness.log.WaitFor("open"));
  harness.transport().StopAccepting();
  harness.transport().StopAccepting();
  EXPECT_FALSE(Client(harness.port()).connected());
  harness.OnLoop([&harness] { harness.connection->Send(EncodeText("still here")); });
  EXPECT_EQ(open.ReadFrame().payload, "still here");
}

TEST(SocketTransportTest, StoppingEndsEverything) {
  EventLog log;
  Harness harness(MakeScript(log));
  WebSocketClient web_socket(harness.port());
  EXPECT_EQ(web_socket.Upgrade("/sub").status, 101);
  Client stream(harness.port());
  stream.Send(HttpRequest("GET", "/stream"));
  stream.ReadUntil("hello\n\n");
  Client waiting(harness.port());
  waiting.Send(HttpRequest("GET", "/wait"));
  ASSERT_TRUE(log.WaitFor("waiting"));
  Client silent(harness.port());
  harness.transport().Stop();
  harness.transport().Stop();
  harness.transport().StopAccepting();
  for (Client* client : std::vector<Client*>{&web_socket, &stream, &waiting, &silent}) {
    EXPECT_TRUE(client->AtEnd());
  }
  EXPECT_THAT(harness.log.events(), ElementsAre("open", "closed", "destroyed"));
  EXPECT_THAT(log.events(), ElementsAre("open", "waiting", "closed", "destroyed"));
  harness.loop().Post([] { FAIL() << "the loop has stopped"; });
}

// Clients that have done all that makes event loops spin, and stay.
std::vector<std::unique_ptr<WebSocketClient>> AnnoyingClients(Harness& harness, EventLog& log) {
  std::vector<std::unique_ptr<WebSocketClient>> clients;
  const auto add = [&]() -> WebSocketClient& {
    clients.push_back(std::make_unique<WebSocketClient>(harness.port()));
    clients.back()->SetReceiveBuffer(4096);
    return *clients.back();
  };
  add();                   // says nothing
  add().Send("GET / HT");  // stops in the middle
  add().Send(HttpRequest("POST", "/", "Content-Length: 9\r\n") + "abc");
  add().Send("nonsense\r\n\r\n");                  // refused, does not close
  add().Send("GET /" + std::string(20'000, 'a'));  // refused, sends on
  add().Send(HttpRequest("GET", "/"));             // does not read its answer
  add().Send(HttpRequest("GET", "/wait") + HttpRequest("GET", "/"));
  WebSocketClient& half_closed = add();  // still wants its answer
  half_closed.Send(HttpRequest("GET", "/wait"));
  half_closed.CloseSending();
  EXPECT_TRUE(log.WaitFor("waiting", 2));
  WebSocketClient& stream = add();  // talks on a stream that has no input
  stream.Send(HttpRequest("GET", "/stream") + "chatter");
  stream.ReadUntil("hello\n\n");
  WebSocketClient& broken = add();  // gets a close frame, does not answer
  EXPECT_EQ(broken.Upgrade("/sub").status, 101);
  broken.Send(MaskedFrame(3, "bad") + MaskedFrame(kText, "more"));
  WebSocketClient& half_frame = add();
  EXPECT_EQ(half_frame.Upgrade("/sub").status, 101);
  half_frame.Send(MaskedFrame(kText, std::string(100, 'x')).substr(0, 50));
  WebSocketClient& behind = add();  // reads nothing, and sends
  EXPECT_EQ(behind.Upgrade("/sub").status, 101);
  EXPECT_TRUE(harness.log.WaitFor("open", 3));
  harness.OnLoop([&harness] { harness.connection->Send(EncodeText(std::string(300'000, 'x'))); });
  for (int i = 0; i < 20; ++i) behind.SendFrame(kPing, "are you there");
  return clients;
}

TEST(SocketTransportTest, AnnoyingClientsCostNoCpu) {
  EventLog log;
  Harness harness(MakeScript(log));
  const auto clients = AnnoyingClients(harness, log);
  const absl::Duration before = ProcessCpuTime();
  EXPECT_TRUE(clients[0]->SilentFor(absl::Seconds(1)));
  EXPECT_LT(ProcessCpuTime() - before, absl::Milliseconds(100));
  EXPECT_EQ(Get(harness.port()).status, 200);
}

TEST(SocketTransportTest, RecoversWhenDescriptorsRunOut) {
  Harness harness;
  Client before_all(harness.port());
  before_all.Send(HttpRequest("GET", "/"));
  EXPECT_EQ(before_all.ReadAnswer().status, 200);
  auto exhausted = std::make_unique<DescriptorsInUse>(/*limit=*/200, /*left=*/1);
  Client client(harness.port());
  ASSERT_TRUE(client.connected());
  client.Send(HttpRequest("GET", "/"));
  const absl::Duration before = ProcessCpuTime();
  EXPECT_TRUE(client.SilentFor(absl::Milliseconds(500)));
  EXPECT_LT(ProcessCpuTime() - before, absl::Milliseconds(100));
  exhausted.reset();
  EXPECT_EQ(client.ReadAnswer().status, 200);
}

TEST(SocketTransportTest, TurnsClientsAwayWhileFewDescriptorsAreLeft) {
  Harness harness;
  auto few = std::make_unique<DescriptorsInUse>(/*limit=*/200, /*left=*/30);
  Client turned_away(harness.port());
  turned_away.Send(HttpRequest("GET", "/"));
  EXPECT_TRUE(turned_away.AtEnd());
  few.reset();
  EXPECT_EQ(Get(harness.port()).status, 200);
}

TEST(SocketTransportTest, SaysForHowManyStreamsDescriptorsAreLeft) {
  const DescriptorsInUse few(/*limit=*/200, /*left=*/100);
  EXPECT_EQ(EndOfDescriptors(/*spare=*/1'500), 150);
  EXPECT_EQ(StreamsThatFit(/*spare=*/1'500, /*each=*/1), 113);
  EXPECT_EQ(StreamsThatFit(/*spare=*/1'500, /*each=*/3), 37);
  EXPECT_EQ(SocketTransport::MakeRoom(/*streams=*/100, /*with_tls=*/false), 100);
  EXPECT_LT(SocketTransport::MakeRoom(int64_t{1} << 60, /*with_tls=*/true), int64_t{1} << 31);
}

// One client of each kind, all gone when it returns.
void ComeAndGo(Harness& harness, EventLog& log) {
  WebSocketClient web_socket(harness.port());
  Client stream(harness.port());
  EXPECT_EQ(web_socket.Upgrade("/sub").status, 101);
  stream.Send(HttpRequest("GET", "/stream"));
  stream.ReadUntil("hello\n\n");
  EXPECT_EQ(Get(harness.port()).status, 200);
  web_socket.CloseWithReset();
  stream.Close();
  EXPECT_TRUE(log.WaitFor("destroyed"));
  EXPECT_TRUE(harness.log.WaitFor("destroyed"));
  log.Clear();
  harness.log.Clear();
}

TEST(SocketTransportTest, ThousandsOfConnectionsLeaveNothingBehind) {
  constexpr int kRounds = 1'500;
  CountAllOfTheHeap();
  EventLog log;
  Harness harness(MakeScript(log));
  for (int i = 0; i < kRounds; ++i) ComeAndGo(harness, log);
  const int64_t before = LiveHeap();
  for (int i = 0; i < kRounds; ++i) ComeAndGo(harness, log);
  // A single object lost for each connection would be more.
  EXPECT_LT(LiveHeap() - before, kRounds * 16);
}

TEST(SocketTransportTest, AStormOfConnectionsLeavesRoomForOthers) {
  Harness harness;
  WebSocketClient watcher(harness.port());
  EXPECT_EQ(watcher.Upgrade("/sub").status, 101);
  std::atomic<bool> stop = false;
  std::vector<std::thread> storm;
  for (int i = 0; i < 2; ++i) {
    storm.emplace_back([&] {
      while (!stop) Client(harness.port()).Send(HttpRequest("GET", "/"));
    });
  }
  for (int i = 0; i < 50; ++i) {
    watcher.SendFrame(kPing, "1");
    EXPECT_EQ(watcher.ReadFrame().opcode, kPong);
  }
  stop = true;
  for (std::thread& thread : storm) thread.join();
}

}  // namespace
}  // namespace livecounter::gateway::net
