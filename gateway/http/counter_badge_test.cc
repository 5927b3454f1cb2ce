// `/counters/{id}/badge.svg` as a resource; how a badge looks is badge_test.cc's.

#include <string>
#include <vector>

#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;
using ::testing::AllOf;
using ::testing::HasSubstr;

class CounterBadgeTest : public EdgeTest {
 protected:
  // A request for the badge of a counter that has these hits.
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

TEST_F(CounterBadgeTest, ShowsTheHitsUnderALabel) {
  const auto client = SendTo(12'345, "GET", "/counters/2/badge.svg?label=visits&color=0366d6");
  EXPECT_EQ(Status(*client), 200);
  EXPECT_EQ(client->header("content-type"), "image/svg+xml");
  EXPECT_THAT(client->response()->body,
              AllOf(HasSubstr(">visits</text>"), HasSubstr(">12.3k</text>"), HasSubstr("#0366d6")));
}

TEST_F(CounterBadgeTest, IsCachedAsAnyPlainGetAndMayBeShownAnywhere) {
  const auto client = SendTo(1, "GET", "/counters/2/badge.svg", {{"accept", "image/*"}});
  EXPECT_EQ(client->header("cache-control"), "s-maxage=1");
  EXPECT_EQ(client->header("vary"), "Accept");
  EXPECT_EQ(client->header("access-control-allow-origin"), "*");
  EXPECT_EQ(client->header("content-security-policy"), "default-src 'none'");
}

TEST_F(CounterBadgeTest, IsABadgeWhateverAcceptHolds) {
  for (const char* accept : {"text/event-stream", "application/json", "text/html"}) {
    const auto client = SendTo(1, "GET", "/counters/2/badge.svg", {{"accept", accept}});
    EXPECT_EQ(client->header("content-type"), "image/svg+xml") << accept;
  }
  EXPECT_EQ(parts_.streams.size(), 0);
}

TEST_F(CounterBadgeTest, HeadIsGetWithoutBody) {
  const auto client = SendTo(1, "HEAD", "/counters/2/badge.svg");
  EXPECT_EQ(Status(*client), 200);
  EXPECT_EQ(client->header("content-type"), "image/svg+xml");
  EXPECT_EQ(client->response()->body, "");
}

TEST_F(CounterBadgeTest, BadParametersAre400AndSayWhatIsTaken) {
  const auto label = Get("/counters/2/badge.svg?label=");
  EXPECT_EQ(Status(*label), 400);
  EXPECT_THAT(Detail(*label), HasSubstr("\"label\" is empty"));
  const auto color = Get("/counters/2/badge.svg?color=mauve");
  EXPECT_EQ(Status(*color), 400);
  EXPECT_THAT(Detail(*color), HasSubstr("\"color\" is not a color"));
  EXPECT_EQ(color->header("access-control-allow-origin"), "*");
  EXPECT_EQ(Rejected(RejectReason::kBadRequest), 2);
}

TEST_F(CounterBadgeTest, AnUnknownCounterOrKeyIs404WhateverTheMethod) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "POST", "PUT"}) {
    EXPECT_EQ(Status(*SendTo(absl::nullopt, method, "/counters/nope/badge.svg")), 404) << method;
    EXPECT_EQ(Status(*SendTo(1, method, "/counters/2/badge.svg?key=nope")), 404) << method;
  }
  EXPECT_EQ(Status(*SendTo(1, "GET", "/counters//badge.svg")), 404);
}

TEST_F(CounterBadgeTest, IsOnlyReadFrom) {
  EXPECT_EQ(Status(*SendTo(1, "OPTIONS", "/counters/2/badge.svg")), 204);
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    const auto client = SendTo(1, method, "/counters/2/badge.svg");
    EXPECT_EQ(Status(*client), 405) << method;
    EXPECT_EQ(client->header("allow"), "OPTIONS, GET, HEAD");
  }
}

TEST_F(CounterBadgeTest, ADrainingGatewaySendsItElsewhere) {
  admission_.StartDraining();
  const auto client = SendTo(1, "GET", "/counters/2/badge.svg");
  EXPECT_EQ(Status(*client), 503);
  EXPECT_NE(client->header("retry-after"), "");
}

}  // namespace
}  // namespace livecounter::gateway
