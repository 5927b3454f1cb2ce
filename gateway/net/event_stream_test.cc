#include "gateway/net/event_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/net/testing/client.h"
#include "gateway/net/testing/harness.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::ElementsAre;

constexpr char kOpening[] = ": hello\n\n";

uint16_t PortOf(int fd, int (*get_name)(int, sockaddr*, socklen_t*)) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  return get_name(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 ? address.sin_port : 0;
}

// The server's end of a client's connection: it is in this process too. -1: there is none.
int ServersEnd(const Client& client) {
  constexpr int kHighest = 1024;
  for (int fd = 0; fd < kHighest; ++fd) {
    if (PortOf(fd, getpeername) == PortOf(client.fd(), getsockname)) return fd;
  }
  return -1;
}

// A transport that turns every request into an event stream.
class EventStreamTest : public testing::Test {
 protected:
  void Serve(StreamActions actions = {}, const SocketTransport::Options& options = {}) {
    actions_ = std::move(actions);
    Script script;
    script.on_request = [this](std::unique_ptr<Exchange> exchange) {
      StreamActions actions = actions_;
      actions.on_open = [this, on_open = actions_.on_open](Connection& connection) {
        connection_ = &connection;
        if (on_open) on_open(connection);
      };
      exchange->StartEventStream({{"cache-control", "no-store"}}, kOpening,
                                 std::make_unique<RecordingStream>(log_, std::move(actions)));
    };
    harness_ = std::make_unique<Harness>(std::move(script), options);
  }

  // A client whose stream is open, its head read.
  std::unique_ptr<Client> Open(absl::string_view request = HttpRequest("GET", "/")) {
    auto client = std::make_unique<Client>(harness_->port());
    client->SetReceiveBuffer(4096);
    client->Send(request);
    head_ = ParseAnswerHead(client->ReadUntil("\r\n\r\n"));
    EXPECT_EQ(client->ReadUntil("\n\n"), kOpening);
    EXPECT_TRUE(log_.WaitFor("open"));
    return client;
  }

  // Sends numbered events until one is turned away; how many were taken.
  int FillUp() {
    int taken = 0;
    harness_->OnLoop([this, &taken] {
      while (connection_->Send(Event(taken))) ++taken;
    });
    return taken;
  }

  static std::string Event(int number) {
    return absl::StrCat("data: ", number, std::string(100, '.'), "\n\n");
  }

  EventLog log_;
  StreamActions actions_;
  Connection* connection_ = nullptr;  // the loop's
  Answer head_;
  std::unique_ptr<Harness> harness_;
};

TEST_F(EventStreamTest, EndsWithTheConnection) {
  Serve();
  const std::unique_ptr<Client> client = Open();
  EXPECT_EQ(head_.status, 200);
  EXPECT_EQ(head_.headers.at("content-type"), "text/event-stream");
  EXPECT_EQ(head_.headers.at("cache-control"), "no-store");
  EXPECT_EQ(head_.headers.at("connection"), "close");
  harness_->OnLoop([this] {
    EXPECT_EQ(connection_->kind(), Connection::Kind::kEventStream);
    EXPECT_TRUE(connection_->Send("data: 1\n\n"));
    connection_->Ping();
    connection_->Close({});
    connection_->Close({});
    EXPECT_FALSE(connection_->Send("data: 2\n\n"));
  });
  EXPECT_EQ(client->ReadToEnd(), "data: 1\n\n");
  ASSERT_TRUE(log_.WaitFor("destroyed"));
  EXPECT_THAT(log_.events(), ElementsAre("open", "closed", "destroyed"));
}

TEST_F(EventStreamTest, HeadGetsTheHeadAlone) {
  Serve();
  Client client(harness_->port());
  client.Send(HttpRequest("HEAD", "/"));
  EXPECT_EQ(client.ReadAnswer(/*is_head=*/true).headers.at("content-type"), "text/event-stream");
  EXPECT_TRUE(client.AtEnd());
  ASSERT_TRUE(log_.WaitFor("destroyed"));
  EXPECT_THAT(log_.events(), ElementsAre("destroyed"));
}

TEST_F(EventStreamTest, AClientThatGoesClosesIt) {
  Serve();
  Open()->Close();
  EXPECT_TRUE(log_.WaitFor("closed", 1));
  Open()->CloseWithReset();
  EXPECT_TRUE(log_.WaitFor("closed", 2));
}

