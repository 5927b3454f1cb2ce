#include "gateway/console/connect_request.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/variant.h"
#include "gateway/console/envelope.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "livecounter/v1/counter_service.pb.h"

namespace livecounter::gateway::console {
namespace {

using ::testing::HasSubstr;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr char kGet[] = "/api/livecounter.v1.CounterService/GetCounter";
constexpr char kWatch[] = "/api/livecounter.v1.CounterService/WatchCounters";

Request Post(const std::string& path, Headers headers, std::string body = "{}") {
  Request request;
  request.method = "POST";
  request.path = path;
  request.headers = std::move(headers);
  request.body = std::move(body);
  return request;
}

// The status of the refusal, or 200.
int StatusFor(const Request& request) {
  const auto found = FindCall(request, ConsoleMethods());
  const auto* refusal = absl::get_if<ConnectRefusal>(&found);
  return refusal == nullptr ? 200 : refusal->http_status;
}

ConnectCall CallFor(const Request& request) {
  const auto found = FindCall(request, ConsoleMethods());
  if (const auto* call = absl::get_if<ConnectCall>(&found)) return *call;
  ADD_FAILURE() << request.path << ": " << absl::get<ConnectRefusal>(found).error;
  return {};
}

absl::StatusOr<CallParameters> Read(const Request& request) {
  return ReadCall(request, CallFor(request));
}

TEST(FindCallTest, TheContentTypeSaysTheEncoding) {
  const struct {
    const char* path;
    const char* content_type;
    Encoding encoding;
  } kCases[] = {
      {kGet, "application/json", Encoding::kJson},
      {kGet, "Application/JSON; charset=UTF-8", Encoding::kJson},
      {kGet, "application/json;charset=\"utf-8\"", Encoding::kJson},
      {kGet, "application/proto", Encoding::kProto},
      {kWatch, "application/connect+json", Encoding::kJson},
      {kWatch, "application/connect+proto", Encoding::kProto},
  };
  for (const auto& c : kCases) {
    const ConnectCall call = CallFor(Post(c.path, {{"content-type", c.content_type}}));
    EXPECT_EQ(call.encoding, c.encoding) << c.content_type;
    EXPECT_EQ(call.is_stream, c.path == kWatch);
    ASSERT_NE(call.method, nullptr);
    EXPECT_EQ(absl::StrCat("/api", GrpcPath(*call.method)), c.path);
  }
}

TEST(FindCallTest, AnswersHaveTheContentTypeOfTheirRequests) {
  for (const char* content_type : {"application/json", "application/proto"}) {
    EXPECT_EQ(ContentTypeOf(CallFor(Post(kGet, {{"content-type", content_type}}))), content_type);
  }
  for (const char* content_type : {"application/connect+json", "application/connect+proto"}) {
    EXPECT_EQ(ContentTypeOf(CallFor(Post(kWatch, {{"content-type", content_type}}))), content_type);
  }
}

TEST(FindCallTest, WhatIsNoCallIsRefused) {
  const Headers json = {{"content-type", "application/json"}};
  EXPECT_EQ(StatusFor(Post("/api", json)), 404);
  EXPECT_EQ(StatusFor(Post("/api/livecounter.v1.CounterService/Nothing", json)), 404);
  EXPECT_EQ(StatusFor(Post("/livecounter.v1.CounterService/Nothing", json)), 404);
  for (const char* method : {"GET", "HEAD", "PUT", "OPTIONS", "post"}) {
    Request request = Post(kGet, json);
    request.method = method;
    EXPECT_EQ(StatusFor(request), 405) << method;
  }
  for (const char* content_type : {"text/plain", "application/x-www-form-urlencoded",
                                   "application/json; charset=latin1", "application/connect+json",
                                   "application/grpc-web+proto", "application/jsonp", "json", ""}) {
    EXPECT_EQ(StatusFor(Post(kGet, {{"content-type", content_type}})), 415) << content_type;
  }
  EXPECT_EQ(StatusFor(Post(kGet, {})), 415);
  EXPECT_EQ(StatusFor(Post(kWatch, json)), 415);
}

TEST(FindCallTest, RefusalsSayWhatIsAccepted) {
  Request get = Post(kGet, {});
  get.method = "GET";
  const auto wrong_method = FindCall(get, ConsoleMethods());
  EXPECT_THAT(absl::get<ConnectRefusal>(wrong_method).headers,
              testing::ElementsAre(testing::Pair("allow", "POST")));
  const auto wrong_type = FindCall(Post(kWatch, {}), ConsoleMethods());
  EXPECT_THAT(absl::get<ConnectRefusal>(wrong_type).headers,
              testing::ElementsAre(testing::Pair(
                  "accept-post", "application/connect+json, application/connect+proto")));
}

TEST(ReadCallTest, ReadsTheMessageOfAUnaryCall) {
  const auto read = Read(Post(kGet, {{"content-type", "application/json"}}, R"({"name":"a"})"));
  ASSERT_TRUE(read.ok()) << read.status();
  v1::GetCounterRequest request;
  ASSERT_TRUE(request.ParseFromString(read->message));
  EXPECT_EQ(request.name(), "a");
  EXPECT_EQ(read->timeout, absl::InfiniteDuration());
}

TEST(ReadCallTest, ReadsTheEnvelopeOfAStreamingCall) {
  const Headers headers = {{"content-type", "application/connect+json"}};
  const auto read =
      Read(Post(kWatch, headers, EncodeEnvelope(EnvelopeKind::kMessage, R"({"names":["a"]})")));
  ASSERT_TRUE(read.ok()) << read.status();
  v1::WatchCountersRequest request;
  ASSERT_TRUE(request.ParseFromString(read->message));
  EXPECT_EQ(request.names(0), "a");
  EXPECT_EQ(Read(Post(kWatch, headers, "{}")).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ReadCallTest, ReadsTheTimeout) {
  const auto timeout = [](const char* text) {
    return Read(Post(kGet, {{"content-type", "application/json"}, {"connect-timeout-ms", text}}));
  };
  EXPECT_EQ(timeout("0")->timeout, absl::ZeroDuration());
  EXPECT_EQ(timeout("1500")->timeout, absl::Milliseconds(1500));
  EXPECT_EQ(timeout("9999999999")->timeout, absl::Milliseconds(9'999'999'999));
  for (const char* text : {"", "-1", "+1", "1.5", "10000000000", "1s", " 1"}) {
    EXPECT_EQ(timeout(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(ReadCallTest, RefusesOtherVersionsAndCompression) {
  const auto code = [](const char* path, Headers headers) {
    return Read(Post(path, std::move(headers))).status().code();
  };
  const std::pair<std::string, std::string> json = {"content-type", "application/json"};
  EXPECT_EQ(code(kGet, {json, {"connect-protocol-version", "1"}}), absl::StatusCode::kOk);
  EXPECT_EQ(code(kGet, {json, {"connect-protocol-version", "2"}}),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(kGet, {json, {"content-encoding", "identity"}}), absl::StatusCode::kOk);
  EXPECT_EQ(code(kGet, {json, {"content-encoding", "gzip"}}), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(code(kWatch, {{"content-type", "application/connect+json"},
                          {"connect-content-encoding", "gzip"}}),
            absl::StatusCode::kUnimplemented);
}

TEST(ReadCallTest, SaysWhatIsWrongWithABody) {
  const auto read = Read(Post(kGet, {{"content-type", "application/json"}}, "name=a"));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("livecounter.v1.GetCounterRequest"));
}

}  // namespace
}  // namespace livecounter::gateway::console
