#include "gateway/net/http_connection.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gateway/net/testing/client.h"
#include "gateway/net/testing/harness.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Keeps what it is asked, to be answered when the test says so. Its exchanges are the loop's.
struct Waiting {
  EventLog log;
  std::vector<std::unique_ptr<Exchange>> exchanges;

  Script MakeScript() {
    Script script;
    script.on_request = [this](std::unique_ptr<Exchange> exchange) {
      const std::string path = exchange->request().path;
      exchange->OnAbandoned([this, path] { log.Add("abandoned " + path); });
      exchanges.push_back(std::move(exchange));
      log.Add("asked " + path);
    };
    return script;
  }
};

Response Text(std::string body) { return {200, {}, std::move(body)}; }

TEST(HttpConnectionTest, KeepsAConnectionForManyRequests) {
  Harness harness;
  Client client(harness.port());
  for (const char* method : {"GET", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW"}) {
    client.Send(HttpRequest(method, "/counters/2/"));
    const Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, absl::StrCat(method, " /counters/2/"));
    EXPECT_EQ(answer.headers.count("connection"), 0);
    EXPECT_THAT(answer.headers.at("date"), EndsWith(" GMT"));
  }
}

// Answers with the body that came.
class KeptBodyTest : public testing::Test {
 protected:
  KeptBodyTest() {
    SocketTransport::Options options;
    options.limits.keeps_bodies = true;
    options.limits.body = 100'000;
    options.limits.connections = kConnections;
    Script script;
    script.on_request = [](std::unique_ptr<Exchange> exchange) {
      std::string body = exchange->request().body;
      exchange->Respond(Text(std::move(body)));
    };
    harness_ = std::make_unique<Harness>(std::move(script), options);
  }

  // More than one after the other take, of which the server may not have noticed the end.
  static constexpr int kConnections = 5;
  std::unique_ptr<Harness> harness_;
};

TEST_F(KeptBodyTest, GoesToTheHandler) {
  Client client(harness_->port());
  const std::string body(100'000, 'x');
  for (int i = 0; i < 2; ++i) {
    client.Send(HttpRequest("POST", "/", "Content-Length: 100000\r\n"));
    client.Send(body);
    EXPECT_EQ(client.ReadAnswer().body, body);
  }
  client.Send(HttpRequest("GET", "/"));
  EXPECT_EQ(client.ReadAnswer().body, "");
}

TEST_F(KeptBodyTest, MayComeInChunks) {
  Client client(harness_->port());
  const std::string head = HttpRequest("POST", "/", "Transfer-Encoding: chunked\r\n");
  client.Send(head + "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n" + head + "1\r\ne");
  EXPECT_EQ(client.ReadAnswer().body, "abcd");
  client.Send("\r\n0\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().body, "e");
}

TEST_F(KeptBodyTest, IsWaitedForWhereTheClientWaits) {
  Client client(harness_->port());
  client.Send(HttpRequest("POST", "/", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"));
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), HasSubstr("100 Continue"));
  client.Send("1\r\na\r\n0\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().body, "a");
}

TEST_F(KeptBodyTest, IsRefusedWhereItIsTooLargeOrNoBody) {
  const std::pair<const char*, int> kCases[] = {
      {"Content-Length: 100001\r\n\r\n", 413},
      {"Transfer-Encoding: chunked\r\n\r\n186a1\r\n", 413},
      {"Transfer-Encoding: chunked\r\n\r\nabc!\r\n", 400}};
  for (const auto& [request, status] : kCases) {
    Client client(harness_->port());
    client.Send(absl::StrCat("POST / HTTP/1.1\r\nHost: a\r\n", request));
    EXPECT_EQ(client.ReadAnswer().status, status) << request;
    EXPECT_TRUE(client.AtEnd());
  }
}

TEST_F(KeptBodyTest, MoreConnectionsThanThereMayBeAreClosed) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<Client>(harness_->port()));
    clients.back()->Send(HttpRequest("GET", "/"));
    EXPECT_EQ(clients.back()->ReadAnswer().status, 200);
  }
  EXPECT_TRUE(Client(harness_->port()).AtEnd());
  clients.front()->Send(HttpRequest("GET", "/"));
  EXPECT_EQ(clients.front()->ReadAnswer().status, 200);
}

TEST(HttpConnectionTest, ClosesWhenToldTo) {
  Harness harness;
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/", "Connection: close\r\n"));
  EXPECT_EQ(client.ReadAnswer().headers.at("connection"), "close");
  EXPECT_TRUE(client.AtEnd());
}

