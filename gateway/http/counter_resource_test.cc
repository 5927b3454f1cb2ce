#include "gateway/http/counter_resource.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kAllMethods[] = "OPTIONS, GET, HEAD, POST";

class CounterResourceTest : public EdgeTest {
 protected:
  // A plain request to a counter that has these hits at revision 41.
  std::shared_ptr<FakeClient> SendTo(
      absl::optional<int64_t> hits, absl::string_view method, absl::string_view target,
      std::vector<std::pair<std::string, std::string>> headers = {}) {
    auto client = Send(method, target, std::move(headers));
    for (const CounterId& counter : TakeCommands().watch) Tell(counter, 41, hits);
    return client;
  }

  static int Status(const FakeClient& client) {
    return client.response() ? client.response()->status : 0;
  }
  static std::string Detail(const FakeClient& client) {
    return nlohmann::json::parse(client.response()->body)["detail"];
  }
};

TEST(ParseCounterPathTest, TakesOneSegmentWithOrWithoutFinalSlash) {
  for (const auto& [path, id] : {std::pair("/counters/2/", "2"), std::pair("/counters/2", "2"),
                                 std::pair("/counters/a b/", "a b"), std::pair("/counters/", ""),
                                 std::pair("/counters//", ""), std::pair("/counters/a/b", "a/b"),
                                 std::pair("/counters/badge.svg", "badge.svg"),
                                 std::pair("/counters/2/badge.svg/", "2/badge.svg")}) {
    const auto parsed = ParseCounterPath(path, /*has_escaped_slash=*/false);
    ASSERT_TRUE(parsed) << path;
    EXPECT_EQ(parsed->id, id);
    EXPECT_FALSE(parsed->is_badge) << path;
  }
  for (const char* path : {"/counters", "/counter/2/", "", "/counters2/badge.svg"}) {
    EXPECT_FALSE(ParseCounterPath(path, /*has_escaped_slash=*/false)) << path;
  }
}

TEST(ParseCounterPathTest, AnEscapedSlashIsOfTheIdAndSeparatesNothing) {
  for (const char* path : {"/counters/2/", "/counters/2/badge.svg", "/counters/a/b"}) {
    const auto parsed = ParseCounterPath(path, /*has_escaped_slash=*/true);
    ASSERT_TRUE(parsed) << path;
    EXPECT_TRUE(absl::StrContains(parsed->id, '/')) << path;
  }
  EXPECT_FALSE(ParseCounterPath("/counters/2", /*has_escaped_slash=*/true));
}

TEST(ParseCounterPathTest, ABadgeIsBelowItsCounter) {
  for (const auto& [path, id] : {std::pair("/counters/2/badge.svg", "2"),
                                 std::pair("/counters/badge.svg/badge.svg", "badge.svg"),
                                 std::pair("/counters//badge.svg", "")}) {
    const auto parsed = ParseCounterPath(path, /*has_escaped_slash=*/false);
    ASSERT_TRUE(parsed) << path;
    EXPECT_EQ(parsed->id, id);
    EXPECT_TRUE(parsed->is_badge) << path;
  }
}

TEST_F(CounterResourceTest, GetAnswersTextUnlessAskedOtherwise) {
  for (const char* accept : {"", "*/*", "text/plain", "text/html, image/webp;q=0.8", "text/*"}) {
    const auto client = SendTo(26, "GET", "/counters/2/", {{"accept", accept}});
    EXPECT_EQ(Status(*client), 200) << accept;
    EXPECT_EQ(client->header("content-type"), "text/plain");
    EXPECT_EQ(client->response()->body, "26\n");
  }
}

TEST_F(CounterResourceTest, GetAnswersJsonWhereAcceptHoldsIt) {
  const auto client =
      SendTo(26, "GET", "/counters/2/", {{"accept", "text/html, application/json;q=0.1"}});
  EXPECT_EQ(Status(*client), 200);
  EXPECT_EQ(client->header("content-type"), "application/json");
  EXPECT_EQ(client->response()->body, R"({"id":"2","value":26,"revision":41})");
}

