#include "gateway/net/response_encoder.h"

#include <string>

#include "gateway/net/refusal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kDate[] = "Thu, 01 Jan 1970 00:00:00 GMT";

std::string Encode(const Response& response, Persistence persistence = Persistence::kKeepAlive,
                   bool is_head = false) {
  return EncodeResponse(response, persistence, is_head, kDate);
}

TEST(EncodeResponseTest, WritesStatusHeadersAndBody) {
  EXPECT_EQ(Encode({404, {{"content-type", "text/plain"}, {"vary", "Accept"}}, "no\n"}),
            "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\nvary: Accept\r\n"
            "date: Thu, 01 Jan 1970 00:00:00 GMT\r\ncontent-length: 3\r\n\r\nno\n");
}

TEST(EncodeResponseTest, AStatusWithoutAPhraseHasOneAllTheSame) {
  EXPECT_THAT(Encode({299, {}, ""}), StartsWith("HTTP/1.1 299 Status\r\n"));
}

TEST(EncodeResponseTest, HeadGetsTheLengthOfTheBodyAndNoBody) {
  const std::string bytes = Encode({200, {}, "26\n"}, Persistence::kKeepAlive, /*is_head=*/true);
  EXPECT_THAT(bytes, HasSubstr("content-length: 3\r\n"));
  EXPECT_THAT(bytes, EndsWith("\r\n\r\n"));
}

TEST(EncodeResponseTest, NoContentHasNoLength) {
  for (int status : {204, 304}) {
    const std::string bytes = Encode({status, {}, "ignored"});
    EXPECT_THAT(bytes, Not(HasSubstr("content-length"))) << status;
    EXPECT_THAT(bytes, EndsWith("\r\n\r\n")) << status;
  }
}

TEST(EncodeResponseTest, SaysWhatBecomesOfTheConnection) {
  const Response response;
  EXPECT_THAT(Encode(response), Not(HasSubstr("connection:")));
  EXPECT_THAT(Encode(response, Persistence::kClose), HasSubstr("connection: close\r\n"));
  EXPECT_THAT(Encode(response, Persistence::kExplicitKeepAlive),
              HasSubstr("connection: keep-alive\r\n"));
  EXPECT_THAT(Encode({426, {{"upgrade", "websocket"}}, ""}, Persistence::kClose),
              HasSubstr("connection: upgrade, close\r\n"));
}

TEST(EncodeResponseTest, AHeaderCannotBeSplitInTwo) {
  const std::string bytes = Encode({200, {{"x-a\r\nb", "c\r\nset-cookie: d\ne\x01"}}, ""});
  EXPECT_THAT(bytes, HasSubstr("\r\nx-ab: cset-cookie: de\r\n"));
}

TEST(HttpDateTest, IsInGmt) {
  EXPECT_EQ(HttpDate(absl::UnixEpoch()), kDate);
  EXPECT_EQ(HttpDate(absl::FromUnixSeconds(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(EncodeEventStreamHeadTest, EndsWithTheConnection) {
  EXPECT_EQ(EncodeEventStreamHead({{"cache-control", "no-store"}}, kDate),
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-store\r\n"
            "date: Thu, 01 Jan 1970 00:00:00 GMT\r\nconnection: close\r\n\r\n");
}

TEST(EncodeEventStreamHeadTest, MayHaveAnotherContentType) {
  EXPECT_THAT(
      EncodeEventStreamHead({{"content-type", "application/connect+json"}}, kDate),
      testing::StartsWith("HTTP/1.1 200 OK\r\ncontent-type: application/connect+json\r\ndate"));
}

TEST(RefusalTest, BecomesAProblem) {
  const Response response = ToResponse({426, "say \"13\"\n", {{"upgrade", "websocket"}}});
  EXPECT_EQ(response.status, 426);
  EXPECT_THAT(response.headers,
              testing::ElementsAre(testing::Pair("content-type", "application/problem+json"),
                                   testing::Pair("cache-control", "no-store"),
                                   testing::Pair("upgrade", "websocket")));
  const nlohmann::json problem = nlohmann::json::parse(response.body);
  EXPECT_EQ(problem["title"], "Upgrade Required");
  EXPECT_EQ(problem["status"], 426);
  EXPECT_EQ(problem["detail"], "say \"13\"");
}

}  // namespace
}  // namespace livecounter::gateway::net