TEST(HttpConnectionTest, Http10ClosesUnlessAskedNotTo) {
  Harness harness;
  Client client(harness.port());
  client.Send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().headers.at("connection"), "keep-alive");
  client.Send("GET /b HTTP/1.0\r\n\r\n");
  const Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.body, "GET /b");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  EXPECT_TRUE(client.AtEnd());
}

TEST(HttpConnectionTest, HeadHasNoBody) {
  Harness harness;
  Client client(harness.port());
  client.Send(HttpRequest("HEAD", "/a") + HttpRequest("GET", "/b"));
  EXPECT_EQ(client.ReadAnswer(/*is_head=*/true).headers.at("content-length"), "7");
  EXPECT_EQ(client.ReadAnswer().body, "GET /b");
}

TEST(HttpConnectionTest, ARefusalAfterAHeadHasItsBody) {
  Harness harness;
  Client client(harness.port());
  client.Send(HttpRequest("HEAD", "/a"));
  client.ReadAnswer(/*is_head=*/true);
  client.Send(HttpRequest("GET", "/%zz"));
  EXPECT_THAT(client.ReadAnswer().body, HasSubstr("'%' at byte"));
}

TEST(HttpConnectionTest, TakesARequestByteByByte) {
  Harness harness;
  Client client(harness.port());
  for (char c : HttpRequest("POST", "/a", "Content-Length: 3\r\n") + "xyz") client.Send({&c, 1});
  EXPECT_EQ(client.ReadAnswer().body, "POST /a");
}

TEST(HttpConnectionTest, HandsOnQueryHeadersAndAddress) {
  Script script;
  script.on_request = [](std::unique_ptr<Exchange> exchange) {
    const Request& request = exchange->request();
    ASSERT_EQ(request.query.size(), 2u);
    EXPECT_EQ(*request.query[0].second, "a b");
    EXPECT_EQ(*request.query[1].second, "c");
    EXPECT_EQ(request.header("x-forwarded-for"), absl::string_view("192.0.2.1"));
    EXPECT_EQ(request.header("idempotency-key"), absl::string_view("k"));
    EXPECT_EQ(request.header("last-event-id"), absl::string_view("7-41"));
    EXPECT_EQ(request.peer_address, "127.0.0.1");
    exchange->Respond(Text("seen"));
  };
  Harness harness(std::move(script));
  Client client(harness.port());
  client.Send(HttpRequest("POST", "/sub?urlId=a%20b&urlId=c",
                          "X-Forwarded-For: 192.0.2.1\r\nIdempotency-Key: k\r\n"
                          "Last-Event-ID: 7-41\r\nContent-Length: 0\r\n"));
  EXPECT_EQ(client.ReadAnswer().body, "seen");
}

TEST(HttpConnectionTest, DropsBodiesUpTo1KiB) {
  Harness harness;
  Client client(harness.port());
  client.Send(HttpRequest("POST", "/a", "Content-Length: 1024\r\n") + std::string(1000, '\n'));
  client.Send(std::string(24, '\n') + HttpRequest("GET", "/b"));
  EXPECT_EQ(client.ReadAnswer().body, "POST /a");
  EXPECT_EQ(client.ReadAnswer().body, "GET /b");
}

TEST(HttpConnectionTest, TellsAClientToContinue) {
  Harness harness;
  Client client(harness.port());
  client.Send(HttpRequest("POST", "/a", "Content-Length: 3\r\nExpect: 100-continue\r\n"));
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("xyz");
  EXPECT_EQ(client.ReadAnswer().body, "POST /a");
}

TEST(HttpConnectionTest, AnswersPipelinedRequestsInOrder) {
  constexpr int kRequests = 50;
  Harness harness;
  Client client(harness.port());
  std::string requests;
  for (int i = 0; i < kRequests; ++i) requests += HttpRequest("GET", absl::StrCat("/", i));
  client.Send(requests);
  for (int i = 0; i < kRequests; ++i) {
    EXPECT_EQ(client.ReadAnswer().body, absl::StrCat("GET /", i));
  }
}

TEST(HttpConnectionTest, AnswersWhatWasPipelinedBeforeTheClientEndedItsSide) {
  Harness harness;
  Client client(harness.port());
  std::string requests;
  for (int i = 0; i < 5; ++i) requests += HttpRequest("GET", absl::StrCat("/", i));
  client.Send(requests);
  client.CloseSending();
  for (int i = 0; i < 5; ++i) {
    const Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.body, absl::StrCat("GET /", i));
    EXPECT_EQ(answer.headers.count("connection"), i == 4 ? 1 : 0);
  }
  EXPECT_TRUE(client.AtEnd());
}

