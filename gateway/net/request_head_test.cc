#include "gateway/net/request_head.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

// The size found, 0 for "not whole yet", or the status of the refusal, negative.
int64_t Found(absl::string_view bytes) {
  const absl::variant<size_t, Refusal> found = FindHeadEnd(bytes);
  if (const auto* refusal = absl::get_if<Refusal>(&found)) return -refusal->status;
  return static_cast<int64_t>(absl::get<size_t>(found));
}

TEST(FindHeadEndTest, FindsTheEndWhereverTheBytesStop) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (size_t size = 0; size < head.size(); ++size) {
    EXPECT_EQ(Found(absl::string_view(head).substr(0, size)), 0) << size;
  }
  EXPECT_EQ(Found(head), head.size());
  EXPECT_EQ(Found(head + head), head.size());
}

TEST(FindHeadEndTest, TakesBareLineFeedsAndBlankLinesBefore) {
  EXPECT_EQ(Found("GET / HTTP/1.0\n\nrest"), 16);
  EXPECT_EQ(Found("\r\n\nGET / HTTP/1.0\r\n\n"), 20);
  EXPECT_EQ(Found("\r\n\r\n"), 0);
}

std::string RequestLineOf(size_t size) {
  const std::string line = "GET / HTTP/1.1";
  return absl::StrCat("GET /", std::string(size - line.size(), 'a'), " HTTP/1.1");
}

TEST(FindHeadEndTest, ARequestLineHasAtMost8KiB) {
  EXPECT_EQ(Found(RequestLineOf(kMaxRequestLine) + "\r\n"), 0);
  EXPECT_EQ(Found(RequestLineOf(kMaxRequestLine) + "\r\n\r\n"), kMaxRequestLine + 4);
  EXPECT_EQ(Found(RequestLineOf(kMaxRequestLine + 1) + "\r\n"), -414);
  EXPECT_EQ(Found(std::string(kMaxRequestLine + 2, 'a')), -414);
}

TEST(FindHeadEndTest, AHeadHasAtMost16KiB) {
  const std::string line = "GET / HTTP/1.1\r\nX: ";
  const std::string end = "\r\n\r\n";
  const size_t rest = kMaxHead - line.size() - end.size();
  EXPECT_EQ(Found(line + std::string(rest, 'a') + end), kMaxHead);
  EXPECT_EQ(Found(line + std::string(rest + 1, 'a') + end), -431);
  EXPECT_EQ(Found(line + std::string(kMaxHead, 'a')), -431);
}

TEST(FindHeadEndTest, BlankLinesAloneAreNoRequest) {
  EXPECT_EQ(Found(std::string(kMaxHead + 1, '\n')), -400);
}

RequestHead Parse(absl::string_view head) {
  absl::variant<RequestHead, Refusal> parsed = ParseRequestHead(head);
  if (const auto* refusal = absl::get_if<Refusal>(&parsed)) {
    ADD_FAILURE() << head << " is refused: " << refusal->detail;
    return {};
  }
  return absl::get<RequestHead>(std::move(parsed));
}

// With a Host header and a request line before them.
RequestHead ParseHeaders(absl::string_view headers) {
  return Parse(absl::StrCat("GET /sub HTTP/1.1\r\nHost: a\r\n", headers, "\r\n"));
}

TEST(ParseRequestHeadTest, ReadsTheRequestLine) {
  const RequestHead head = Parse("POST /counters/2/?key=demo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.request.method, "POST");
  EXPECT_EQ(head.request.path, "/counters/2/");
  ASSERT_THAT(head.request.query, SizeIs(1));
  EXPECT_EQ(head.request.query[0].first, "key");
  EXPECT_EQ(*head.request.query[0].second, "demo");
  EXPECT_FALSE(head.is_http_1_0);
}

TEST(ParseRequestHeadTest, HandsOnEveryMethod) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW"}) {
    EXPECT_EQ(Parse(absl::StrCat(method, " / HTTP/1.1\r\nHost: a\r\n\r\n")).request.method, method);
  }
}

TEST(ParseRequestHeadTest, KeepsTheHeadersThatAreReadAndDropsOthers) {
  const RequestHead head = Parse(
      "\r\nGET / HTTP/1.1\nhOsT:a\r\nAccept:  text/event-stream \t\r\nCookie: secret=1\r\n"
      "Last-Event-ID: 7-41\r\nOrigin:\r\n\r\n");
  EXPECT_THAT(head.request.headers,
              ElementsAre(Pair("host", "a"), Pair("accept", "text/event-stream"),
                          Pair("last-event-id", "7-41"), Pair("origin", "")));
}

