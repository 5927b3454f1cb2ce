#include "gateway/console/console.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gateway/console/envelope.h"
#include "gateway/console/fake_services_fixture.h"
#include "gateway/net/testing/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway::console {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kJson[] = "Content-Type: application/json\r\n";

// Over real sockets of loopback, in front of fake services.
class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() { Start(services_.Channel()); }

  void Start(std::shared_ptr<grpc::Channel> channel) {
    auto started = Console::Start({.listen = {"127.0.0.1", 0}}, std::move(channel), logger_,
                                  {calls_, gateway_metrics_});
    ASSERT_TRUE(started.ok()) << started.status();
    console_ = *std::move(started);
    const std::string& address = console_->address();
    ASSERT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port_));
  }

  static std::string PostRequest(absl::string_view method, absl::string_view body,
                                 absl::string_view headers = kJson) {
    return absl::StrCat("POST /api/livecounter.v1.", method,
                        " HTTP/1.1\r\nHost: console.example\r\nContent-Length: ", body.size(),
                        "\r\n", headers, "\r\n", body);
  }
  net::Answer Post(absl::string_view method, absl::string_view body,
                   absl::string_view headers = kJson) {
    net::Client client(port_);
    client.Send(PostRequest(method, body, headers));
    return client.ReadAnswer();
  }
  static std::string WatchRequest(const json& names) {
    const std::string body = json({{"names", names}}).dump();
    return PostRequest("CounterService/WatchCounters", EncodeEnvelope(EnvelopeKind::kMessage, body),
                       "Content-Type: application/connect+json\r\n");
  }

  FakeServices services_;
  const observability::Logger logger_{{.sink = [](absl::string_view) {}}};
  prometheus::Registry registry_;
  observability::ConsoleMetrics calls_{registry_};
  observability::GatewayMetrics gateway_metrics_{registry_};
  std::unique_ptr<Console> console_;
  int port_ = 0;
};

TEST_F(ConsoleTest, AnswersCallsOnOneConnection) {
  net::Client client(port_);
  for (const char* name : {"a", "b"}) {
    client.Send(PostRequest("CounterService/GetCounter", json({{"name", name}}).dump()));
    const net::Answer answer = client.ReadAnswer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(json::parse(answer.body)["name"], name);
  }
}

TEST_F(ConsoleTest, ErrorsKeepTheirDetails) {
  const net::Answer answer = Post("CounterService/GetCounter", R"({"name":"missing"})");
  EXPECT_EQ(answer.status, 404);
  const json error = json::parse(answer.body);
  EXPECT_EQ(error["code"], "not_found");
  EXPECT_EQ(error["details"][0]["debug"]["reason"], "COUNTER_MISSING");
}

TEST_F(ConsoleTest, ABrowserSignsInCallsAndSignsOut) {
  const std::string browser =
      absl::StrCat(kJson, "Origin: http://console.example\r\nSec-Fetch-Site: same-origin\r\n");
  const net::Answer session =
      Post("AdminService/SignIn", R"({"email":"a@b.example","password":"right"})", browser);
  ASSERT_EQ(session.status, 200);
  EXPECT_EQ(json::parse(session.body)["token"], "");
  const std::string cookie = session.headers.at("set-cookie");
  EXPECT_THAT(cookie, StartsWith("livecounter_session=t0ken; Path=/; HttpOnly; SameSite=Strict; "));

  const std::string with_cookie =
      absl::StrCat(browser, "Cookie: ", cookie.substr(0, cookie.find(';')), "\r\n");
  EXPECT_EQ(json::parse(Post("CounterService/GetCounter", "{}", with_cookie).body)["epoch"], "1");
  EXPECT_THAT(Post("AdminService/SignOut", "{}", with_cookie).headers.at("set-cookie"),
              HasSubstr("Max-Age=0"));
}

TEST_F(ConsoleTest, AWrongPasswordSetsNoCookie) {
  const net::Answer answer = Post("AdminService/SignIn", R"({"password":"wrong"})",
                                  absl::StrCat(kJson, "Sec-Fetch-Site: same-origin\r\n"));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.headers.count("set-cookie"), 0u);
}

TEST_F(ConsoleTest, BodiesHaveAtMost1MiB) {
  const auto body_of = [](size_t size) {
    return absl::StrCat(R"({"name":")", std::string(size - 11, 'a'), "\"}");
  };
  EXPECT_EQ(Post("CounterService/GetCounter", body_of(1 << 20)).status, 200);
  const net::Answer refused = Post("CounterService/GetCounter", body_of((1 << 20) + 1));
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(json::parse(refused.body)["code"], "resource_exhausted");
}

