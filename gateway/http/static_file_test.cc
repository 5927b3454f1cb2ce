#include "gateway/http/static_file.h"

#include <string>

#include "gateway/http/gzip.h"
#include "gateway/testing/header_of.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::_;
using ::testing::Contains;
using ::testing::Not;
using ::testing::Pair;

Request Taking(absl::string_view encodings) {
  Request request;
  request.headers = {{"accept-encoding", std::string(encodings)}};
  return request;
}

class StaticFileTest : public testing::Test {
 protected:
  const std::string text_ = std::string(1000, 'x');
  const StaticFile file_{"text/javascript", text_};
};

TEST_F(StaticFileTest, IsServedWithTypeAndTag) {
  const Response response = file_.Serve(Request());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, text_);
  EXPECT_EQ(HeaderOf(response, "etag").size(), 34u);
  EXPECT_THAT(response.headers, Contains(Pair("content-type", "text/javascript")));
  EXPECT_THAT(response.headers, Contains(Pair("vary", "Accept-Encoding")));
  EXPECT_THAT(response.headers, Not(Contains(Pair("content-encoding", _))));
}

TEST_F(StaticFileTest, IsZippedForThoseWhoTakeIt) {
  const Response zipped = file_.Serve(Taking("gzip, br"));
  EXPECT_EQ(zipped.body, Gzip(text_));
  EXPECT_THAT(zipped.headers, Contains(Pair("content-encoding", "gzip")));
  EXPECT_THAT(zipped.headers, Contains(Pair("vary", "Accept-Encoding")));
  EXPECT_NE(HeaderOf(zipped, "etag"), HeaderOf(file_.Serve(Request()), "etag"));
}

TEST_F(StaticFileTest, WhatGzipMakesNoSmallerStaysAsItIs) {
  EXPECT_EQ(StaticFile("text/html", "home").Serve(Taking("gzip")).body, "home");
}

TEST_F(StaticFileTest, WhoHasTheFormThatIsAskedForIsToldSo) {
  Request request = Taking("gzip");
  request.headers.emplace_back("if-none-match", HeaderOf(file_.Serve(request), "etag"));
  const Response again = file_.Serve(request);
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  request.headers[0].second = "identity";
  EXPECT_EQ(file_.Serve(request).status, 200) << "another form";
}

}  // namespace
}  // namespace livecounter::gateway
