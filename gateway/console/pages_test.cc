#include "gateway/console/pages.h"

#include <string>

#include "gateway/http/gzip.h"
#include "gateway/testing/header_of.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::console {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr Asset kAssets[] = {
    {"/", "text/html;charset=utf-8", "home"},
    {"/app.js", "text/javascript;charset=utf-8", "script"},
};

Request RequestFor(absl::string_view path, absl::string_view method = "GET",
                   absl::string_view if_none_match = "") {
  Request request;
  request.method = std::string(method);
  request.path = std::string(path);
  if (!if_none_match.empty()) request.headers = {{"if-none-match", std::string(if_none_match)}};
  return request;
}

class PagesTest : public testing::Test {
 protected:
  const Pages pages_{kAssets, /*own_tls=*/false, EdgeOrigin("", 8080, false)};
};

TEST_F(PagesTest, AreServedWithTheirTypes) {
  const Response script = pages_.Serve(RequestFor("/app.js"));
  EXPECT_EQ(script.status, 200);
  EXPECT_EQ(script.body, "script");
  EXPECT_EQ(HeaderOf(script, "content-type"), "text/javascript;charset=utf-8");
  EXPECT_EQ(HeaderOf(script, "cache-control"), "no-cache");
}

TEST_F(PagesTest, PathsThatExistInTheBrowserAloneShowTheHomePage) {
  for (const char* path : {"/", "/products", "/products/accounts%2Fa/settings", "/a.b/c"}) {
    const Response response = pages_.Serve(RequestFor(path));
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.body, "home") << path;
  }
}

TEST_F(PagesTest, FilesThatAreNotThereAre404) {
  for (const char* path : {"/other.js", "/products/app.css", "/.env", "*"}) {
    EXPECT_EQ(pages_.Serve(RequestFor(path)).status, 404) << path;
  }
}

TEST_F(PagesTest, AreNotSentAgainToThoseWhoHaveThem) {
  const std::string etag = HeaderOf(pages_.Serve(RequestFor("/app.js")), "etag");
  const Response again = pages_.Serve(RequestFor("/app.js", "GET", etag));
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(HeaderOf(again, "etag"), etag);
  EXPECT_NE(HeaderOf(pages_.Serve(RequestFor("/")), "etag"), etag);
}

TEST(ZippedPagesTest, AreSentToThoseWhoTakeThem) {
  const std::string text(1000, 'x');
  const Asset assets[] = {{"/", "text/html", "home"}, {"/app.js", "text/javascript", text}};
  const Pages pages(assets, /*own_tls=*/false, EdgeOrigin("", 8080, false));
  Request request = RequestFor("/app.js");
  const Response plain = pages.Serve(request);
  EXPECT_EQ(plain.body, text);
  EXPECT_EQ(HeaderOf(plain, "vary"), "Accept-Encoding");
  EXPECT_EQ(HeaderOf(plain, "content-encoding"), "");
  request.headers = {{"accept-encoding", "gzip, br"}};
  const Response zipped = pages.Serve(request);
  EXPECT_EQ(zipped.body, Gzip(text));
  EXPECT_EQ(HeaderOf(zipped, "content-encoding"), "gzip");
  EXPECT_NE(HeaderOf(zipped, "etag"), HeaderOf(plain, "etag"));
  request.headers.emplace_back("if-none-match", HeaderOf(zipped, "etag"));
  EXPECT_EQ(pages.Serve(request).status, 304);
  // What gzip makes no smaller stays as it is.
  request.path = "/";
  EXPECT_EQ(pages.Serve(request).body, "home");
}

TEST_F(PagesTest, AreOnlyRead) {
  const Response response = pages_.Serve(RequestFor("/", "POST"));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(HeaderOf(response, "allow"), "GET, HEAD");
}

TEST_F(PagesTest, MayDoLittleInABrowser) {
  for (const char* path : {"/", "/app.js", "/other.js"}) {
    const Response response = pages_.Serve(RequestFor(path));
    const std::string policy = HeaderOf(response, "content-security-policy");
    for (const char* rule : {"default-src 'none'", "script-src 'self'", "connect-src 'self'",
                             "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"}) {
      EXPECT_THAT(policy, HasSubstr(rule)) << path;
    }
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_THAT(response.headers, Contains(Pair("x-content-type-options", "nosniff")));
    EXPECT_THAT(response.headers, Contains(Pair("referrer-policy", "no-referrer")));
    EXPECT_EQ(HeaderOf(response, "strict-transport-security"), "");
  }
}

TEST_F(PagesTest, OverTlsStayOnTls) {
  const Pages over_tls(kAssets, /*own_tls=*/true, EdgeOrigin("", 443, true));
  EXPECT_EQ(HeaderOf(over_tls.Serve(RequestFor("/")), "strict-transport-security"),
            "max-age=31536000");
}

TEST_F(PagesTest, MayUseTheGatewaysToo) {
  Request request = RequestFor("/products/");
  request.headers = {{"host", "localhost:8081"}};
  EXPECT_THAT(HeaderOf(pages_.Serve(request), "content-security-policy"),
              AllOf(HasSubstr("script-src 'self' http://localhost:8080/client.js;"),
                    HasSubstr("img-src 'self' data: http://localhost:8080/counters/;"),
                    HasSubstr("connect-src 'self' http://localhost:8080 ws://localhost:8080;")));
}

TEST_F(PagesTest, TellTheDashboardWhereTheGatewaysAre) {
  Request request = RequestFor("/config.json");
  request.headers = {{"host", "localhost:8081"}};
  const Response response = pages_.Serve(request);
  EXPECT_EQ(response.body, R"({"edge":"http://localhost:8080"})");
  EXPECT_EQ(HeaderOf(response, "content-type"), "application/json");
  EXPECT_EQ(pages_.Serve(RequestFor("/config.json", "DELETE")).status, 405);
}

TEST(EmbeddedPagesTest, HaveAHomePage) {
  const Pages pages(EmbeddedPages(), false, EdgeOrigin("", 8080, false));
  const Response response = pages.Serve(RequestFor("/"));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("<!doctype html>"));
  EXPECT_EQ(response.body.find("<script>"), std::string::npos);
  EXPECT_EQ(response.body.find(" style="), std::string::npos);
}

}  // namespace
}  // namespace livecounter::gateway::console
