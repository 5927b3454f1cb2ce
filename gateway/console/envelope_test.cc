#include "gateway/console/envelope.h"

#include <string>

#include "gtest/gtest.h"

namespace livecounter::gateway::console {
namespace {

std::string Bytes(absl::string_view text) { return std::string(text); }

TEST(EnvelopeTest, HasFlagsAndTheLengthInFourBytesBeforeThePayload) {
  EXPECT_EQ(EncodeEnvelope(EnvelopeKind::kMessage, "{}"), Bytes({"\0\0\0\0\2{}", 7}));
  EXPECT_EQ(EncodeEnvelope(EnvelopeKind::kEndOfStream, ""), Bytes({"\2\0\0\0\0", 5}));
  const std::string large(0x01020304, 'x');
  EXPECT_EQ(EncodeEnvelope(EnvelopeKind::kMessage, large).substr(0, 6), Bytes({"\0\1\2\3\4x", 6}));
}

TEST(EnvelopeTest, IsReadBack) {
  for (const std::string& payload : {std::string(), std::string("{}"), std::string(70'000, 'x')}) {
    const std::string envelope = EncodeEnvelope(EnvelopeKind::kMessage, payload);
    const auto decoded = DecodeOnlyEnvelope(envelope);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, payload);
  }
}

TEST(EnvelopeTest, OtherThanOneWholeMessageIsRefused) {
  const absl::string_view kCases[] = {
      "",
      {"\0\0\0\0", 4},               // cut short
      {"\0\0\0\0\3{}", 7},           // less than it says
      {"\0\0\0\0\1{}", 7},           // more than it says
      {"\0\0\0\0\0\0\0\0\0\0", 10},  // two of them
      {"\0\377\377\377\377{}", 7},   // more than there can be
      {"\1\0\0\0\2{}", 7},           // compressed
      {"\2\0\0\0\2{}", 7},           // the end of a stream
      "{\"names\":[]}",
  };
  for (const absl::string_view body : kCases) {
    EXPECT_EQ(DecodeOnlyEnvelope(body).status().code(), absl::StatusCode::kInvalidArgument) << body;
  }
}

}  // namespace
}  // namespace livecounter::gateway::console