TEST(HttpConnectionTest, AnswersWhatWasPipelinedBehindOneThatWaits) {
  Waiting waiting;
  Harness harness(waiting.MakeScript());
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/0") + HttpRequest("POST", "/1", "Content-Length: 1\r\n") + "x" +
              HttpRequest("GET", "/2"));
  ASSERT_TRUE(waiting.log.WaitFor("asked /0"));
  client.CloseSending();
  ASSERT_TRUE(waiting.log.WaitFor("abandoned /0"));
  for (int i = 0; i < 3; ++i) {
    const std::string path = absl::StrCat("/", i);
    ASSERT_TRUE(waiting.log.WaitFor("asked " + path));
    harness.OnLoop([&] { waiting.exchanges[i]->Respond(Text(path)); });
    EXPECT_EQ(client.ReadAnswer().body, path);
  }
  EXPECT_TRUE(client.AtEnd());
  harness.OnLoop([&waiting] { waiting.exchanges.clear(); });
}

TEST(HttpConnectionTest, HalfARequestBeforeTheEndIsDropped) {
  for (const char* rest :
       {"GET /2 HTTP/1.1\r\n", "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx"}) {
    Harness harness;
    Client client(harness.port());
    client.Send(HttpRequest("GET", "/1") + rest);
    client.CloseSending();
    EXPECT_EQ(client.ReadAnswer().body, "GET /1");
    EXPECT_TRUE(client.AtEnd()) << rest;
  }
}

TEST(HttpConnectionTest, ARequestWaitsForTheAnswerToTheOneBefore) {
  Waiting waiting;
  Harness harness(waiting.MakeScript());
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/a"));
  ASSERT_TRUE(waiting.log.WaitFor("asked /a"));
  client.Send(HttpRequest("GET", "/b"));
  Client other(harness.port());
  other.Send(HttpRequest("GET", "/c"));
  ASSERT_TRUE(waiting.log.WaitFor("asked /c"));
  EXPECT_THAT(waiting.log.events(), ElementsAre("asked /a", "asked /c"));
  harness.OnLoop([&waiting] { waiting.exchanges[0]->Respond(Text("a")); });
  EXPECT_EQ(client.ReadAnswer().body, "a");
  ASSERT_TRUE(waiting.log.WaitFor("asked /b"));
  harness.OnLoop([&waiting] { waiting.exchanges[2]->Respond(Text("b")); });
  EXPECT_EQ(client.ReadAnswer().body, "b");
  harness.OnLoop([&waiting] { waiting.exchanges.clear(); });
}