TEST_F(CounterResourceTest, JsonEscapesTheId) {
  const auto client =
      SendTo(1, "GET", "/counters/a\"\n\xE2\x82\xAC/", {{"accept", "application/json"}});
  EXPECT_EQ(nlohmann::json::parse(client->response()->body)["id"], "a\"\n\xE2\x82\xAC");
}

TEST_F(CounterResourceTest, TheFinalSlashDoesNotMatter) {
  EXPECT_EQ(SendTo(26, "GET", "/counters/2")->response()->body, "26\n");
  EXPECT_EQ(SendTo(26, "GET", "/counters/2")->response()->body, "26\n");
}

TEST_F(CounterResourceTest, HeadIsGetWithoutBody) {
  const auto client = SendTo(26, "HEAD", "/counters/2/");
  EXPECT_EQ(Status(*client), 200);
  EXPECT_EQ(client->header("content-type"), "text/plain");
  EXPECT_EQ(client->header("cache-control"), "s-maxage=1");
  EXPECT_EQ(client->response()->body, "");
}

TEST_F(CounterResourceTest, HeadOfAnEventStreamIsItsHead) {
  const auto client = SendTo(26, "HEAD", "/counters/2/", {{"accept", "text/event-stream"}});
  EXPECT_EQ(Status(*client), 200);
  EXPECT_EQ(client->header("content-type"), "text/event-stream");
  EXPECT_EQ(parts_.streams.size(), 0);
}

TEST_F(CounterResourceTest, PlainGetsMayBeCachedForASecond) {
  const auto client = SendTo(26, "GET", "/counters/2/");
  EXPECT_EQ(client->header("cache-control"), "s-maxage=1");
  EXPECT_EQ(client->header("vary"), "Accept");
}

TEST_F(CounterResourceTest, ValuesAre64Bit) {
  EXPECT_EQ(SendTo(9223372036854775807, "GET", "/counters/2/")->response()->body,
            "9223372036854775807\n");
}

TEST_F(CounterResourceTest, AnUnknownCounterIs404WhateverTheMethod) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"}) {
    const auto client = SendTo(absl::nullopt, method, "/counters/nope/");
    EXPECT_EQ(Status(*client), 404) << method;
    EXPECT_EQ(client->header("access-control-allow-origin"), "*") << method;
  }
  const auto stream =
      SendTo(absl::nullopt, "GET", "/counters/nope/", {{"accept", "text/event-stream"}});
  EXPECT_EQ(Status(*stream), 404);
  EXPECT_THAT(Detail(*stream), HasSubstr("no hit counter \"nope\""));
  EXPECT_EQ(Rejected(RejectReason::kUnknownCounter), 7);

  const auto post = Send("POST", "/counters/nope/");
  Answer(TakeHit().ticket, absl::NotFoundError("no such counter"));
  EXPECT_EQ(Status(*post), 404);
}

TEST_F(CounterResourceTest, AnUnknownKeyIs404WhateverTheMethod) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "POST", "PUT"}) {
    for (const char* target : {"/counters/2/?key=nope", "/counters/2/?key="}) {
      const auto client = Send(method, target);
      EXPECT_EQ(Status(*client), 404) << method;
      EXPECT_EQ(client->header("access-control-allow-origin"), "*");
    }
  }
  EXPECT_EQ(Rejected(RejectReason::kUnknownKey), 10);
  EXPECT_TRUE(TakeCommands().empty());
}

TEST_F(CounterResourceTest, WithoutAPublicProductAKeyIsNeeded) {
  catalog_.SetPublic("");
  loop_.Settle();
  const auto client = Get("/counters/2/");
  EXPECT_EQ(Status(*client), 404);
  EXPECT_THAT(Detail(*client), HasSubstr("needs the parameter \"key\""));
}

TEST_F(CounterResourceTest, TheKeyNamesTheProduct) {
  SendTo(26, "GET", "/counters/2/?key=auto");
  Send("POST", "/counters/2/?key=auto");
  EXPECT_EQ(TakeHit().counter, Auto("2"));
}

TEST_F(CounterResourceTest, AKeyThatIsThereTwiceIs400) {
  const auto client = Get("/counters/2/?key=open&key=open");
  EXPECT_EQ(Status(*client), 400);
  EXPECT_THAT(Detail(*client), HasSubstr("\"key\" is there twice"));
}

