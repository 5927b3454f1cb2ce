#include "gateway/lws/frame.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using namespace std::string_literals;  // NOLINT(google-build-using-namespace): for NULs in frames

TEST(EncodeCloseTest, CarriesCodeAndText) {
  EXPECT_EQ(EncodeClose({1001, ""}), "\x88\x02\x03\xe9"s);
  EXPECT_EQ(EncodeClose({1008, "key revoked"}), "\x88\x0d\x03\xf0key revoked"s);
}

TEST(EncodeCloseTest, LongTextIsCutBetweenTwoCharacters) {
  const std::string longest(123, 'x');
  EXPECT_EQ(EncodeClose({1000, longest}), "\x88\x7d\x03\xe8"s + longest);
  EXPECT_EQ(EncodeClose({1000, longest + "x"}), "\x88\x7d\x03\xe8"s + longest);
  const std::string before(122, 'x');
  EXPECT_EQ(EncodeClose({1000, before + "\xc3\xa9"}), "\x88\x7c\x03\xe8"s + before);
}

TEST(EncodeCloseEchoTest, RepeatsTheCode) {
  EXPECT_EQ(EncodeCloseEcho(1001), "\x88\x02\x03\xe9"s);
  EXPECT_EQ(EncodeCloseEcho(absl::nullopt), "\x88\0"s);
}

}  // namespace
}  // namespace livecounter::gateway::net
