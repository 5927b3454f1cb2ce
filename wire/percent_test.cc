#include "wire/percent.h"

#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace livecounter::wire {
namespace {

TEST(PercentTest, UnreservedBytesStayAsTheyAre) {
  const std::string unreserved = "azAZ09-._~";
  EXPECT_EQ(PercentEncode(unreserved), unreserved);
  EXPECT_EQ(PercentDecode(unreserved).value(), unreserved);
}

TEST(PercentTest, EverythingElseIsEncodedInUpperCase) {
  EXPECT_EQ(PercentEncode("a/b c%+é"), "a%2Fb%20c%25%2B%C3%A9");
  EXPECT_EQ(PercentEncode(absl::string_view("\0\xFF", 2)), "%00%FF");
}

TEST(PercentTest, EveryByteSurvivesARoundTrip) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  EXPECT_EQ(PercentDecode(PercentEncode(all)).value(), all);
}

TEST(PercentTest, DigitsOfEitherCaseAndNeedlessEncodingAreUnderstood) {
  EXPECT_EQ(PercentDecode("%2f%2F%61a").value(), "//aa");
  EXPECT_EQ(PercentDecode("a+b").value(), "a+b");
  EXPECT_EQ(PercentDecode("").value(), "");
  EXPECT_EQ(PercentDecode("%25").value(), "%");
}

TEST(PercentTest, DecodingHappensOnce) { EXPECT_EQ(PercentDecode("%2541").value(), "%41"); }

TEST(PercentTest, APercentSignWithoutTwoDigitsIsRefused) {
  for (const char* text : {"%", "%4", "%G1", "%1G", "a%", "a%2", "%%20", "% 41"}) {
    EXPECT_EQ(PercentDecode(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace livecounter::wire
