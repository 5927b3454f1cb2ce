#include "gateway/net/web_socket.h"

#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gateway/net/frame.h"
#include "gateway/net/testing/client.h"
#include "gateway/net/testing/harness.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;

class WebSocketTest : public testing::Test {
 protected:
  void Serve(StreamActions actions = {}, SocketTransport::Options options = {}) {
    harness_ = std::make_unique<Harness>(Script{}, options);
    harness_->stream = std::move(actions);
  }

  // A client whose WebSocket is open; it takes little that it does not read.
  std::unique_ptr<WebSocketClient> Open() {
    auto client = std::make_unique<WebSocketClient>(harness_->port());
    client->SetReceiveBuffer(4096);
    const Answer answer = client->Upgrade("/sub");
    EXPECT_EQ(answer.status, 101);
    EXPECT_EQ(answer.headers.at("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(answer.headers.count("sec-websocket-protocol"), 0);
    EXPECT_TRUE(log().WaitFor("open"));
    return client;
  }

  EventLog& log() { return harness_->log; }
  void OnLoop(const std::function<void(Connection&)>& task) {
    harness_->OnLoop([this, &task] { task(*harness_->connection); });
  }

  static std::string Text(int number) { return absl::StrCat(number, std::string(100, '.')); }

  // Sends numbered messages until one is turned away; how many were taken.
  int FillUp() {
    int taken = 0;
    OnLoop([&taken](Connection& connection) {
      while (connection.Send(EncodeText(Text(taken)))) ++taken;
    });
    return taken;
  }

  static void ExpectTexts(WebSocketClient& client, int count) {
    for (int i = 0; i < count; ++i) {
      const Frame frame = client.ReadFrame();
      ASSERT_EQ(frame.opcode, kText) << i;
      ASSERT_EQ(frame.payload, Text(i));
    }
  }

  std::unique_ptr<Harness> harness_;
};

TEST_F(WebSocketTest, SendsFramesFromTheMomentItIsOpen) {
  Serve({.on_open = [](Connection& connection) {
    EXPECT_EQ(connection.kind(), Connection::Kind::kWebSocket);
    EXPECT_TRUE(connection.Send(EncodeText("1")));
    EXPECT_TRUE(connection.Send(EncodeText(std::string(200, 'x'))));
  }});
  const auto client = Open();
  EXPECT_EQ(client->ReadFrame().payload, "1");
  EXPECT_EQ(client->ReadFrame().payload, std::string(200, 'x'));
}

TEST_F(WebSocketTest, TheFirstFrameComesInOnePieceWithTheAnswer) {
  Serve({.on_open = [](Connection& connection) { connection.Send(EncodeText("1")); }});
  Client client(harness_->port());
  client.Send(UpgradeRequest("/sub"));
  std::array<char, 1024> bytes;
  const ssize_t size = recv(client.fd(), bytes.data(), bytes.size(), 0);
  ASSERT_GT(size, 0);
  EXPECT_THAT(std::string(bytes.data(), static_cast<size_t>(size)),
              EndsWith(absl::StrCat("\r\n\r\n", EncodeText("1"))));
}

TEST_F(WebSocketTest, IsRefusedWithAWholeResponse) {
  Script script;
  script.on_upgrade = [](const Request& request) -> Decision {
    EXPECT_EQ(request.path, "/sub");
    EXPECT_EQ(request.header("origin"), absl::string_view("https://example.com"));
    return Response{403, {{"content-type", "text/plain"}}, "not from there\n"};
  };
  Harness harness(std::move(script));
  WebSocketClient client(harness.port());
  const Answer answer = client.Upgrade("/sub?key=demo", "Origin: https://example.com\r\n");
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, "not from there\n");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(WebSocketTest, AClientThatGoesBeforeItsAnswerHasNotOpenedAStream) {
  EventLog log;
  std::unique_ptr<WebSocketClient> client;
  Script script;
  script.on_upgrade = [&log, &client](const Request&) -> Decision {
    client->CloseWithReset();
    return std::make_unique<RecordingStream>(log);
  };
  Harness harness(std::move(script));
  client = std::make_unique<WebSocketClient>(harness.port());
  client->Send(UpgradeRequest("/sub"));
  EXPECT_TRUE(log.WaitFor("destroyed"));
  EXPECT_THAT(log.events(), ElementsAre("destroyed"));
}

TEST_F(WebSocketTest, BrokenHandshakesAreRefusedWithAReason) {
  Serve();
  Client client(harness_->port());
  client.Send(HttpRequest("GET", "/sub",
                          "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Version: 8\r\n"));
  const Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, 426);
  EXPECT_EQ(answer.headers.at("sec-websocket-version"), "13");
  EXPECT_EQ(answer.headers.at("connection"), "upgrade, close");
  EXPECT_THAT(log().events(), ElementsAre());
}

TEST_F(WebSocketTest, ReadsFramesThatCameWithTheHandshake) {
  Serve();
  WebSocketClient client(harness_->port());
  client.Send(UpgradeRequest("/sub") + MaskedFrame(kText, "early") + MaskedFrame(kText, "bird"));
  EXPECT_EQ(client.ReadAnswer().status, 101);
  EXPECT_TRUE(log().WaitFor("message early"));
  EXPECT_TRUE(log().WaitFor("message bird"));
}

TEST_F(WebSocketTest, HandsOnMessagesInPieces) {
  Serve();
  const auto client = Open();
  client->SendFrame(kText, "");
  client->SendFrame(kBinary, "whole");
  client->SendFrame(kText, "one ", /*is_final=*/false);
  client->SendFrame(kPing, "between");
  client->SendFrame(kContinuation, "two");
  ASSERT_TRUE(log().WaitFor("message two"));
  EXPECT_THAT(log().events(),
              ElementsAre("open", "message ", "message whole", "part one ", "message two"));
  EXPECT_EQ(client->ReadFrame().opcode, kPong);
}

TEST_F(WebSocketTest, LongMessagesComeInPiecesOf4KiBAtMost) {
  size_t received = 0;  // the loop's
  Serve({.on_message = [&received](Connection& connection, absl::string_view payload) {
    EXPECT_LE(payload.size(), 4096);
    received += payload.size();
    if (received == 60'000) connection.Send(EncodeText("all"));
  }});
  const auto client = Open();
  client->SendFrame(kText, std::string(60'000, 'x'));
  EXPECT_EQ(client->ReadFrame().payload, "all");
  harness_->transport().Stop();
}

TEST_F(WebSocketTest, TheClientsOwnCloseCodeIsTold) {
  Serve();
  for (uint16_t code : {1000, 1001, 3000, 4999}) {
    const auto client = Open();
    client->SendCloseFrame(code, "bye");
    EXPECT_EQ(client->ReadFrame().code(), code);
    EXPECT_TRUE(client->AtEnd());
    EXPECT_TRUE(log().WaitFor(absl::StrCat("closed ", code)));
  }
}

TEST_F(WebSocketTest, ACloseFrameWithoutACodeIs1005) {
  Serve();
  const auto client = Open();
  client->SendFrame(kCloseOpcode, "");
  const Frame frame = client->ReadFrame();
  EXPECT_EQ(frame.opcode, kCloseOpcode);
  EXPECT_EQ(frame.payload, "");
  EXPECT_TRUE(log().WaitFor("closed 1005"));
}

TEST_F(WebSocketTest, ALostClientHasNoCode) {
  Serve();
  Open()->Close();
  EXPECT_TRUE(log().WaitFor("closed", 1));
  Open()->CloseWithReset();
  EXPECT_TRUE(log().WaitFor("closed", 2));
  const auto half_closed = Open();
  half_closed->CloseSending();
  EXPECT_TRUE(log().WaitFor("closed", 3));
}

TEST_F(WebSocketTest, ClosesWithCodeAndReason) {
  Serve();
  const auto client = Open();
  OnLoop([](Connection& connection) {
    connection.Send(EncodeText("last"));
    connection.Close({1001, "retry=1500"});
    connection.Close({1000, "again"});
    EXPECT_FALSE(connection.Send(EncodeText("late")));
    connection.Ping();
  });
  EXPECT_EQ(client->ReadFrame().payload, "last");
  const Frame frame = client->ReadFrame();
  EXPECT_EQ(frame.opcode, kCloseOpcode);
  EXPECT_EQ(frame.code(), 1001);
  EXPECT_EQ(frame.text(), "retry=1500");
  client->SendFrame(kText, "ignored");
  client->SendCloseFrame(1001);
  EXPECT_TRUE(client->AtEnd());
  ASSERT_TRUE(log().WaitFor("destroyed"));
  EXPECT_THAT(log().events(), ElementsAre("open", "closed", "destroyed"));
}

TEST_F(WebSocketTest, AClientThatDoesNotAnswerACloseIsDropped) {
  SocketTransport::Options options;
  options.limits.close = absl::Milliseconds(10);
  Serve({}, options);
  const auto client = Open();
  OnLoop([](Connection& connection) { connection.Close({1001, ""}); });
  EXPECT_EQ(client->ReadFrame().code(), 1001);
  EXPECT_TRUE(client->AtEnd());
  EXPECT_TRUE(log().WaitFor("closed"));
}

TEST_F(WebSocketTest, MayBeClosedFromItsOwnCallbacks) {
  Serve({.on_open =
             [](Connection& connection) {
               connection.Close({1013, ""});
             },
         .on_closed =
             [](Connection& connection) {
               EXPECT_FALSE(connection.Send(EncodeText("1")));
               connection.Close({1000, ""});
             }});
  const auto client = Open();
  EXPECT_EQ(client->ReadFrame().code(), 1013);
  client->SendCloseFrame(1013);
  EXPECT_TRUE(client->AtEnd());
  EXPECT_TRUE(log().WaitFor("destroyed"));
}

TEST_F(WebSocketTest, NothingIsHandedOnAfterClosing) {
  Serve({.on_message = [](Connection& connection, absl::string_view /*payload*/) {
    connection.Close({1009, "too much"});
  }});
  const auto client = Open();
  client->Send(MaskedFrame(kText, "one") + MaskedFrame(kText, "two"));
  EXPECT_EQ(client->ReadFrame().code(), 1009);
  client->SendCloseFrame(1009);
  ASSERT_TRUE(log().WaitFor("destroyed"));
  EXPECT_THAT(log().events(), ElementsAre("open", "message one", "closed", "destroyed"));
}

TEST_F(WebSocketTest, AClientThatPongsStays) {
  SocketTransport::Options options;
  options.limits.pong = absl::Milliseconds(300);
  Serve({}, options);
  const auto client = Open();
  OnLoop([](Connection& connection) { connection.Ping(); });
  const Frame ping = client->ReadFrame();
  EXPECT_EQ(ping.opcode, kPing);
  client->SendFrame(kPong, ping.payload);
  EXPECT_TRUE(client->SilentFor(absl::Milliseconds(900)));
  OnLoop([](Connection& connection) { EXPECT_TRUE(connection.Send(EncodeText("1"))); });
  EXPECT_EQ(client->ReadFrame().payload, "1");
}

TEST_F(WebSocketTest, AClientThatDoesNotPongIsDropped) {
  SocketTransport::Options options;
  options.limits.pong = absl::Milliseconds(10);
  Serve({}, options);
  const auto client = Open();
  OnLoop([](Connection& connection) { connection.Ping(); });
  EXPECT_EQ(client->ReadFrame().opcode, kPing);
  client->SendFrame(kText, "alive, but no pong");
  EXPECT_TRUE(client->AtEnd());
  EXPECT_TRUE(log().WaitFor("closed"));
}

TEST_F(WebSocketTest, AClientsPingIsAnswered) {
  Serve();
  const auto client = Open();
  client->SendFrame(kPing, "are you there");
  const Frame pong = client->ReadFrame();
  EXPECT_EQ(pong.opcode, kPong);
  EXPECT_EQ(pong.payload, "are you there");
}

TEST_F(WebSocketTest, ASlowReaderIsToldWhenItCanBeWrittenAgain) {
  Serve();
  const auto client = Open();
  const int taken = FillUp();
  ASSERT_GT(taken, 0);
  OnLoop([](Connection& connection) { EXPECT_FALSE(connection.Send(EncodeText("old"))); });
  ExpectTexts(*client, taken);
  ASSERT_TRUE(log().WaitFor("writable"));
  OnLoop([](Connection& connection) { EXPECT_TRUE(connection.Send(EncodeText("new"))); });
  EXPECT_EQ(client->ReadFrame().payload, "new");
  EXPECT_EQ(log().Count("writable"), 1);
}

TEST_F(WebSocketTest, ASlowReaderHoldsFewStaleFrames) {
  Serve();
  const auto client = Open();
  EXPECT_LT(FillUp() * Text(0).size(), 100'000);
}

TEST_F(WebSocketTest, AReaderThatStaysBehindIsDropped) {
  const auto send_on = [](Connection& connection) {
    while (connection.Send(EncodeText(Text(0)))) {
    }
  };
  SocketTransport::Options options;
  options.limits.unwritable = absl::Milliseconds(10);
  Serve({.on_open = send_on, .on_writable = send_on}, options);
  const auto client = Open();
  EXPECT_TRUE(log().WaitFor("closed"));
}

// Frames larger than what the kernel takes at once leave a rest, before which nothing may go.
class HalfTakenFrameTest : public WebSocketTest {
 protected:
  const std::string big_ = std::string(200'000, 'x');

  std::unique_ptr<WebSocketClient> OpenWithHalfAFrameSent(SocketTransport::Options options = {}) {
    Serve({}, options);
    auto client = Open();
    OnLoop([this](Connection& connection) {
      EXPECT_TRUE(connection.Send(EncodeText(big_)));
      EXPECT_FALSE(connection.Send(EncodeText("turned away")));
    });
    client->SetReceiveBuffer(1'000'000);
    return client;
  }
};

TEST_F(HalfTakenFrameTest, IsFinishedBeforeAnythingElse) {
  const auto client = OpenWithHalfAFrameSent();
  client->SendFrame(kPing, "impatient");
  OnLoop([](Connection& connection) { connection.Ping(); });
  EXPECT_TRUE(client->ReadFrame().payload == big_);
  std::vector<int> opcodes = {client->ReadFrame().opcode, client->ReadFrame().opcode};
  EXPECT_THAT(opcodes, testing::UnorderedElementsAre(kPing, kPong));
  ASSERT_TRUE(log().WaitFor("writable"));
  OnLoop([](Connection& connection) { EXPECT_TRUE(connection.Send(EncodeText("next"))); });
  EXPECT_EQ(client->ReadFrame().payload, "next");
}

TEST_F(HalfTakenFrameTest, KeepsAPingWaitingAndItsDeadlineToo) {
  SocketTransport::Options options;
  options.limits.pong = absl::Milliseconds(300);
  const auto client = OpenWithHalfAFrameSent(options);
  OnLoop([](Connection& connection) { connection.Ping(); });
  EXPECT_FALSE(log().WaitFor("closed", 1, absl::Milliseconds(900)));
  EXPECT_TRUE(client->ReadFrame().payload == big_);
  const Frame ping = client->ReadFrame();
  EXPECT_EQ(ping.opcode, kPing);
  client->SendFrame(kPong, ping.payload);
  EXPECT_FALSE(log().WaitFor("closed", 1, absl::Milliseconds(900)));
}

TEST_F(HalfTakenFrameTest, IsFinishedBeforeTheCloseFrame) {
  const auto client = OpenWithHalfAFrameSent();
  OnLoop([](Connection& connection) { connection.Close({1001, ""}); });
  EXPECT_TRUE(client->ReadFrame().payload == big_);
  EXPECT_EQ(client->ReadFrame().code(), 1001);
  client->SendCloseFrame(1001);
  EXPECT_TRUE(client->AtEnd());
  EXPECT_TRUE(log().WaitFor("closed"));
}

TEST_F(HalfTakenFrameTest, DoesNotHideTheClientsCloseCode) {
  const auto client = OpenWithHalfAFrameSent();
  client->SendCloseFrame(1001);
  EXPECT_TRUE(client->ReadFrame().payload == big_);
  EXPECT_TRUE(log().WaitFor("closed 1001"));
}

TEST_F(HalfTakenFrameTest, GoesWithItsClient) {
  OpenWithHalfAFrameSent()->CloseWithReset();
  EXPECT_TRUE(log().WaitFor("closed"));
}

TEST_F(WebSocketTest, BreachesOfTheProtocolCloseIt) {
  SocketTransport::Options options;
  options.limits.close = absl::Milliseconds(500);
  Serve({}, options);
  const std::string kBreaches[] = {
      MaskedFrame(3, "reserved opcode"),
      MaskedFrame(kContinuation, "of nothing"),
      MaskedFrame(kPing, "in two", /*is_final=*/false),
      MaskedFrame(kPing, std::string(126, 'x')),
      std::string("\xf1\x80\x00\x00\x00\x00", 6),
  };
  size_t closed = 0;
  for (const std::string& breach : kBreaches) {
    const auto client = Open();
    client->Send(breach);
    const Frame frame = client->ReadFrame();
    EXPECT_TRUE(frame.opcode == -1 || frame.code() == 1002) << frame.opcode;
    client->SendCloseFrame(1002);
    EXPECT_TRUE(client->AtEnd()) << absl::CHexEscape(breach);
    ++closed;
    EXPECT_TRUE(log().WaitFor("destroyed", closed));
  }
}

TEST_F(WebSocketTest, AReasonThatIsNoUtf8IsClosedWith1007) {
  Serve();
  const std::pair<const char*, int> kReasons[] = {
      {"gr\xc3\xbc\xc3\x9f", 1000}, {"\xff", 1007}, {"cut \xc3", 1007}};
  for (const auto& [reason, code] : kReasons) {
    const auto client = Open();
    client->SendCloseFrame(1000, reason);
    EXPECT_EQ(client->ReadFrame().code(), code) << absl::CHexEscape(reason);
    EXPECT_TRUE(client->AtEnd());
  }
}

TEST_F(WebSocketTest, OneMayCloseAnotherFromItsCallbacks) {
  std::vector<Connection*> open;  // the loop's
  Serve({.on_open = [&open](Connection& connection) { open.push_back(&connection); },
         .on_closed =
             [&open](Connection& connection) {
               std::erase(open, &connection);
               for (Connection* other : open) other->Close({1000, ""});
             }});
  const auto first = Open();
  const auto second = Open();
  const auto third = Open();
  ASSERT_TRUE(log().WaitFor("open", 3));
  second->Close();
  EXPECT_EQ(first->ReadFrame().code(), 1000);
  EXPECT_EQ(third->ReadFrame().code(), 1000);
  harness_->transport().Stop();
}

TEST_F(WebSocketTest, TheTransportsEndIsItsEnd) {
  Serve();
  const auto client = Open();
  harness_->transport().Stop();
  EXPECT_THAT(log().events(), ElementsAre("open", "closed", "destroyed"));
  EXPECT_TRUE(client->AtEnd());
}

}  // namespace
}  // namespace livecounter::gateway::net
