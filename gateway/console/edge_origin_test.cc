#include "gateway/console/edge_origin.h"

#include <string>

#include "gtest/gtest.h"

namespace livecounter::gateway::console {
namespace {

Request AskedAs(absl::string_view host) {
  Request request;
  if (!host.empty()) request.headers = {{"host", std::string(host)}};
  return request;
}

TEST(EdgeOriginTest, IsWhatTheOperatorSays) {
  const EdgeOrigin edge("https://live.example.com", 8080, false);
  EXPECT_EQ(edge.For(AskedAs("console.example.com")), "https://live.example.com");
  EXPECT_EQ(edge.For(AskedAs("")), "https://live.example.com");
}

TEST(EdgeOriginTest, IsElseTheConsolesHostWithTheGatewaysPort) {
  const EdgeOrigin edge("", 8080, false);
  EXPECT_EQ(edge.For(AskedAs("localhost:8081")), "http://localhost:8080");
  EXPECT_EQ(edge.For(AskedAs("console.example.com")), "http://console.example.com:8080");
  EXPECT_EQ(edge.For(AskedAs("[::1]:8081")), "http://[::1]:8080");
  EXPECT_EQ(EdgeOrigin("", 443, true).For(AskedAs("localhost:8081")), "https://localhost:443");
}

TEST(EdgeOriginTest, IsNothingForAHostThatIsNone) {
  const EdgeOrigin edge("", 8080, false);
  for (const char* host : {"", ":8081", "a b", "evil.example; script-src *", "[::1", "[", "a:b",
                           "a:123456", "a/b", "a,b", "a:"}) {
    EXPECT_EQ(edge.For(AskedAs(host)), "") << host;
  }
}

TEST(EdgeOriginTest, APublicUrlIsAnOrigin) {
  for (const char* url :
       {"", "https://live.example.com", "http://127.0.0.1:8080", "http://[::1]"}) {
    EXPECT_TRUE(IsPublicUrl(url)) << url;
  }
  for (const char* url :
       {"live.example.com", "https://", "ws://live.example.com", "https://live.example.com/",
        "https://live.example.com:port", "https://a b", "https://a; script-src *", "http://[::1"}) {
    EXPECT_FALSE(IsPublicUrl(url)) << url;
  }
}

}  // namespace
}  // namespace livecounter::gateway::console
