#include "gateway/http/router.h"

#include "gateway/testing/edge_fixture.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

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

TEST_F(RouterTest, OnlySubHasAWebSocket) {
  for (const char* path : {"/counters/2/", "/", "/demo", "/nothing"}) {
    const auto client = Upgrade(path);
    EXPECT_FALSE(client->opened());
    EXPECT_EQ(client->response()->status, 404) << path;
  }
  EXPECT_TRUE(Upgrade("/sub?urlId=page&key=open&pId=me")->opened());
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
