#include "core/usage_log.h"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
constexpr int64_t kHour = 1'700'002'800;

UsageBatch Batch(uint64_t number) { return {number, {{"accounts/a/products/p", kHour, 3}}}; }

TEST(UsageCountsTest, EachNumberCountsOnceAndNoneBelowOneThatCounted) {
  struct Row {
    absl::optional<uint64_t> last;
    uint64_t number;
    bool counts;
  };
  const std::vector<Row> rows = {
      {absl::nullopt, 1, true},
      {0, 1, true},
      {1, 1, false},
      {1, 2, true},
      {7, 3, false},
      {7, 8, true},
      {kMax - 1, kMax, true},
      {kMax, kMax, false},
      {absl::nullopt, 2, true},
      {1, 3, true},
      {kMax, 1, false},
  };
  for (const Row& row : rows) {
    const auto counts = UsageCounts(row.last, Batch(row.number));
    ASSERT_TRUE(counts.ok()) << counts.status();
    EXPECT_EQ(*counts, row.counts) << row.last.value_or(0) << " then " << row.number;
  }
}

TEST(UsageCountsTest, ATotalStopsAtTheHighestNumber) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(AddConnections(0, 1), 1);
  EXPECT_EQ(AddConnections(2, 3), 5);
  EXPECT_EQ(AddConnections(kMost - 1, 1), kMost);
  EXPECT_EQ(AddConnections(kMost - 1, 2), kMost);
  EXPECT_EQ(AddConnections(kMost, kMost), kMost);
}

TEST(UsageCountsTest, ABatchThatIsNotOfItsFormIsRefused) {
  std::map<std::string, UsageBatch> wrong;
  wrong["numbered from 1"] = Batch(0);
  wrong["no entries"] = {1, {}};
  wrong["counts 0 connections"] = {1, {{"accounts/a/products/p", kHour, 0}}};
  wrong["counts -1 connections"] = {
      1, {{"accounts/a/products/p", kHour, 2}, {"accounts/a/products/p", kHour, -1}}};
  wrong["the begin of an hour"] = {1, {{"accounts/a/products/p", kHour + 1, 1}}};
  for (const auto& [says, batch] : wrong) {
    const absl::Status status = UsageCounts(absl::nullopt, batch).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << says;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(says));
  }
}

TEST(HourTest, AnHourBeginsWhereItIsFull) {
  EXPECT_TRUE(BeginsAnHour(0));
  EXPECT_TRUE(BeginsAnHour(kHour));
  EXPECT_FALSE(BeginsAnHour(kHour + 1800));
  EXPECT_FALSE(BeginsAnHour(-3600));
  EXPECT_TRUE(BeginsAnHour(253'402'297'200)) << "the last of the year 9999";
  EXPECT_FALSE(BeginsAnHour(253'402'300'800));
  EXPECT_EQ(HourOf(absl::FromUnixSeconds(kHour)), kHour);
  EXPECT_EQ(HourOf(absl::FromUnixSeconds(kHour + 3600) - absl::Nanoseconds(1)), kHour);
  EXPECT_EQ(HourOf(absl::FromUnixSeconds(-1)), -3600);
}

}  // namespace
}  // namespace livecounter
