#include "gateway/transport.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using namespace std::string_literals;  // NOLINT(google-build-using-namespace): for NULs in frames

TEST(EncodeTextTest, UpTo125BytesNeedTwoMore) {
  EXPECT_EQ(EncodeText(""), "\x81\0"s);
  EXPECT_EQ(EncodeText("26"), "\x81\x02"s + "26");
  const std::string longest(125, 'x');
  EXPECT_EQ(EncodeText(longest), "\x81\x7d"s + longest);
}

TEST(EncodeTextTest, LongerOnesSayTheirLengthInTwoBytes) {
  const std::string shortest(126, 'x');
  EXPECT_EQ(EncodeText(shortest), "\x81\x7e\0\x7e"s + shortest);
  const std::string longest(65535, 'x');
  EXPECT_EQ(EncodeText(longest), "\x81\x7e\xff\xff"s + longest);
}

TEST(EncodeTextTest, TheLongestSayTheirLengthInEightBytes) {
  const std::string payload(65536, 'x');
  EXPECT_EQ(EncodeText(payload), "\x81\x7f\0\0\0\0\0\x01\0\0"s + payload);
}

TEST(RequestTest, FindsAHeaderByItsName) {
  Request request;
  request.headers = {{"accept", ""}, {"origin", "null"}};
  EXPECT_EQ(request.header("origin"), absl::string_view("null"));
  EXPECT_EQ(request.header("accept"), absl::string_view(""));
  EXPECT_EQ(request.header("host"), absl::nullopt);
}

}  // namespace
}  // namespace livecounter::gateway