TEST(ParseRequestHeadTest, JoinsRepeatedHeaders) {
  const RequestHead head = ParseHeaders(
      "X-Forwarded-For: 192.0.2.1\r\nAccept: a/b\r\nX-Forwarded-For: 192.0.2.2, 192.0.2.3\r\n");
  EXPECT_EQ(head.request.header("x-forwarded-for"),
            absl::string_view("192.0.2.1, 192.0.2.2, 192.0.2.3"));
}

TEST(ParseRequestHeadTest, Http11KeepsTheConnectionUnlessToldNotTo) {
  EXPECT_TRUE(ParseHeaders("").keep_alive);
  EXPECT_TRUE(ParseHeaders("Connection: Upgrade\r\n").keep_alive);
  EXPECT_FALSE(ParseHeaders("Connection: Close\r\n").keep_alive);
  EXPECT_FALSE(ParseHeaders("Connection: a, close\r\n").keep_alive);
  EXPECT_FALSE(ParseHeaders("Connection: a\r\nConnection: close\r\n").keep_alive);
}

TEST(ParseRequestHeadTest, Http10KeepsTheConnectionOnlyWhenAsked) {
  const RequestHead head = Parse("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(head.is_http_1_0);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_TRUE(Parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(ParseRequestHeadTest, HeadsThatCannotBeReadAreRefused) {
  const struct {
    const char* head;
    int status;
    const char* why;
  } kCases[] = {
      {"GET /\r\n\r\n", 400, "a method, a target and a version"},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "a method, a target and a version"},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "a method, a target and a version"},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", 400, "HTTP version"},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "HTTP/1.1"},
      {"PRI * HTTP/2.0\r\n\r\n", 505, "HTTP/1.1"},
      {"G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "method"},
      {"ANINCREDIBLYLONGMETHODNAMEFORAREQUEST / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "method"},
      {"CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "target"},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400, "hexadecimal"},
      {"GET / HTTP/1.1\r\n\r\n", 400, "Host"},
      {"GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", 400, "two Host"},
      {"GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n", 400, "name before its colon"},
      {"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400, "name before its colon"},
      {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "name before its colon"},
      {"GET / HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n", 400, "name before its colon"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400, "control character"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", 400, "control character"},
  };
  for (const auto& c : kCases) {
    const absl::variant<RequestHead, Refusal> parsed = ParseRequestHead(c.head);
    const auto* refusal = absl::get_if<Refusal>(&parsed);
    ASSERT_NE(refusal, nullptr) << c.head;
    EXPECT_EQ(refusal->status, c.status) << c.head;
    EXPECT_THAT(refusal->detail, HasSubstr(c.why)) << c.head;
  }
}

TEST(ParseRequestHeadTest, TwoHundredHeadersAreTheMost) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 199; ++i) head += "X: a\r\n";
  EXPECT_EQ(Parse(head + "\r\n").request.method, "GET");
  const absl::variant<RequestHead, Refusal> parsed = ParseRequestHead(head + "X: a\r\n\r\n");
  ASSERT_TRUE(absl::holds_alternative<Refusal>(parsed));
  EXPECT_EQ(absl::get<Refusal>(parsed).status, 431);
}

TEST(ParseRequestHeadTest, ABodyHasAtMost1KiB) {
  EXPECT_EQ(ParseHeaders("").body_size, 0);
  EXPECT_EQ(ParseHeaders("Content-Length: 0\r\n").body_size, 0);
  const RequestHead largest = ParseHeaders("Content-Length: 1024\r\nExpect: 100-continue\r\n");
  EXPECT_EQ(largest.body_size, 1024);
  EXPECT_TRUE(largest.expects_continue);
  EXPECT_FALSE(largest.refusal.has_value());
  EXPECT_EQ(ParseHeaders("Content-Length: 0000000000000000000000003\r\n").body_size, 3);
}

TEST(ParseRequestHeadTest, OnlyHttp11KnowsContinue) {
  EXPECT_FALSE(Parse("POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
                   .expects_continue);
}

TEST(ParseRequestHeadTest, BodiesThatAreNotReadAreRefused) {
  const std::pair<const char*, int> kCases[] = {
      {"Content-Length: 1025\r\n", 413},
      {"Content-Length: 999999999999999999\r\n", 413},
      {"Content-Length: 9999999999999999999999\r\n", 413},
      {"Content-Length: \r\n", 400},
      {"Content-Length: +1\r\n", 400},
      {"Content-Length: -1\r\n", 400},
      {"Content-Length: 0x1\r\n", 400},
      {"Content-Length: 1 1\r\n", 400},
      {"Content-Length: 1\r\nContent-Length: 1\r\n", 400},
      {"Transfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", 400},
  };
  for (const auto& [headers, status] : kCases) {
    const RequestHead head = ParseHeaders(headers);
    ASSERT_TRUE(head.refusal.has_value()) << headers;
    EXPECT_EQ(head.refusal->status, status) << headers;
    EXPECT_EQ(head.request.path, "/sub");
  }
}

TEST(ParseRequestHeadTest, RulesSayWhatElseIsTaken) {
  constexpr absl::string_view kMore[] = {"cookie"};
  const HeadRules rules = {.max_body = 4096, .more_headers = kMore};
  const auto parse = [&](absl::string_view headers, absl::string_view version = "HTTP/1.1") {
    return absl::get<RequestHead>(ParseRequestHead(
        absl::StrCat("POST /api ", version, "\r\nHost: a\r\n", headers, "\r\n"), rules));
  };
  EXPECT_EQ(parse("Cookie: a=b\r\n").request.header("cookie"), absl::string_view("a=b"));
  EXPECT_EQ(parse("Content-Length: 4096\r\n").body_size, 4096);
  EXPECT_EQ(parse("Content-Length: 4097\r\n").refusal->status, 413);
  EXPECT_TRUE(parse("Transfer-Encoding: Chunked\r\n").is_chunked);
  EXPECT_FALSE(parse("Transfer-Encoding: chunked\r\n").refusal.has_value());
  EXPECT_EQ(parse("Transfer-Encoding: gzip, chunked\r\n").refusal->status, 400);
  EXPECT_EQ(parse("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n").refusal->status,
            400);
  EXPECT_EQ(parse("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n").refusal->status, 400);
  EXPECT_EQ(parse("Transfer-Encoding: chunked\r\n", "HTTP/1.0").refusal->status, 400);
}

constexpr char kVersion[] = "Sec-WebSocket-Version: 13\r\n";
constexpr char kKey[] = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr char kUpgrade[] = "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n";

TEST(ParseRequestHeadTest, KnowsAWebSocketHandshake) {
  const RequestHead head = ParseHeaders(absl::StrCat(kUpgrade, kVersion, kKey));
  EXPECT_TRUE(head.wants_web_socket);
  EXPECT_FALSE(CheckHandshake(head).has_value());
}

TEST(CheckHandshakeTest, RefusesBrokenOnes) {
  const std::pair<std::string, int> kCases[] = {
      {kKey, 426},
      {absl::StrCat(kKey, "Sec-WebSocket-Version: 8\r\n"), 426},
      {kVersion, 400},
      {absl::StrCat(kVersion, "Sec-WebSocket-Key: c2hvcnQ=\r\n"), 400},
      {absl::StrCat(kVersion, "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==\r\n"), 400},
      {absl::StrCat(kVersion, kKey, kKey), 400},
      {absl::StrCat(kVersion, kKey, "Content-Length: 1\r\n"), 400},
  };
  for (const auto& [headers, status] : kCases) {
    const RequestHead head = ParseHeaders(absl::StrCat(kUpgrade, headers));
    EXPECT_TRUE(head.wants_web_socket) << headers;
    EXPECT_FALSE(head.refusal.has_value()) << headers << ": it may ask for what is no WebSocket";
    const auto refusal = CheckHandshake(head);
    ASSERT_TRUE(refusal.has_value()) << headers;
    EXPECT_EQ(refusal->status, status) << headers;
  }
}

TEST(CheckHandshakeTest, AWrongVersionIsToldTheRightOne) {
  const auto refusal = CheckHandshake(ParseHeaders(absl::StrCat(kUpgrade, kKey)));
  ASSERT_TRUE(refusal.has_value());
  EXPECT_THAT(refusal->headers,
              ElementsAre(Pair("sec-websocket-version", "13"), Pair("upgrade", "websocket")));
}

TEST(ParseRequestHeadTest, OtherUpgradesAreLeftAlone) {
  const std::string handshake = absl::StrCat(kUpgrade, kVersion, kKey, "\r\n");
  const std::string kCases[] = {
      absl::StrCat("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n", kVersion, kKey, "\r\n"),
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0\r\n\r\n",
      absl::StrCat("POST / HTTP/1.1\r\nHost: a\r\n", handshake),
      absl::StrCat("GET / HTTP/1.0\r\nHost: a\r\n", handshake),
  };
  for (const std::string& request : kCases) {
    const RequestHead head = Parse(request);
    EXPECT_FALSE(head.wants_web_socket) << request;
    EXPECT_FALSE(head.refusal.has_value()) << request;
  }
}

TEST(ParseRequestHeadTest, Http2IsRefused) {
  const RequestHead head = ParseHeaders(
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n");
  ASSERT_TRUE(head.refusal.has_value());
  EXPECT_EQ(head.refusal->status, 400);
  EXPECT_THAT(head.refusal->detail, HasSubstr("HTTP/2"));
}

}  // namespace
}  // namespace livecounter::gateway::net
