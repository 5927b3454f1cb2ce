#include "gateway/http/assets.h"

#include <string>

#include "absl/strings/match.h"
#include "gateway/testing/header_of.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::_;
using ::testing::Contains;
using ::testing::Not;
using ::testing::Pair;

constexpr Asset kAssets[] = {
    {"/client.js", "text/javascript;charset=utf-8", "client"},
    {"/demo", "text/html;charset=utf-8", absl::string_view("de\0mo", 5)},
};

Request RequestFor(absl::string_view method, absl::string_view path,
                   absl::string_view if_none_match = "") {
  Request request;
  request.method = std::string(method);
  request.path = std::string(path);
  if (!if_none_match.empty()) request.headers = {{"if-none-match", std::string(if_none_match)}};
  return request;
}

TEST(AssetsTest, AreServedWithTypeAndTag) {
  const Assets assets(kAssets, /*serve_demo=*/true);
  for (const char* method : {"GET", "HEAD"}) {
    const auto response = assets.Serve(RequestFor(method, "/demo"));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, std::string("de\0mo", 5));
    EXPECT_THAT(response->headers, Contains(Pair("content-type", "text/html;charset=utf-8")));
    EXPECT_THAT(response->headers, Contains(Pair("x-content-type-options", "nosniff")));
    EXPECT_THAT(response->headers, Contains(Pair("cache-control", "no-cache")));
    EXPECT_EQ(HeaderOf(*response, "etag").size(), 34u);
  }
}

TEST(AssetsTest, TheClientIsForPagesOfAnyOrigin) {
  const Assets assets(kAssets, /*serve_demo=*/true);
  const auto client = assets.Serve(RequestFor("GET", "/client.js"));
  EXPECT_THAT(client->headers, Contains(Pair("access-control-allow-origin", "*")));
  EXPECT_THAT(client->headers, Contains(Pair("cross-origin-resource-policy", "cross-origin")));
  EXPECT_THAT(client->headers, Contains(Pair("cache-control", "public, max-age=300")));
  EXPECT_THAT(assets.Serve(RequestFor("GET", "/demo"))->headers,
              Not(Contains(Pair("access-control-allow-origin", _))));
}

TEST(AssetsTest, WhoHasItIsNotSentItAgain) {
  const Assets assets(kAssets, /*serve_demo=*/true);
  const std::string etag = HeaderOf(*assets.Serve(RequestFor("GET", "/demo")), "etag");
  for (const std::string& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
    const auto response = assets.Serve(RequestFor("GET", "/demo", known));
    EXPECT_EQ(response->status, 304) << known;
    EXPECT_EQ(response->body, "");
    EXPECT_EQ(HeaderOf(*response, "etag"), etag);
  }
  EXPECT_EQ(assets.Serve(RequestFor("GET", "/client.js", etag))->status, 200);
}

TEST(AssetsTest, OtherMethodsAre405) {
  const Assets assets(kAssets, /*serve_demo=*/true);
  for (const char* path : {"/demo", "/client.js", "/"}) {
    const auto response = assets.Serve(RequestFor("POST", path));
    EXPECT_EQ(response->status, 405);
    EXPECT_THAT(response->headers, Contains(Pair("allow", "GET, HEAD")));
  }
}

TEST(AssetsTest, TheRootLeadsToTheDemo) {
  const auto response = Assets(kAssets, /*serve_demo=*/true).Serve(RequestFor("GET", "/"));
  EXPECT_EQ(response->status, 302);
  EXPECT_THAT(response->headers, Contains(Pair("location", "/demo")));
}

TEST(AssetsTest, WithoutTheDemoThereIsTheClientOnly) {
  const Assets assets(kAssets, /*serve_demo=*/false);
  EXPECT_TRUE(assets.Serve(RequestFor("GET", "/client.js")));
  EXPECT_FALSE(assets.Serve(RequestFor("GET", "/demo")));
  EXPECT_FALSE(assets.Serve(RequestFor("GET", "/")));
  EXPECT_FALSE(assets.Serve(RequestFor("GET", "/other")));
}

TEST(EmbeddedAssetsTest, AreTheFilesOfTheWeb) {
  const Assets assets(EmbeddedAssets(), /*serve_demo=*/true);
  const auto body = [&](const char* path) { return assets.Serve(RequestFor("GET", path))->body; };
  EXPECT_TRUE(absl::StrContains(body("/demo"), "<!doctype html>"));
  EXPECT_TRUE(absl::StrContains(body("/demo"), "</html>"));
  EXPECT_TRUE(absl::StrContains(body("/client.js"), "connect"));
  EXPECT_TRUE(absl::StrContains(body("/client.mjs"), "export"));
  EXPECT_THAT(assets.Serve(RequestFor("GET", "/demo.css"))->headers,
              Contains(Pair("content-type", "text/css;charset=utf-8")));
}

}  // namespace
}  // namespace livecounter::gateway