TEST_F(CounterResourceTest, IdsThatCannotBeAreUnknown) {
  for (const std::string& id : {std::string(), std::string("/"), std::string("a/b"),
                                std::string(65, 'x'), std::string("\xff"), std::string("2//")}) {
    const auto client = Get("/counters/" + id + "/");
    EXPECT_EQ(Status(*client), 404) << id;
    EXPECT_THAT(Detail(*client), StartsWith("There is no such counter"));
  }
  EXPECT_TRUE(TakeCommands().empty());
  EXPECT_EQ(Status(*SendTo(1, "GET", "/counters/" + std::string(64, 'x') + "/")), 200);
}

TEST_F(CounterResourceTest, CountersThatCreateThemselvesStartAtZero) {
  EXPECT_EQ(SendTo(absl::nullopt, "GET", "/counters/new/?key=auto")->response()->body, "0\n");
  EXPECT_EQ(Status(*Send("OPTIONS", "/counters/new/?key=auto")), 204);
  TakeCommands();
  Send("POST", "/counters/new/?key=auto");
  const LoopCommands::Hit hit = TakeHit();
  EXPECT_TRUE(hit.create);
  EXPECT_EQ(hit.product_life, 6u);
  EXPECT_EQ(hit.counter, Auto("new"));
}

TEST_F(CounterResourceTest, OtherMethodsAre405) {
  for (const char* method : {"PUT", "DELETE", "PATCH", "FOO"}) {
    const auto client = SendTo(26, method, "/counters/2/");
    EXPECT_EQ(Status(*client), 405) << method;
    EXPECT_EQ(client->header("allow"), kAllMethods);
    EXPECT_EQ(client->header("access-control-allow-origin"), "*");
  }
  EXPECT_EQ(Rejected(RejectReason::kMethod), 4);
}

TEST_F(CounterResourceTest, OptionsAnswers204WithCors) {
  const auto client = SendTo(26, "OPTIONS", "/counters/2/");
  EXPECT_EQ(Status(*client), 204);
  EXPECT_EQ(client->response()->body, "");
  EXPECT_EQ(client->header("access-control-allow-origin"), "*");
  EXPECT_EQ(client->header("access-control-allow-methods"), kAllMethods);
}

TEST_F(CounterResourceTest, CorsFollowsTheProductsOrigins) {
  const auto allowed = SendTo(26, "GET", "/counters/2/?key=strict", {{"origin", kAllowedOrigin}});
  EXPECT_EQ(allowed->header("access-control-allow-origin"), kAllowedOrigin);
  EXPECT_EQ(allowed->header("vary"), "Accept, Origin");
  const auto other =
      SendTo(26, "GET", "/counters/2/?key=strict", {{"origin", "https://evil.test"}});
  EXPECT_EQ(Status(*other), 200);
  EXPECT_EQ(other->header("access-control-allow-origin"), "");
  EXPECT_EQ(other->header("vary"), "Accept, Origin");
}

TEST_F(CounterResourceTest, AReadWaitsForTheCounterServiceThenGivesUp) {
  const auto client = Get("/counters/2/");
  loop_.Advance(absl::Seconds(4));
  EXPECT_FALSE(client->response());
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(Status(*client), 503);
  EXPECT_THAT(std::stoi(client->header("retry-after")),
              ::testing::AllOf(::testing::Ge(1), ::testing::Le(5)));
  EXPECT_EQ(Rejected(RejectReason::kUpstream), 1);
}

TEST_F(CounterResourceTest, AWatchedCounterIsReadWithoutAsking) {
  SendTo(26, "GET", "/counters/2/");
  const auto again = Get("/counters/2/");
  EXPECT_EQ(again->response()->body, "26\n");
  EXPECT_TRUE(TakeCommands().empty());
}

