#include "gateway/console/api.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/console/console_handler.h"
#include "gateway/console/envelope.h"
#include "gateway/testing/fake_transport.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "livecounter/v1/admin_service.pb.h"
#include "livecounter/v1/counter_service.pb.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway::console {
namespace {

using ::nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr char kCounters[] = "/api/livecounter.v1.CounterService/";
constexpr char kAdmin[] = "/api/livecounter.v1.AdminService/";

// Counterd, played by the test.
class FakeUpstream final : public Upstream {
 public:
  struct Call {
    UpstreamRequest request;
    UpstreamListener* listener = nullptr;  // null: given up, or ended
    int asked = 1;                         // messages that were asked for
  };

  std::unique_ptr<UpstreamCall> Start(UpstreamRequest request, EventLoop& /*loop*/,
                                      UpstreamListener& listener) override {
    calls.push_back(std::make_shared<Call>(Call{std::move(request), &listener}));
    return std::make_unique<Handle>(calls.back());
  }

  std::vector<std::shared_ptr<Call>> calls;

 private:
  class Handle final : public UpstreamCall {
   public:
    explicit Handle(std::shared_ptr<Call> call) : call_(std::move(call)) {}
    ~Handle() override { call_->listener = nullptr; }
    void Read() override { ++call_->asked; }

   private:
    const std::shared_ptr<Call> call_;
  };
};

class ApiTest : public testing::Test {
 protected:
  explicit ApiTest(const ApiOptions& options = {}, bool has_upstream = true)
      : pages_({}, options.own_tls, EdgeOrigin("", 8080, options.own_tls)),
        handler_(options, loop_, has_upstream ? &upstream_ : nullptr, pages_, metrics_),
        transport_(loop_, handler_) {}

  std::shared_ptr<FakeClient> Post(const std::string& path, std::string body = "{}",
                                   Headers headers = {}, const std::string& peer = "192.0.2.1") {
    Request request;
    request.method = "POST";
    request.path = path;
    request.body = std::move(body);
    request.headers = std::move(headers);
    if (!request.header("content-type")) {
      request.headers.emplace_back("content-type", "application/json");
    }
    request.headers.emplace_back("host", "console.example");
    request.peer_address = peer;
    return transport_.Send(std::move(request));
  }
  std::shared_ptr<FakeClient> Watch(const std::string& peer = "192.0.2.1") {
    return Post(absl::StrCat(kCounters, "WatchCounters"),
                EncodeEnvelope(EnvelopeKind::kMessage, R"({"names":["a"]})"),
                {{"content-type", "application/connect+json"}}, peer);
  }

  FakeUpstream::Call& call(size_t index = 0) { return *upstream_.calls.at(index); }
  void Tell(const google::protobuf::MessageLite& message, size_t index = 0) {
    call(index).listener->OnMessage(message.SerializeAsString());
  }
  void Answer(const google::protobuf::MessageLite& message, size_t index = 0) {
    Tell(message, index);
    call(index).listener->OnEnd(absl::OkStatus());
  }

  static v1::WatchCountersResponse Present(int64_t present) {
    v1::WatchCountersResponse response;
    response.add_counters()->set_present(present);
    return response;
  }

