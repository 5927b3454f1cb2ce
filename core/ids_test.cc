#include "core/ids.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/types/optional.h"
#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

TEST(IdsTest, BytesAreBigEndianHighFirstAndComeBack) {
  const SenderId id{.high = 0x0102030405060708, .low = 0xf1f2f3f4f5f6f7f8};
  const std::string bytes = id.ToBytes();
  EXPECT_EQ(bytes, "\x01\x02\x03\x04\x05\x06\x07\x08\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8");
  EXPECT_EQ(SenderId::FromBytes(bytes), absl::make_optional(id));
}

TEST(IdsTest, FromBytesTakesExactlySixteen) {
  EXPECT_EQ(HolderId::FromBytes(""), absl::nullopt);
  EXPECT_EQ(HolderId::FromBytes(std::string(15, 'x')), absl::nullopt);
  EXPECT_EQ(HolderId::FromBytes(std::string(17, 'x')), absl::nullopt);
  EXPECT_EQ(HolderId::FromBytes(std::string(16, '\0')), absl::make_optional(HolderId{}));
}

TEST(IdsTest, HexKeepsLeadingZeros) {
  EXPECT_EQ((HolderId{.high = 0xab, .low = 1}).ToHex(), "00000000000000ab0000000000000001");
}

TEST(IdsTest, OrderIsThatOfTheBytes) {
  EXPECT_LT((HolderId{.high = 1, .low = 9}), (HolderId{.high = 2, .low = 0}));
  EXPECT_LT((HolderId{.high = 1, .low = 1}), (HolderId{.high = 1, .low = 2}));
}

TEST(VersionTest, EpochGoesBeforeRevision) {
  EXPECT_LT(test::V(1, 99), test::V(2, 0));
  EXPECT_LT(test::V(2, 0), test::V(2, 1));
  EXPECT_EQ(test::V(2, 1), test::V(2, 1));
}

TEST(VersionTest, WhatIsWrittenIsRead) {
  for (const Version& version :
       {test::V(0, 0), test::V(1'700'000'000'000, 41), test::V(UINT64_MAX, UINT64_MAX)}) {
    EXPECT_EQ(Version::Parse(version.ToString()), absl::make_optional(version));
  }
  EXPECT_EQ(test::V(7, 41).ToString(), "7-41");
}

TEST(VersionTest, NothingElseIsRead) {
  for (const char* text :
       {"", "-", "1", "1-", "-1", "1-2-3", "01-2", "1-02", " 1-2", "1-2 ", "+1-2", "1--2", "a-b",
        "1-18446744073709551616", "18446744073709551616-1"}) {
    EXPECT_EQ(Version::Parse(text), absl::nullopt) << text;
  }
}

// The boundary between the two names is part of the name.
TEST(IdsTest, CountersOfTheSameLettersAreDifferentKeys) {
  const absl::flat_hash_set<CounterId> counters = {
      {"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"", "abc"}};
  EXPECT_EQ(counters.size(), 4u);
  EXPECT_TRUE(counters.contains({"a", "bc"}));
}

}  // namespace
}  // namespace livecounter