TEST_F(CounterResourceTest, AGetAfterAPostIsNeverLower) {
  SendTo(26, "GET", "/counters/2/");
  const auto post = Send("POST", "/counters/2/");
  const uint64_t ticket = TakeHit().ticket;
  // The change comes with the answer, and the next request before the loop has got round to them.
  client_.Tell(
      {.changes = {{.counter = Open("2"), .version = {kEpoch, 42}, .hits = 27}},
       .outcomes = {{.ticket = ticket, .status = absl::OkStatus(), .value = 27, .version = {}}}});
  const auto get = transport_.Send(MakeRequest("GET", "/counters/2/"));
  EXPECT_EQ(post->response()->body, "27\n");
  EXPECT_EQ(get->response()->body, "27\n");
}

// --- POST ---

TEST_F(CounterResourceTest, PostAnswersTheNewValue) {
  const auto client = Send("POST", "/counters/2/");
  const LoopCommands::Hit hit = TakeHit();
  EXPECT_EQ(hit.counter, Open("2"));
  EXPECT_FALSE(hit.create);
  EXPECT_EQ(hit.idempotency_key, "");
  EXPECT_FALSE(client->response());
  Answer(hit.ticket, absl::OkStatus(), 27);
  EXPECT_EQ(Status(*client), 200);
  EXPECT_EQ(client->header("content-type"), "text/plain");
  EXPECT_EQ(client->header("cache-control"), "no-store");
  EXPECT_EQ(client->header("access-control-allow-origin"), "*");
  EXPECT_EQ(client->response()->body, "27\n");
}

TEST_F(CounterResourceTest, EachPostGetsItsOwnValue) {
  std::vector<std::shared_ptr<FakeClient>> posts;
  for (int i = 0; i < 3; ++i) posts.push_back(Send("POST", "/counters/2/"));
  const LoopCommands commands = TakeCommands();
  ASSERT_EQ(commands.hits.size(), 3u);
  for (int i = 2; i >= 0; --i) Answer(commands.hits[i].ticket, absl::OkStatus(), 10 + i);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(posts[i]->response()->body, std::to_string(10 + i) + "\n");
  }
}

TEST_F(CounterResourceTest, APageOfAnotherOriginIsNotCounted) {
  for (const char* origin : {"https://evil.test", "null", "https://shop.example.com.evil.test"}) {
    const auto client = Send("POST", "/counters/2/?key=strict", {{"origin", origin}});
    EXPECT_EQ(Status(*client), 403) << origin;
  }
  EXPECT_TRUE(TakeCommands().empty());
  EXPECT_EQ(Rejected(RejectReason::kOrigin), 3);

  Send("POST", "/counters/2/?key=strict", {{"origin", kAllowedOrigin}});
  Send("POST", "/counters/2/?key=strict");
  EXPECT_EQ(TakeCommands().hits.size(), 2u);
}

TEST_F(CounterResourceTest, TheIdempotencyKeyGoesWithTheHit) {
  for (const std::string& key : {std::string("k"), std::string(255, 'k')}) {
    Send("POST", "/counters/2/", {{"idempotency-key", key}});
    EXPECT_EQ(TakeHit().idempotency_key, key);
  }
}

TEST_F(CounterResourceTest, AnIdempotencyKeyOfAnotherSizeIs400) {
  for (const std::string& key : {std::string(), std::string(256, 'k')}) {
    const auto client = Send("POST", "/counters/2/", {{"idempotency-key", key}});
    EXPECT_EQ(Status(*client), 400);
    EXPECT_THAT(Detail(*client), HasSubstr("it takes 1 to 255"));
  }
  EXPECT_TRUE(TakeCommands().empty());
}

TEST_F(CounterResourceTest, RefusedHitsSayThatTheyWereNotCounted) {
  const std::vector<std::pair<absl::Status, int>> refusals = {
      {absl::InvalidArgumentError("the key was used with another count"), 400},
      {absl::OutOfRangeError("the total would pass 2^63 - 1"), 409},
      {absl::ResourceExhaustedError("the product has 1000000 live keys"), 429}};
  for (const auto& [refusal, status] : refusals) {
    const auto client = Send("POST", "/counters/2/");
    Answer(TakeHit().ticket, refusal);
    EXPECT_EQ(Status(*client), status);
    EXPECT_EQ(Detail(*client), "The hit was not counted: " + std::string(refusal.message()));
  }
}