TEST(HttpConnectionTest, AFloodBehindAnOpenRequestIsLeftInTheKernel) {
  Waiting waiting;
  Harness harness(waiting.MakeScript());
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/a"));
  ASSERT_TRUE(waiting.log.WaitFor("asked /a"));
  client.Send(std::string(200'000, '\n') + HttpRequest("GET", "/b", "Connection: close\r\n"));
  harness.OnLoop([&waiting] { waiting.exchanges[0]->Respond(Text("a")); });
  EXPECT_EQ(client.ReadAnswer().body, "a");
  EXPECT_EQ(client.ReadAnswer().status, 400);
  EXPECT_TRUE(client.AtEnd());
}

TEST(HttpConnectionTest, AnExchangeDestroyedUnansweredIsA500) {
  Script script;
  script.on_request = [](std::unique_ptr<Exchange> exchange) { exchange.reset(); };
  Harness harness(std::move(script));
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/"));
  EXPECT_EQ(client.ReadAnswer().status, 500);
}

TEST(HttpConnectionTest, AClientThatGoesAbandonsItsRequest) {
  const std::function<void(Client&)> kWays[] = {
      [](Client& client) { client.Close(); },
      [](Client& client) { client.CloseWithReset(); },
  };
  for (const auto& go : kWays) {
    Waiting waiting;
    Harness harness(waiting.MakeScript());
    Client client(harness.port());
    client.Send(HttpRequest("GET", "/a"));
    ASSERT_TRUE(waiting.log.WaitFor("asked /a"));
    go(client);
    ASSERT_TRUE(waiting.log.WaitFor("abandoned /a"));
    harness.OnLoop([&waiting] {
      waiting.exchanges[0]->Respond(Text("to nobody"));
      waiting.exchanges.clear();
    });
    EXPECT_EQ(waiting.log.Count("abandoned /a"), 1);
  }
}

TEST(HttpConnectionTest, AbandoningMayDestroyTheExchange) {
  EventLog log;
  std::unique_ptr<Exchange> kept;
  Script script;
  script.on_request = [&](std::unique_ptr<Exchange> exchange) {
    exchange->OnAbandoned([&] {
      kept.reset();
      log.Add("destroyed");
    });
    kept = std::move(exchange);
    log.Add("asked");
  };
  Harness harness(std::move(script));
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/a"));
  ASSERT_TRUE(log.WaitFor("asked"));
  client.Close();
  EXPECT_TRUE(log.WaitFor("destroyed"));
}

TEST(HttpConnectionTest, AClientThatOnlyStopsSendingGetsItsAnswer) {
  Waiting waiting;
  Harness harness(waiting.MakeScript());
  Client client(harness.port());
  client.Send(HttpRequest("POST", "/a", "Content-Length: 0\r\n"));
  client.CloseSending();
  ASSERT_TRUE(waiting.log.WaitFor("abandoned /a"));
  harness.OnLoop([&waiting] { waiting.exchanges[0]->Respond(Text("27\n")); });
  EXPECT_EQ(client.ReadAnswer().body, "27\n");
  EXPECT_TRUE(client.AtEnd());
  harness.OnLoop([&waiting] { waiting.exchanges.clear(); });
}

TEST(HttpConnectionTest, AnExchangeMayOutliveTheTransport) {
  Waiting waiting;
  {
    Harness harness(waiting.MakeScript());
    Client client(harness.port());
    client.Send(HttpRequest("GET", "/a"));
    ASSERT_TRUE(waiting.log.WaitFor("asked /a"));
  }
  EXPECT_EQ(waiting.log.Count("abandoned /a"), 1);
  waiting.exchanges[0]->Respond(Text("to nobody"));
}

// Sends what is refused and expects a problem with `status`, then the end of the connection.
void ExpectRefused(const std::string& bytes, int status) {
  EventLog log;
  Script script;
  script.on_request = [&log](std::unique_ptr<Exchange> exchange) {
    log.Add("asked " + exchange->request().path);
    exchange->Respond({});
  };
  script.on_refused = [&log](const Request& request, Response& response) {
    log.Add(absl::StrCat("refused ", request.path));
    response.headers.emplace_back("access-control-allow-origin", "*");
  };
  Harness harness(std::move(script));
  Client client(harness.port());
  client.Send(bytes);
  const Answer answer = client.ReadAnswer();
  EXPECT_EQ(answer.status, status) << bytes.substr(0, 100);
  EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "*");
  EXPECT_EQ(nlohmann::json::parse(answer.body)["status"], status);
  EXPECT_TRUE(client.AtEnd()) << bytes.substr(0, 100);
  EXPECT_THAT(log.events(), ElementsAre(HasSubstr("refused ")));
}

TEST(HttpConnectionTest, RefusesWhatItCannotRead) {
  ExpectRefused("nonsense\r\n\r\n", 400);
  ExpectRefused(HttpRequest("GET", "/%zz"), 400);
  ExpectRefused(HttpRequest("GET", "/%00"), 400);
  ExpectRefused("GET / HTTP/1.1\r\n\r\n", 400);
  ExpectRefused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
  ExpectRefused(HttpRequest("GET", "/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), 400);
  ExpectRefused(HttpRequest("GET", "/", "Connection: Upgrade\r\nUpgrade: websocket\r\n"), 426);
}

TEST(HttpConnectionTest, AHandshakeWithWhatIsNoWebSocketIsAnOrdinaryRequest) {
  Script script;
  script.has_web_socket = [](const Request& request) { return request.path == "/sub"; };
  Harness harness(script);
  Client client(harness.port());
  for (const char* more : {"", "Content-Length: 1\r\n", "Sec-WebSocket-Version: 8\r\n"}) {
    client.Send(HttpRequest("GET", "/a",
                            absl::StrCat("Connection: Upgrade\r\nUpgrade: websocket\r\n", more)));
    if (absl::StrContains(more, "Length")) client.Send("x");
    EXPECT_EQ(client.ReadAnswer().body, "GET /a") << more;
  }
}

TEST(HttpConnectionTest, RefusesWhatIsTooLong) {
  ExpectRefused(HttpRequest("GET", "/" + std::string(9'000, 'a')), 414);
  ExpectRefused("GET /" + std::string(300'000, 'a'), 414);
  ExpectRefused(HttpRequest("GET", "/", "X: " + std::string(17'000, 'a') + "\r\n"), 431);
}

TEST(HttpConnectionTest, RefusesBodiesThatAreNotRead) {
  ExpectRefused(HttpRequest("POST", "/", "Content-Length: 1025\r\n"), 413);
  ExpectRefused(HttpRequest("POST", "/", "Transfer-Encoding: chunked\r\n") + "401\r\n", 413);
  ExpectRefused(HttpRequest("POST", "/", "Transfer-Encoding: chunked\r\n") + "x\r\n", 400);
}

TEST(HttpConnectionTest, DropsBodiesThatNobodyWants) {
  Script script;
  script.on_request = [](std::unique_ptr<Exchange> exchange) {
    EXPECT_EQ(exchange->request().body, "");
    exchange->Respond({.status = 200, .headers = {}, .body = exchange->request().path});
  };
  Harness harness(std::move(script));
  Client client(harness.port());
  const std::string head = HttpRequest("POST", "/a", "Transfer-Encoding: chunked\r\n");
  client.Send(head + "1\r\nx\r\n3ff\r\n" + std::string(1023, 'y') + "\r\n0\r\n\r\n" +
              HttpRequest("POST", "/b", "Content-Length: 3\r\n") + "abc");
  EXPECT_EQ(client.ReadAnswer().body, "/a");
  EXPECT_EQ(client.ReadAnswer().body, "/b");
}

TEST(HttpConnectionTest, ARefusalReachesAClientInTheMiddleOfALargeBody) {
  ExpectRefused(HttpRequest("POST", "/", "Content-Length: 200000\r\n") + std::string(200'000, 'a'),
                413);
}

TEST(HttpConnectionTest, ARequestThatIsNotCompleteInTimeIsA408) {
  SocketTransport::Options options;
  options.limits.request = absl::Milliseconds(10);
  for (const std::string& part :
       {std::string("GET / HT"), HttpRequest("POST", "/", "Content-Length: 5\r\n") + "abc"}) {
    Harness harness({}, options);
    Client client(harness.port());
    client.Send(part);
    EXPECT_EQ(client.ReadAnswer().status, 408) << part;
    EXPECT_TRUE(client.AtEnd());
  }
}

TEST(HttpConnectionTest, AClientThatSaysNothingIsClosed) {
  SocketTransport::Options options;
  options.limits.request = absl::Milliseconds(10);
  Harness harness({}, options);
  Client client(harness.port());
  EXPECT_THAT(client.ReadToEnd(), IsEmpty());
}

TEST(HttpConnectionTest, AConnectionIsKeptOnlySoLongBetweenRequests) {
  SocketTransport::Options options;
  options.limits.keep_alive = absl::Milliseconds(10);
  Harness harness({}, options);
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/"));
  EXPECT_EQ(client.ReadAnswer().status, 200);
  EXPECT_TRUE(client.AtEnd());
}

TEST(HttpConnectionTest, ALargeAnswerArrivesWhole) {
  const std::string body(8'000'000, 'x');
  Script script;
  script.on_request = [&body](std::unique_ptr<Exchange> exchange) {
    exchange->Respond(Text(body));
  };
  Harness harness(std::move(script));
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/a") + HttpRequest("GET", "/b"));
  EXPECT_TRUE(client.ReadAnswer().body == body);
  EXPECT_TRUE(client.ReadAnswer().body == body);
}

TEST(HttpConnectionTest, AClientThatReadsNothingIsDropped) {
  SocketTransport::Options options;
  options.limits.unwritable = absl::Milliseconds(10);
  Script script;
  script.on_request = [](std::unique_ptr<Exchange> exchange) {
    // More than the kernel takes. NOLINTNEXTLINE(bugprone-string-constructor)
    exchange->Respond(Text(std::string(20'000'000, 'x')));
  };
  Harness harness(std::move(script), options);
  Client client(harness.port());
  client.Send(HttpRequest("GET", "/"));
  EXPECT_EQ(client.ReadBytes(8), "HTTP/1.1");
  // Its sending end is told by the reset that follows the drop.
  while (client.Send("x")) {
  }
  EXPECT_LT(client.ReadToEnd().size(), 20'000'000);
}

}  // namespace
}  // namespace livecounter::gateway::net