TEST_F(EventStreamTest, InputIsDroppedUpToALimit) {
  Serve();
  const std::unique_ptr<Client> client = Open(HttpRequest("GET", "/a") + HttpRequest("GET", "/b"));
  harness_->OnLoop([this] { EXPECT_TRUE(connection_->Send("data: 1\n\n")); });
  EXPECT_EQ(client->ReadUntil("\n\n"), "data: 1\n\n");
  for (int i = 0; i < 5; ++i) client->Send(std::string(1'000, 'x'));
  EXPECT_TRUE(log_.WaitFor("closed"));
}

TEST_F(EventStreamTest, ASlowReaderIsToldWhenItCanBeWrittenAgain) {
  Serve();
  const std::unique_ptr<Client> client = Open();
  const int taken = FillUp();
  ASSERT_GT(taken, 0);
  harness_->OnLoop([this] { EXPECT_FALSE(connection_->Send("data: old\n\n")); });
  for (int i = 0; i < taken; ++i) EXPECT_EQ(client->ReadUntil("\n\n"), Event(i));
  ASSERT_TRUE(log_.WaitFor("writable"));
  harness_->OnLoop([this] { EXPECT_TRUE(connection_->Send("data: new\n\n")); });
  EXPECT_EQ(client->ReadUntil("\n\n"), "data: new\n\n");
  EXPECT_EQ(log_.Count("writable"), 1);
}

TEST_F(EventStreamTest, ASlowReaderHoldsFewStaleFrames) {
  Serve();
  const std::unique_ptr<Client> client = Open();
  EXPECT_LT(FillUp() * Event(0).size(), 100'000);
}

TEST_F(EventStreamTest, NewestValueWrittenWhenWritableIsWhatASlowReaderGets) {
  Serve({.on_writable = [](Connection& connection) { connection.Send("data: newest\n\n"); }});
  const std::unique_ptr<Client> client = Open();
  FillUp();
  std::string last;
  while (!absl::StrContains(last, "newest")) last = client->ReadUntil("\n\n");
  EXPECT_EQ(last, "data: newest\n\n");
}

TEST_F(EventStreamTest, ClosingWaitsForWhatIsUnderWay) {
  Serve();
  const std::unique_ptr<Client> client = Open();
  const int taken = FillUp();
  harness_->OnLoop([this] { connection_->Close({}); });
  std::string expected;
  for (int i = 0; i < taken; ++i) expected += Event(i);
  EXPECT_EQ(client->ReadToEnd(), expected);
  EXPECT_TRUE(log_.WaitFor("closed"));
}

TEST_F(EventStreamTest, TheLastEventComesBehindWhatIsUnderWay) {
  for (const bool is_behind : {false, true}) {
    Serve();
    const std::unique_ptr<Client> client = Open();
    const int taken = is_behind ? FillUp() : 0;
    harness_->OnLoop([this] { connection_->Close({1001, "retry=5", "retry: 5\n\n"}); });
    std::string expected;
    for (int i = 0; i < taken; ++i) expected += Event(i);
    EXPECT_EQ(client->ReadToEnd(), expected + "retry: 5\n\n");
  }
}

unsigned int KernelsTimeout(const Client& client) {
  unsigned int milliseconds = 0;
  socklen_t size = sizeof(milliseconds);
  EXPECT_EQ(getsockopt(ServersEnd(client), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, &size), 0);
  return milliseconds;
}

TEST_F(EventStreamTest, AClientThatAcknowledgesNothingIsDroppedAfter15s) {
  Serve();
  const std::unique_ptr<Client> client = Open();
  EXPECT_EQ(KernelsTimeout(*client), 15'000u);
}

TEST_F(EventStreamTest, TheKernelDoesNotEndAReaderThatStalls) {
  Serve();
  const std::unique_ptr<Client> client = Open();
  const int taken = FillUp();
  EXPECT_EQ(KernelsTimeout(*client), 0u);
  for (int i = 0; i < taken; ++i) client->ReadUntil("\n\n");
  ASSERT_TRUE(log_.WaitFor("writable"));
  EXPECT_EQ(KernelsTimeout(*client), 15'000u);
}

TEST_F(EventStreamTest, AReaderThatStallsStaysLongerThanOneThatIsGone) {
  SocketTransport::Options options;
  options.limits.unacknowledged = absl::Milliseconds(300);
  options.limits.unwritable = absl::Seconds(3);
  const auto send_on = [](Connection& connection) {
    while (connection.Send(Event(0))) {
    }
  };
  Serve({.on_open = send_on, .on_writable = send_on}, options);
  const std::unique_ptr<Client> client = Open();
  EXPECT_FALSE(log_.WaitFor("closed", 1, absl::Milliseconds(1500)));
  EXPECT_TRUE(log_.WaitFor("closed"));
}

TEST_F(EventStreamTest, AsksWhetherTheClientIsThereWhereToldTo) {
  SocketTransport::Options options;
  options.limits.probe = absl::Seconds(25);
  Serve({}, options);
  const std::unique_ptr<Client> client = Open();
  int on = 0;
  int seconds = 0;
  socklen_t size = sizeof(on);
  ASSERT_EQ(getsockopt(ServersEnd(*client), SOL_SOCKET, SO_KEEPALIVE, &on, &size), 0);
  ASSERT_EQ(getsockopt(ServersEnd(*client), IPPROTO_TCP, TCP_KEEPIDLE, &seconds, &size), 0);
  EXPECT_EQ(on, 1);
  EXPECT_EQ(seconds, 25);
}

TEST_F(EventStreamTest, AReaderThatStaysBehindIsDropped) {
  SocketTransport::Options options;
  options.limits.unwritable = absl::Milliseconds(10);
  const auto send_on = [](Connection& connection) {
    while (connection.Send(Event(0))) {
    }
  };
  Serve({.on_open = send_on, .on_writable = send_on}, options);
  const std::unique_ptr<Client> client = Open();
  EXPECT_TRUE(log_.WaitFor("closed"));
}

TEST_F(EventStreamTest, MayBeClosedFromItsOwnCallbacks) {
  Serve({.on_open = [](Connection& connection) { connection.Close({}); },
         .on_closed =
             [](Connection& connection) {
               EXPECT_FALSE(connection.Send("data: 1\n\n"));
               connection.Close({});
             }});
  EXPECT_EQ(Open()->ReadToEnd(), "");
  EXPECT_TRUE(log_.WaitFor("destroyed"));
}

TEST_F(EventStreamTest, TheTransportsEndIsItsEnd) {
  Serve();
  const std::unique_ptr<Client> client = Open();
  harness_->transport().Stop();
  EXPECT_THAT(log_.events(), ElementsAre("open", "closed", "destroyed"));
  EXPECT_TRUE(client->AtEnd());
}

}  // namespace
}  // namespace livecounter::gateway::net