TEST_F(ConsoleTest, TakesBodiesInChunks) {
  net::Client client(port_);
  client.Send(absl::StrCat(
      "POST /api/livecounter.v1.CounterService/GetCounter HTTP/1.1\r\nHost: a\r\n", kJson,
      "Transfer-Encoding: chunked\r\n\r\n9\r\n{\"name\":\"\r\n3\r\nb\"}\r\n0\r\n\r\n"));
  EXPECT_EQ(json::parse(client.ReadAnswer().body)["name"], "b");
}

TEST_F(ConsoleTest, StreamsToTheEnd) {
  net::Client client(port_);
  client.Send(WatchRequest({"2", "a"}));
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("content-type: application/connect+json\r\n"));
  const size_t first = answer.find(R"("present":"1")");
  const size_t second = answer.find(R"("present":"2")");
  EXPECT_LT(first, second);
  EXPECT_NE(second, std::string::npos);
  EXPECT_THAT(answer, testing::EndsWith(EncodeEnvelope(EnvelopeKind::kEndOfStream, "{}")));
}

TEST_F(ConsoleTest, AReaderWhoTakesNothingHoldsBackTheService) {
  net::Client client(port_);
  client.Send(WatchRequest({"500", std::string(100'000, 'x')}));
  EXPECT_THAT(client.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  // Time enough for the whole stream, if it went on.
  for (int i = 0; i < 200; ++i) EXPECT_EQ(Post("CounterService/GetCounter", "{}").status, 200);
  // Neither sockets nor gRPC hold more than a few megabytes; all of it is fifty.
  EXPECT_LT(services_.counters.messages_written(), 250);
  EXPECT_THAT(client.ReadToEnd(),
              testing::EndsWith(EncodeEnvelope(EnvelopeKind::kEndOfStream, "{}")));
  EXPECT_EQ(services_.counters.messages_written(), 500);
}

TEST_F(ConsoleTest, AClientThatGoesCancelsItsStream) {
  net::Client client(port_);
  client.Send(WatchRequest(json::array()));
  services_.counters.entered.WaitForNotification();
  client.Close();
  services_.counters.cancelled.WaitForNotification();
}

TEST_F(ConsoleTest, AClientThatGoesCancelsItsCall) {
  net::Client client(port_);
  client.Send(PostRequest("CounterService/GetCounter", R"({"name":"held"})"));
  services_.counters.entered.WaitForNotification();
  client.Close();
  services_.counters.cancelled.WaitForNotification();
}

TEST_F(ConsoleTest, ADeadlineIsTheServicesToo) {
  const net::Answer answer = Post("CounterService/GetCounter", R"({"name":"held"})",
                                  absl::StrCat(kJson, "Connect-Timeout-Ms: 20\r\n"));
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(json::parse(answer.body)["code"], "deadline_exceeded");
  services_.counters.cancelled.WaitForNotification();
}

TEST_F(ConsoleTest, DrainTellsStreamsAndRefusesConnections) {
  net::Client client(port_);
  client.Send(WatchRequest(json::array()));
  services_.counters.entered.WaitForNotification();
  console_->Drain(absl::Now() + absl::Seconds(20));
  EXPECT_THAT(client.ReadToEnd(), HasSubstr(R"({"error":{"code":"unavailable")"));
  EXPECT_FALSE(net::Client(port_).connected());
}

TEST_F(ConsoleTest, DrainEndsAtItsDeadlineWhateverIsUnderWay) {
  net::Client client(port_);
  client.Send(PostRequest("CounterService/GetCounter", R"({"name":"held"})"));
  services_.counters.entered.WaitForNotification();
  console_->Drain(absl::Now() + absl::Milliseconds(20));
  services_.counters.cancelled.WaitForNotification();
}

TEST_F(ConsoleTest, WithoutCounterdItHasPagesAlone) {
  Start(nullptr);
  EXPECT_EQ(Post("CounterService/GetCounter", "{}").status, 503);
  net::Client client(port_);
  client.Send(net::HttpRequest("GET", "/"));
  const net::Answer page = client.ReadAnswer();
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.headers.at("content-security-policy"), HasSubstr("default-src 'none'"));
}

TEST_F(ConsoleTest, AnAddressThatIsTakenIsNamed) {
  const auto second = Console::Start({.listen = {"127.0.0.1", port_}}, nullptr, logger_,
                                     {calls_, gateway_metrics_});
  EXPECT_THAT(std::string(second.status().message()), HasSubstr(absl::StrCat(port_)));
}

}  // namespace
}  // namespace livecounter::gateway::console