TEST_F(CounterResourceTest, APostWaits5sForTheCounterServiceThenMayHaveCounted) {
  const auto client = Send("POST", "/counters/2/");
  const uint64_t ticket = TakeHit().ticket;
  loop_.Advance(absl::Seconds(4));
  EXPECT_FALSE(client->response());
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(Status(*client), 503);
  EXPECT_THAT(Detail(*client), StartsWith("The hit may have been counted"));
  EXPECT_THAT(Detail(*client), HasSubstr("repeat it with an Idempotency-Key"));
  EXPECT_NE(client->header("retry-after"), "");
  const LoopCommands commands = TakeCommands();
  ASSERT_EQ(commands.abandoned.size(), 1u);
  EXPECT_EQ(commands.abandoned[0].ticket, ticket);
  EXPECT_EQ(commands.abandoned[0].counter, Open("2"));
  Answer(ticket, absl::OkStatus(), 27);  // too late, and nobody's
  EXPECT_EQ(Status(*client), 503);
}

TEST_F(CounterResourceTest, ARefusalThatMayHaveCountedIs503) {
  const auto client = Send("POST", "/counters/2/");
  Answer(TakeHit().ticket, absl::UnavailableError("the disk is full"));
  EXPECT_EQ(Status(*client), 503);
  EXPECT_THAT(Detail(*client), HasSubstr("may have been counted: the disk is full."));
}

// --- Event streams ---

TEST_F(CounterResourceTest, AStreamOpensWithTheCurrentValue) {
  const auto stream = Stream("/counters/2/");
  EXPECT_FALSE(stream->opened());
  Tell(Open("2"), 41, 26);
  ASSERT_TRUE(stream->opened());
  EXPECT_EQ(stream->header("content-type"), "text/event-stream");
  EXPECT_EQ(stream->header("cache-control"), "no-store");
  EXPECT_EQ(stream->header("x-accel-buffering"), "no");
  EXPECT_EQ(stream->header("access-control-allow-origin"), "*");
  EXPECT_THAT(stream->opening(), StartsWith(":" + std::string(2048, ' ') + "\nretry: "));
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\nid: 7-41\ndata: 26\n\n"));
  Tell(Open("2"), 42, 27);
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\nid: 7-42\ndata: 27\n\n"));
}

TEST_F(CounterResourceTest, TheRetryTimeIsRandomFrom1000To5000) {
  std::vector<int> retries;
  Tell(Open("2"), 41, 26);
  for (int i = 0; i < 50; ++i) {
    const auto stream = Stream("/counters/2/");
    Tell(Open("2"), 41, 26);
    const std::string opening = stream->opening();
    retries.push_back(std::stoi(opening.substr(opening.find("retry: ") + 7)));
  }
  EXPECT_THAT(retries, ::testing::Each(::testing::AllOf(::testing::Ge(1000), ::testing::Le(5000))));
  EXPECT_GT(*std::max_element(retries.begin(), retries.end()) -
                *std::min_element(retries.begin(), retries.end()),
            2000);
}

TEST_F(CounterResourceTest, PresenceDoesNotMoveAHitStream) {
  const auto stream = Stream("/counters/2/");
  Tell(Open("2"), 41, 26, /*present=*/1);
  stream->TakeFrames();
  Tell(Open("2"), 42, 26, /*present=*/2);
  loop_.Advance(absl::Seconds(1));
  EXPECT_THAT(stream->TakeFrames(), IsEmpty());
}

TEST_F(CounterResourceTest, AnIdleStreamGetsACommentEvery25s) {
  const auto stream = Stream("/counters/2/");
  Tell(Open("2"), 41, 26);
  stream->TakeFrames();
  loop_.Advance(absl::Seconds(24));
  EXPECT_THAT(stream->TakeFrames(), IsEmpty());
  loop_.Advance(absl::Seconds(2));
  EXPECT_THAT(stream->TakeFrames(), ElementsAre(":\n\n"));
  loop_.Advance(absl::Seconds(25));
  EXPECT_THAT(stream->TakeFrames(), ElementsAre(":\n\n"));
}

