#include "gateway/net/frame.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using namespace std::string_literals;  // NOLINT(google-build-using-namespace): for NULs in frames

TEST(EncodeSwitchingProtocolsTest, AcceptsTheKey) {
  // The example of RFC 6455 §1.3.
  EXPECT_EQ(EncodeSwitchingProtocols("dGhlIHNhbXBsZSBub25jZQ=="),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST(EncodePongTest, RepeatsThePayload) {
  EXPECT_EQ(EncodePong(""), "\x8a\0"s);
  EXPECT_EQ(EncodePong("here"), "\x8a\x04here"s);
}

TEST(ParseCloseTest, KnowsTheCodesThatMayBeSent) {
  for (const uint16_t code : {1000, 1001, 1003, 1007, 1014, 3000, 4999}) {
    const std::string body = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff), 'x'};
    EXPECT_EQ(ParseClose(body), code);
  }
  EXPECT_EQ(ParseClose(""), kNoCode);
}

TEST(ParseCloseTest, RefusesOthers) {
  for (const uint16_t code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535}) {
    const std::string body = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    EXPECT_FALSE(ParseClose(body).has_value()) << code;
  }
  EXPECT_FALSE(ParseClose("x").has_value());
}

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
  EXPECT_EQ(EncodeCloseEcho(kNoCode), "\x88\0"s);
}

}  // namespace
}  // namespace livecounter::gateway::net
