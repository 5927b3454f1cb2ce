#include "gateway/http/short_number.h"

#include <limits>
#include <utility>

#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

TEST(ShortNumberTest, IsInFullBelow10000) {
  for (const auto& [value, text] :
       {std::pair(0, "0"), std::pair(7, "7"), std::pair(999, "999"), std::pair(1'000, "1,000"),
        std::pair(1'234, "1,234"), std::pair(9'999, "9,999")}) {
    EXPECT_EQ(ShortNumber(value), text);
  }
}

// What Intl.NumberFormat("en-US", {notation: "compact", maximumFractionDigits: 1}) says, with "k".
TEST(ShortNumberTest, HasAtMostOneDecimalFromThereOn) {
  const std::pair<int64_t, const char*> cases[] = {
      {10'000, "10k"},
      {10'049, "10k"},
      {10'050, "10.1k"},
      {10'249, "10.2k"},
      {10'250, "10.3k"},
      {99'949, "99.9k"},
      {99'950, "100k"},
      {500'000, "500k"},
      {5'100'000, "5.1M"},
      {5'149'999, "5.1M"},
      {1'234'567'890, "1.2B"},
      {1'000'000'000'000, "1T"},
      {999'949'999'999'999, "999.9T"},
      {1'234'567'890'123'456, "1234.6T"},
      {std::numeric_limits<int64_t>::max(), "9,223,372T"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(ShortNumber(value), text) << value;
}

TEST(ShortNumberTest, WhatRoundsUpToTheNextUnitIsSaidInIt) {
  EXPECT_EQ(ShortNumber(999'949), "999.9k");
  EXPECT_EQ(ShortNumber(999'950), "1M");
  EXPECT_EQ(ShortNumber(999'949'999), "999.9M");
  EXPECT_EQ(ShortNumber(999'950'000), "1B");
  EXPECT_EQ(ShortNumber(999'950'000'000), "1T");
}

}  // namespace
}  // namespace livecounter::gateway
