#include "gateway/http/router.h"

#include <utility>

#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::Contains;
using ::testing::Pair;

class RouterTest : public EdgeTest {
 protected:
  int StatusOf(absl::string_view method, absl::string_view target) {
    const auto client = Send(method, target);
    return client->response() ? client->response()->status : 0;
  }
};

TEST_F(RouterTest, OtherPathsAre404WithCors) {
  for (const char* path : {"/nothing", "/counters", "/sub/", "/SUB", "", "//", "/counters2/1/"}) {
    const auto client = Get(path);
    ASSERT_TRUE(client->response()) << path;
    EXPECT_EQ(client->response()->status, 404) << path;
    EXPECT_EQ(client->header("content-type"), "application/problem+json");
    EXPECT_EQ(client->header("access-control-allow-origin"), "*");
  }
}

TEST_F(RouterTest, AssetsAreServed) {
  EXPECT_EQ(StatusOf("GET", "/client.js"), 200);
  EXPECT_EQ(StatusOf("GET", "/demo"), 200);
  EXPECT_EQ(StatusOf("POST", "/client.js"), 405);
}

TEST_F(RouterTest, RefusalsAreReadByPagesThatTheProductAllows) {
  for (const auto& [method, target] : {std::pair("POST", "/sub?urlId=page&key=strict&pId=me"),
                                       std::pair("GET", "/sub?key=strict")}) {
    const auto other = Send(method, target, {{"origin", "https://evil.test"}});
    EXPECT_EQ(other->header("access-control-allow-origin"), "") << target;
    const auto own = Send(method, target, {{"origin", "https://shop.example.com"}});
    EXPECT_EQ(own->header("access-control-allow-origin"), "https://shop.example.com") << target;
  }
}

TEST_F(RouterTest, WhereThereIsNoWebSocketAnUpgradeIsLeftAlone) {
  const std::pair<const char*, int> kStatuses[] = {{"/", 302}, {"/demo", 200}, {"/nothing", 404}};
  for (const auto& [path, status] : kStatuses) {
    const auto client = Upgrade(path);
    EXPECT_FALSE(client->opened());
    EXPECT_EQ(client->response()->status, status) << path;
  }
  const auto value = Upgrade("/counters/2/");
  Tell(Open("2"), 1, 26);
  EXPECT_EQ(value->response()->status, 200);
  EXPECT_EQ(value->response()->body, "26\n");
  EXPECT_TRUE(Upgrade("/sub?urlId=page&key=open&pId=me")->opened());
}

TEST_F(RouterTest, ARefusalOfWhatCouldNotBeReadIsForAnyPage) {
  catalog_.SetPublic("strict");
  loop_.Settle();
  Response response;
  response.status = 400;
  router_.OnRefused(Request(), response);
  EXPECT_THAT(response.headers, Contains(Pair("access-control-allow-origin", "*")));
}

TEST_F(RouterTest, RequestsAreCountedByWhatTheyAreFor) {
  using observability::Resource;
  Send("GET", "/counters/2/");
  Send("HEAD", "/counters/2/");
  Send("POST", "/counters/2/");
  Send("GET", "/counters/2/badge.svg");
  Send("GET", "/client.js");
  Send("GET", "/nothing");
  Get("/counters/2/", {{"accept", "text/event-stream"}});
  Upgrade("/sub?urlId=page&key=open&pId=me");
  Upgrade("/nothing");
  const auto counted = [this](Resource resource) { return metrics_.requests(resource).Value(); };
  EXPECT_EQ(counted(Resource::kValue), 2);
  EXPECT_EQ(counted(Resource::kHit), 1);
  EXPECT_EQ(counted(Resource::kBadge), 1);
  EXPECT_EQ(counted(Resource::kStream), 2);
  EXPECT_EQ(counted(Resource::kAsset), 1);
  EXPECT_EQ(counted(Resource::kOther), 2);
}

TEST_F(RouterTest, WhatTheTransportRefusesIsCountedAndHasCors) {
  for (const auto& [status, reason] : {std::pair(413, observability::RejectReason::kTooLarge),
                                       std::pair(414, observability::RejectReason::kTooLarge),
                                       std::pair(431, observability::RejectReason::kTooLarge),
                                       std::pair(400, observability::RejectReason::kBadRequest),
                                       std::pair(408, observability::RejectReason::kBadRequest)}) {
    const double before = Rejected(reason);
    Response response;
    response.status = status;
    router_.OnRefused(MakeRequest("POST", "/counters/2/"), response);
    EXPECT_EQ(Rejected(reason), before + 1) << status;
    EXPECT_EQ(response.headers.back(),
              (std::pair<std::string, std::string>("access-control-allow-origin", "*")));
  }
}

}  // namespace
}  // namespace livecounter::gateway