  FakeLoop loop_;
  FakeUpstream upstream_;
  const Pages pages_;
  prometheus::Registry registry_;
  observability::ConsoleMetrics metrics_{registry_};
  ConsoleHandler handler_;
  FakeTransport transport_;
};

json BodyOf(const FakeClient& client) {
  return client.response() ? json::parse(client.response()->body) : json();
}

// Of an error as it is told.
std::string ReasonOf(const json& error) {
  return error.contains("details") ? std::string(error["details"][0]["debug"]["reason"]) : "";
}

int StatusOf(const FakeClient& client) { return client.response() ? client.response()->status : 0; }

TEST_F(ApiTest, CarriesACallToCounterdAndTheAnswerBack) {
  const auto client = Post(absl::StrCat(kCounters, "GetCounter"), R"({"name":"a"})",
                           {{"authorization", "Bearer t"}, {"connect-timeout-ms", "2500"}});
  ASSERT_EQ(upstream_.calls.size(), 1u);
  EXPECT_EQ(call().request.path, "/livecounter.v1.CounterService/GetCounter");
  EXPECT_EQ(call().request.authorization, "Bearer t");
  EXPECT_EQ(call().request.timeout, absl::Milliseconds(2500));
  v1::GetCounterRequest request;
  ASSERT_TRUE(request.ParseFromString(call().request.message));
  EXPECT_EQ(request.name(), "a");
  EXPECT_EQ(StatusOf(*client), 0);

  v1::Counter counter;
  counter.set_hits(7);
  Answer(counter);
  EXPECT_EQ(StatusOf(*client), 200);
  EXPECT_EQ(client->header("content-type"), "application/json");
  EXPECT_EQ(client->header("cache-control"), "no-store");
  EXPECT_EQ(BodyOf(*client)["hits"], "7");
}

TEST_F(ApiTest, SpeaksTheBinaryFormat) {
  const auto client =
      Post(absl::StrCat(kCounters, "GetCounter"), "", {{"content-type", "application/proto"}});
  v1::Counter counter;
  counter.set_name("a");
  Answer(counter);
  EXPECT_EQ(client->header("content-type"), "application/proto");
  EXPECT_EQ(client->response()->body, counter.SerializeAsString());
}

TEST_F(ApiTest, TellsErrorsAsConnectDoes) {
  const auto client = Post(absl::StrCat(kCounters, "GetCounter"));
  call().listener->OnEnd(absl::UnauthenticatedError("who?"));
  EXPECT_EQ(StatusOf(*client), 401);
  EXPECT_EQ(client->header("content-type"), "application/json");
  EXPECT_EQ(client->header("www-authenticate"), "Bearer");
  const json error = BodyOf(*client);
  EXPECT_EQ(error["code"], "unauthenticated");
  EXPECT_EQ(error["message"], "who?");
  EXPECT_EQ(ReasonOf(error), "UNAUTHENTICATED");
}

TEST_F(ApiTest, ErrorsOfTheBinaryFormatAreJsonToo) {
  const auto client =
      Post(absl::StrCat(kCounters, "GetCounter"), "", {{"content-type", "application/proto"}});
  call().listener->OnEnd(absl::NotFoundError("gone"));
  EXPECT_EQ(StatusOf(*client), 404);
  EXPECT_EQ(client->header("content-type"), "application/json");
  EXPECT_EQ(BodyOf(*client)["code"], "not_found");
}

TEST_F(ApiTest, AnAnswerThatIsNoMessageIsAnError) {
  const auto client = Post(absl::StrCat(kCounters, "GetCounter"));
  call().listener->OnMessage("\x0a\x05");
  call().listener->OnEnd(absl::OkStatus());
  EXPECT_EQ(StatusOf(*client), 500);
  EXPECT_EQ(BodyOf(*client)["code"], "internal");
}

TEST_F(ApiTest, NothingGoesToCounterdThatIsNoCall) {
  EXPECT_EQ(StatusOf(*Post("/api/none")), 404);
  EXPECT_EQ(StatusOf(*Post("/api")), 404);
  EXPECT_EQ(StatusOf(*Post(absl::StrCat(kCounters, "GetCounter"), "no JSON")), 400);
  EXPECT_EQ(StatusOf(*Post(absl::StrCat(kCounters, "GetCounter"), "{}",
                           {{"content-type", "text/plain"}})),
            415);
  const auto forged =
      Post(absl::StrCat(kCounters, "DeleteCounter"), "{}",
           {{"origin", "https://evil.example"}, {"cookie", "livecounter_session=t"}});
  EXPECT_EQ(StatusOf(*forged), 403);
  EXPECT_EQ(BodyOf(*forged)["code"], "permission_denied");
  EXPECT_THAT(upstream_.calls, IsEmpty());
}

TEST_F(ApiTest, AClientThatGoesEndsItsCall) {
  const auto client = Post(absl::StrCat(kCounters, "GetCounter"));
  EXPECT_NE(call().listener, nullptr);
  client->Abandon();
  EXPECT_EQ(call().listener, nullptr);
}

TEST_F(ApiTest, ASessionOfABrowserIsACookie) {
  const Headers browser = {{"origin", "http://console.example"}};
  const auto client =
      Post(absl::StrCat(kAdmin, "SignIn"), R"({"email":"a","password":"b"})", browser);
  v1::Session session;
  session.set_token("t0ken");
  session.set_account("accounts/a");
  Answer(session);
  EXPECT_THAT(client->header("set-cookie"), StartsWith("livecounter_session=t0ken; "));
  EXPECT_EQ(BodyOf(*client)["token"], "");
  EXPECT_EQ(BodyOf(*client)["account"], "accounts/a");

  Headers with_cookie = browser;
  with_cookie.emplace_back("cookie", "livecounter_session=t0ken");
  const auto next = Post(absl::StrCat(kAdmin, "SignOut"), "{}", with_cookie);
  EXPECT_EQ(call(1).request.authorization, "Bearer t0ken");
  Answer(v1::SignOutRequest(), 1);
  EXPECT_THAT(next->header("set-cookie"), HasSubstr("Max-Age=0"));
}

TEST_F(ApiTest, ASessionOfAProgramIsAToken) {
  const auto client = Post(absl::StrCat(kAdmin, "SignIn"));
  v1::Session session;
  session.set_token("t0ken");
  Answer(session);
  EXPECT_EQ(client->header("set-cookie"), "");
  EXPECT_EQ(BodyOf(*client)["token"], "t0ken");
}

TEST_F(ApiTest, AnAddressSignsInSoOften) {
  const int burst = ApiOptions().sign_ins.burst;
  for (int i = 0; i < burst; ++i) EXPECT_EQ(StatusOf(*Post(absl::StrCat(kAdmin, "SignIn"))), 0);
  for (const char* method : {"SignIn", "SignUp"}) {
    const auto refused = Post(absl::StrCat(kAdmin, method));
    EXPECT_EQ(StatusOf(*refused), 429);
    EXPECT_EQ(refused->header("retry-after"), "3");
    EXPECT_EQ(BodyOf(*refused)["code"], "resource_exhausted");
    EXPECT_EQ(ReasonOf(BodyOf(*refused)), "TOO_MANY_SIGN_INS");
  }
  EXPECT_EQ(StatusOf(*Post(absl::StrCat(kAdmin, "GetSession"))), 0);
  EXPECT_EQ(StatusOf(*Post(absl::StrCat(kAdmin, "SignIn"), "{}", {}, "192.0.2.2")), 0);
  EXPECT_EQ(upstream_.calls.size(), static_cast<size_t>(burst) + 2);
  loop_.Advance(absl::Seconds(3));
  EXPECT_EQ(StatusOf(*Post(absl::StrCat(kAdmin, "SignIn"))), 0);
}

TEST_F(ApiTest, EveryAnswerTellsBrowsersWhatNotToDo) {
  const auto error = Post("/api/none");
  const auto stream = Watch();
  const auto unary = Post(absl::StrCat(kCounters, "GetCounter"));
  Answer(v1::Counter(), 1);
  for (const auto& client : {error, stream, unary}) {
    EXPECT_EQ(client->header("content-security-policy"),
              "default-src 'none'; frame-ancestors 'none'");
    EXPECT_EQ(client->header("x-content-type-options"), "nosniff");
    EXPECT_EQ(client->header("referrer-policy"), "no-referrer");
    EXPECT_EQ(client->header("access-control-allow-origin"), "");
  }
}

TEST_F(ApiTest, StreamsMessagesAndThenHowItEnded) {
  const auto client = Watch();
  EXPECT_TRUE(client->opened());
  EXPECT_EQ(client->header("content-type"), "application/connect+json");
  Tell(Present(3));
  const std::vector<std::string> frames = client->TakeFrames();
  ASSERT_EQ(frames.size(), 1u);
  const auto payload = DecodeOnlyEnvelope(frames[0]);
  ASSERT_TRUE(payload.ok()) << payload.status();
  EXPECT_EQ(json::parse(std::string(*payload))["counters"][0]["present"], "3");
  call().listener->OnEnd(absl::OkStatus());
  EXPECT_THAT(client->TakeFrames(), ElementsAre(EncodeEnvelope(EnvelopeKind::kEndOfStream, "{}")));
  EXPECT_TRUE(client->close_reason().has_value());
}

TEST_F(ApiTest, AStreamThatFailsSaysSoAtItsEnd) {
  const auto client = Watch();
  call().listener->OnEnd(absl::PermissionDeniedError("no"));
  const std::vector<std::string> frames = client->TakeFrames();
  ASSERT_EQ(frames.size(), 1u);
  constexpr size_t kHead = 5;
  EXPECT_EQ(frames[0][0], 2) << "the last envelope";
  const json error = json::parse(frames[0].substr(kHead))["error"];
  EXPECT_EQ(error["code"], "permission_denied");
  EXPECT_EQ(error["message"], "no");
  EXPECT_EQ(ReasonOf(error), "PERMISSION_DENIED");
}

TEST_F(ApiTest, AStreamThatCannotBeginSaysSoAtItsEnd) {
  const auto client = Post(absl::StrCat(kCounters, "WatchCounters"), "no envelope",
                           {{"content-type", "application/connect+json"}});
  EXPECT_TRUE(client->opened());
  EXPECT_THAT(client->opening(), HasSubstr(R"({"error":{"code":"invalid_argument")"));
  EXPECT_TRUE(client->close_reason().has_value());
  EXPECT_THAT(upstream_.calls, IsEmpty());
}

TEST_F(ApiTest, AReaderWhoTakesNothingHoldsBackCounterd) {
  const auto client = Watch();
  Tell(Present(1));
  EXPECT_EQ(call().asked, 2);
  client->StopReading();
  Tell(Present(2));
  EXPECT_EQ(call().asked, 2);
  client->TakeFrames();
  client->StartReading();
  loop_.Settle();
  EXPECT_EQ(client->TakeFrames().size(), 1u);
  EXPECT_EQ(call().asked, 3);
}

TEST_F(ApiTest, TheEndComesBehindWhatTheClientHasStillToTake) {
  const auto client = Watch();
  client->StopReading();
  Tell(Present(2));
  call().listener->OnEnd(absl::OkStatus());
  EXPECT_FALSE(client->close_reason().has_value());
  client->StartReading();
  loop_.Settle();
  const std::vector<std::string> frames = client->TakeFrames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_THAT(frames[0], testing::EndsWith(EncodeEnvelope(EnvelopeKind::kEndOfStream, "{}")));
  EXPECT_TRUE(client->close_reason().has_value());
}

TEST_F(ApiTest, AStreamWhoseClientGoesIsCancelled) {
  const auto client = Watch();
  client->Disconnect();
  EXPECT_EQ(call().listener, nullptr);
}

TEST_F(ApiTest, DrainEndsStreamsAndLetsCallsFinish) {
  const auto stream = Watch();
  const auto unary = Post(absl::StrCat(kCounters, "GetCounter"));
  bool is_drained = false;
  handler_.api().Drain([&] { is_drained = true; });
  EXPECT_EQ(call(0).listener, nullptr);
  EXPECT_THAT(stream->TakeFrames(), ElementsAre(HasSubstr(R"("code":"unavailable")")));
  loop_.Settle();
  EXPECT_FALSE(is_drained);
  EXPECT_EQ(StatusOf(*Post(absl::StrCat(kCounters, "GetCounter"))), 503);
  Answer(v1::Counter(), 1);
  EXPECT_EQ(StatusOf(*unary), 200);
  EXPECT_TRUE(is_drained);
}

TEST_F(ApiTest, DrainWithNothingToDoIsDoneAtOnce) {
  bool is_drained = false;
  handler_.api().Drain([&] { is_drained = true; });
  EXPECT_TRUE(is_drained);
}

TEST_F(ApiTest, ThereAreNoWebSockets) {
  Request request;
  request.path = "/api/livecounter.v1.CounterService/WatchCounters";
  EXPECT_EQ(StatusOf(*transport_.Upgrade(request)), 404);
}

TEST_F(ApiTest, WhatTheTransportRefusesIsAnErrorToClientsOfTheApi) {
  Request request;
  request.path = "/api/livecounter.v1.CounterService/GetCounter";
  Response response = {413, {{"content-type", "application/problem+json"}}, "{}"};
  handler_.OnRefused(request, response);
  EXPECT_EQ(response.headers[0].second, "application/json");
  EXPECT_EQ(json::parse(response.body)["code"], "resource_exhausted");
  request.path = "/";
  response = {413, {{"content-type", "application/problem+json"}}, "{}"};
  handler_.OnRefused(request, response);
  EXPECT_EQ(response.body, "{}");
}

class LimitedStreamsTest : public ApiTest {
 protected:
  LimitedStreamsTest() : ApiTest({.max_streams = 3, .max_streams_per_address = 2}) {}
};

TEST_F(LimitedStreamsTest, AnAddressHasSoManyAndAllHaveSoMany) {
  const auto first = Watch("192.0.2.1");
  const auto second = Watch("192.0.2.1");
  EXPECT_THAT(Watch("192.0.2.1")->opening(), HasSubstr("your address has 2 streams open"));
  const auto third = Watch("192.0.2.2");
  EXPECT_THAT(Watch("192.0.2.2")->opening(), HasSubstr(R"("code":"resource_exhausted")"));
  EXPECT_EQ(upstream_.calls.size(), 3u);
  first->Disconnect();
  Watch("192.0.2.1");
  EXPECT_EQ(upstream_.calls.size(), 4u);
}

class ProxiedSignInTest : public ApiTest {
 protected:
  ProxiedSignInTest()
      : ApiTest({.trusted_proxies = {{*runtime::IpRange::Parse("192.0.2.0/24")}},
                 .sign_ins = {.interval = absl::Minutes(1), .burst = 1}}) {}
};

TEST_F(ProxiedSignInTest, BehindAProxyTheClientIsWhoItSays) {
  const auto status = [&](const char* client) {
    return StatusOf(*Post(absl::StrCat(kAdmin, "SignIn"), "{}", {{"x-forwarded-for", client}}));
  };
  EXPECT_EQ(status("198.51.100.1"), 0);
  EXPECT_EQ(status("198.51.100.2"), 0);
  EXPECT_EQ(status("198.51.100.1"), 429);
}

class NoUpstreamTest : public ApiTest {
 protected:
  NoUpstreamTest() : ApiTest({}, /*has_upstream=*/false) {}
};

TEST_F(NoUpstreamTest, SaysWhatIsMissing) {
  const auto client = Post(absl::StrCat(kCounters, "GetCounter"));
  EXPECT_EQ(StatusOf(*client), 503);
  EXPECT_EQ(BodyOf(*client)["code"], "unavailable");
  EXPECT_EQ(ReasonOf(BodyOf(*client)), "NO_COUNTER_SERVICE");
  EXPECT_THAT(std::string(BodyOf(*client)["message"]), HasSubstr("--counterd"));
  EXPECT_EQ(StatusOf(*Post("/api/none")), 404);
}

}  // namespace
}  // namespace livecounter::gateway::console