TEST_F(CounterResourceTest, AStreamWaitsForTheRevisionThatItsClientHasSeen) {
  SendTo(25, "GET", "/counters/2/");
  const auto stream =
      Get("/counters/2/", {{"accept", "text/event-stream"}, {"last-event-id", "7-43"}});
  EXPECT_FALSE(stream->opened());
  Tell(Open("2"), 42, 26);
  EXPECT_FALSE(stream->opened());
  Tell(Open("2"), 43, 26);
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\nid: 7-43\ndata: 26\n\n"));
}

TEST_F(CounterResourceTest, ItWaitsAtMost2s) {
  SendTo(25, "GET", "/counters/2/");
  const auto stream =
      Get("/counters/2/", {{"accept", "text/event-stream"}, {"last-event-id", "7-43"}});
  loop_.Advance(absl::Milliseconds(1500));
  EXPECT_FALSE(stream->opened());
  loop_.Advance(absl::Milliseconds(500));
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\nid: 7-41\ndata: 25\n\n"));
}

TEST_F(CounterResourceTest, WhatCannotBeWaitedForIsAnsweredAtOnce) {
  SendTo(25, "GET", "/counters/2/");
  for (const char* id : {"7-41", "7-40", "6-99", "8-1", "", "7", "7-", "x-43", "7-43 ", "-7-43",
                         "7-99999999999999999999"}) {
    const auto stream =
        Get("/counters/2/", {{"accept", "text/event-stream"}, {"last-event-id", id}});
    EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\nid: 7-41\ndata: 25\n\n")) << id;
  }
}

TEST_F(CounterResourceTest, AStreamOpensWithoutAValueWhileTheCounterServiceIsAway) {
  const auto stream = Stream("/counters/2/");
  loop_.Advance(absl::Seconds(5));
  ASSERT_TRUE(stream->opened());
  EXPECT_THAT(stream->TakeFrames(), IsEmpty());
  Tell(Open("2"), 41, 26);
  EXPECT_THAT(stream->TakeFrames(), ElementsAre("event: message\nid: 7-41\ndata: 26\n\n"));
}

TEST_F(CounterResourceTest, AStreamEndsWhenItsCounterIsDeleted) {
  const auto stream = Stream("/counters/2/");
  Tell(Open("2"), 41, 26);
  Tell(Open("2"), 42, absl::nullopt);
  EXPECT_TRUE(stream->close_reason());
  EXPECT_EQ(parts_.streams.size(), 0);
  const auto automatic = Stream("/counters/2/?key=auto");
  Tell(Auto("2"), 41, 26);
  automatic->TakeFrames();
  Tell(Auto("2"), 42, absl::nullopt);
  EXPECT_THAT(automatic->TakeFrames(), ElementsAre("event: message\nid: 7-42\ndata: 0\n\n"));
}

// --- Not now ---

TEST_F(CounterResourceTest, WhileDrainingPlainRequestsGet503AndStreamsComeBack) {
  admission_.StartDraining();
  for (const char* method : {"GET", "HEAD", "POST"}) {
    const auto client = Send(method, "/counters/2/");
    EXPECT_EQ(Status(*client), 503) << method;
    EXPECT_NE(client->header("retry-after"), "");
  }
  const auto stream = Stream("/counters/2/");
  EXPECT_EQ(Status(*stream), 200);
  EXPECT_EQ(stream->header("content-type"), "text/event-stream");
  EXPECT_EQ(stream->header("access-control-allow-origin"), "*");
  EXPECT_THAT(stream->response()->body, StartsWith("retry: "));
  EXPECT_EQ(Rejected(RejectReason::kDraining), 4);
  EXPECT_TRUE(TakeCommands().empty());
}

TEST_F(CounterResourceTest, WhenFullStreamsComeBackAndPlainRequestsAreServed) {
  for (int64_t i = 0; i < kMaxConnections; ++i) admission_.StreamOpened();
  EXPECT_THAT(Stream("/counters/2/")->response()->body, StartsWith("retry: "));
  EXPECT_EQ(Rejected(RejectReason::kOverloaded), 1);
  EXPECT_EQ(Status(*SendTo(26, "GET", "/counters/2/")), 200);
}

}  // namespace
}  // namespace livecounter::gateway
