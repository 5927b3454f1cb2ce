#include "gateway/gateway.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gateway/net/testing/client.h"
#include "gateway/testing/fake_catalog.h"
#include "gateway/testing/fake_counter_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"

namespace livecounter::gateway {
namespace {

using net::Answer;
using net::Client;
using net::Frame;
using net::HttpRequest;
using net::WebSocketClient;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr char kSub[] = "/sub?key=open&urlId=page&pId=me";

// A gateway on real sockets, with a counter service that the test plays.
class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest() {
    Product product;
    product.name = "accounts/a/products/open";
    product.allowed_origins = {"*"};
    catalog_.Add("open", product);
    catalog_.SetPublic("open");
    options_.listen = {.host = "127.0.0.1", .port = 0};
    options_.threads = 2;
    options_.drain = absl::ZeroDuration();
  }

  void Start() {
    auto gateway =
        Gateway::Start(options_, {client_, catalog_, metrics_, logger_, clock_, random_});
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
    client_.TakeSent();  // the canary's watch
    port_ = runtime::ParseListenAddress(gateway_->address())->port;
  }

  // Tells all loops about "page" and "2", so that whatever is asked of them is answered.
  void TellNumbers() {
    LoopNews news;
    for (const char* id : {"page", "2"}) {
      Change change;
      change.counter = {"accounts/a/products/open", id};
      change.version = {1, 1};
      change.hits = 26;
      change.present = 3;
      news.changes.push_back(change);
    }
    client_.Tell(news);
  }

  void AwaitWatches(size_t count) {
    for (size_t seen = 0; seen < count;) {
      for (const LoopCommands& commands : client_.TakeSent()) seen += commands.watch.size();
      std::this_thread::yield();
    }
  }

  Gateway::Options options_;
  FakeCounterClient client_;
  FakeCatalog catalog_;
  prometheus::Registry registry_;
  observability::GatewayMetrics metrics_{registry_};
  observability::Logger logger_{{.minimum = observability::LogLevel::kError}};
  runtime::FakeClock clock_{absl::Now()};
  runtime::SeededRandom random_{1};
  std::unique_ptr<Gateway> gateway_;
  int port_ = 0;
};

TEST_F(GatewayTest, ServesRequestsStreamsAndSockets) {
  Start();
  Client get(port_);
  get.Send(HttpRequest("GET", "/counters/2/"));
  AwaitWatches(1);
  TellNumbers();
  const Answer answer = get.ReadAnswer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "26\n");

  Client stream(port_);
  stream.Send(HttpRequest("GET", kSub, "Accept: text/event-stream\r\n"));
  AwaitWatches(1);
  TellNumbers();
  EXPECT_THAT(stream.ReadUntil("data: 3\n\n"), HasSubstr("event: message\nid: 1-1\ndata: 3\n\n"));

  WebSocketClient socket(port_);
  EXPECT_EQ(socket.Upgrade(kSub).status, 101);
  TellNumbers();
  EXPECT_EQ(socket.ReadFrame().payload, "3");
}

TEST_F(GatewayTest, AnAddressThatCannotBeHadIsNamed) {
  options_.listen = {.host = "192.0.2.1", .port = 0};
  const auto gateway =
      Gateway::Start(options_, {client_, catalog_, metrics_, logger_, clock_, random_});
  ASSERT_FALSE(gateway.ok());
  EXPECT_THAT(std::string(gateway.status().message()), HasSubstr("192.0.2.1"));
}

TEST_F(GatewayTest, IsReadyOnceItHasReachedTheCounterService) {
  Start();
  EXPECT_THAT(std::string(gateway_->Ready().message()), HasSubstr("not been reached yet"));
  client_.SetConnected(true, absl::InfiniteFuture());
  EXPECT_TRUE(gateway_->Ready().ok());
}

TEST_F(GatewayTest, StaysReadyFor30sWithoutTheCounterService) {
  Start();
  client_.SetConnected(true, clock_.Now());
  clock_.Advance(absl::Seconds(30));
  EXPECT_TRUE(gateway_->Ready().ok()) << gateway_->Ready();
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_THAT(std::string(gateway_->Ready().message()), HasSubstr("out of reach"));
  client_.SetConnected(true, absl::InfiniteFuture());
  EXPECT_TRUE(gateway_->Ready().ok());
}

TEST_F(GatewayTest, DrainsWithHintsAndDetaches) {
  Start();
  client_.SetConnected(true, absl::InfiniteFuture());
  WebSocketClient socket(port_);
  ASSERT_EQ(socket.Upgrade(kSub).status, 101);
  Client stream(port_);
  stream.Send(HttpRequest("GET", kSub, "Accept: text/event-stream\r\n"));
  ASSERT_THAT(stream.ReadUntil("\n\n"), HasSubstr("200 OK"));

  std::thread drain([this] { gateway_->Drain(clock_.Now() + absl::Seconds(30)); });
  const Frame close = socket.ReadFrame();
  EXPECT_EQ(close.opcode, net::kCloseOpcode);
  EXPECT_EQ(close.code(), 1001);
  EXPECT_THAT(close.text(), StartsWith("retry="));
  EXPECT_THAT(std::string(gateway_->Ready().message()), HasSubstr("draining"));
  socket.SendCloseFrame(1001);
  EXPECT_THAT(stream.ReadToEnd(), HasSubstr("retry: "));
  stream.Close();
  socket.Close();
  drain.join();
  EXPECT_THAT(client_.detached(),
              ElementsAre(Pair(absl::Seconds(10), Le(absl::Now() + Gateway::kDetachPatience))));
  EXPECT_EQ(metrics_.connections(observability::Transport::kWebSocket).Value(), 0);
  EXPECT_EQ(metrics_.connections(observability::Transport::kSse).Value(), 0);
}

TEST_F(GatewayTest, WhileDrainingNewOnesAreToldToComeBack) {
  options_.drain = absl::Seconds(20);
  Start();
  // Two streams on one loop: the drain lasts at least until half of it has passed, or both are gone.
  std::vector<std::unique_ptr<WebSocketClient>> sockets;
  for (int i = 0; i < 8; ++i) {
    sockets.push_back(std::make_unique<WebSocketClient>(port_));
    ASSERT_EQ(sockets.back()->Upgrade(kSub).status, 101);
  }
  std::thread drain([this] { gateway_->Drain(clock_.Now() + absl::Seconds(30)); });
  while (!absl::StrContains(gateway_->Ready().message(), "draining")) std::this_thread::yield();

  WebSocketClient refused(port_);
  const Answer answer = refused.Upgrade(kSub);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.count("retry-after"), 1u);
  Client stream(port_);
  stream.Send(HttpRequest("GET", kSub, "Accept: text/event-stream\r\n"));
  const Answer retry = stream.ReadAnswer();
  EXPECT_EQ(retry.status, 200);
  EXPECT_THAT(retry.body, StartsWith("retry: "));
  sockets.clear();
  drain.join();
}

}  // namespace
}  // namespace livecounter::gateway
