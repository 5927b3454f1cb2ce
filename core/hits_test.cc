#include "core/hits.h"

#include <limits>
#include <string>

#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Counter;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

struct BatchCase {
  const char* name;
  absl::optional<SenderRecord> record;
  absl::optional<int64_t> total;
  uint64_t number;
  int64_t count;
  bool create;
  absl::StatusCode code;
  HitDecision decision;
};

class DecideHitsTest : public ::testing::TestWithParam<BatchCase> {};

TEST_P(DecideHitsTest, FollowsTheTable) {
  const BatchCase& c = GetParam();
  const HitBatch batch{.sender = {1, 2},
                       .counter = Counter(1),
                       .number = c.number,
                       .count = c.count,
                       .create = c.create};
  const absl::StatusOr<HitDecision> decision = DecideHits(c.record, c.total, batch);
  ASSERT_EQ(decision.status().code(), c.code) << decision.status();
  if (decision.ok()) {
    EXPECT_EQ(*decision, c.decision);
  }
  EXPECT_EQ(IsGap(decision.status()), c.code == absl::StatusCode::kFailedPrecondition);
}

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kGap = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

INSTANTIATE_TEST_SUITE_P(
    Batches, DecideHitsTest,
    ::testing::Values(
        BatchCase{"first", {}, 10, 1, 3, false, kOk, {13, true}},
        BatchCase{"next", SenderRecord{1, 13}, 20, 2, 1, false, kOk, {21, true}},
        BatchCase{"repeat", SenderRecord{2, 21}, 50, 2, 1, false, kOk, {21, false}},
        BatchCase{"repeat_after_delete", SenderRecord{2, 21}, {}, 2, 1, false, kOk, {21, false}},
        BatchCase{"gap", SenderRecord{2, 21}, 50, 4, 1, false, kGap, {}},
        BatchCase{"older", SenderRecord{2, 21}, 50, 1, 1, false, kGap, {}},
        BatchCase{"unknown_sender", {}, 50, 7, 1, false, kGap, {}},
        BatchCase{"last_number", SenderRecord{UINT64_MAX, 1}, 50, 1, 1, false, kGap, {}},
        BatchCase{"none", {}, 10, 1, 0, false, kInvalid, {}},
        BatchCase{"negative", {}, 10, 1, -1, false, kInvalid, {}},
        BatchCase{"number_zero", {}, 10, 0, 1, false, kInvalid, {}},
        BatchCase{"no_counter", {}, {}, 1, 1, false, absl::StatusCode::kNotFound, {}},
        BatchCase{"creates", {}, {}, 1, 2, true, kOk, {2, true}},
        BatchCase{"to_the_brim", {}, kMax - 2, 1, 2, false, kOk, {kMax, true}},
        BatchCase{"over", {}, kMax - 2, 1, 3, false, absl::StatusCode::kOutOfRange, {}},
        BatchCase{"far_over", {}, kMax, 1, kMax, false, absl::StatusCode::kOutOfRange, {}}),
    [](const auto& test) { return test.param.name; });

struct KeyedCase {
  const char* name;
  absl::optional<KeyRecord> record;
  absl::optional<int64_t> total;
  int64_t live_keys;
  size_t key_bytes;
  int64_t count;
  bool create;
  absl::StatusCode code;
  HitDecision decision;
};

class DecideKeyedHitTest : public ::testing::TestWithParam<KeyedCase> {};

TEST_P(DecideKeyedHitTest, FollowsTheTable) {
  const KeyedCase& c = GetParam();
  const KeyedHit hit{.counter = Counter(1),
                     .key = std::string(c.key_bytes, 'k'),
                     .count = c.count,
                     .create = c.create};
  const absl::StatusOr<HitDecision> decision =
      DecideKeyedHit(c.record, c.total, c.live_keys, hit, At(10));
  ASSERT_EQ(decision.status().code(), c.code) << decision.status();
  if (decision.ok()) {
    EXPECT_EQ(*decision, c.decision);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Keys, DecideKeyedHitTest,
    ::testing::Values(
        KeyedCase{"first", {}, 10, 0, 1, 1, false, kOk, {11, true}},
        KeyedCase{"several", {}, 10, 0, 255, 5, false, kOk, {15, true}},
        KeyedCase{"repeat", KeyRecord{1, 11, At(11)}, 50, 0, 1, 1, false, kOk, {11, false}},
        KeyedCase{"repeat_over_the_limit",
                  KeyRecord{1, 11, At(11)},
                  {},
                  kMaxLiveKeysPerProduct,
                  1,
                  1,
                  false,
                  kOk,
                  {11, false}},
        KeyedCase{"expired", KeyRecord{1, 11, At(10)}, 50, 0, 1, 1, false, kOk, {51, true}},
        KeyedCase{"other_count", KeyRecord{1, 11, At(11)}, 50, 0, 1, 2, false, kInvalid, {}},
        KeyedCase{"other_count_but_expired",
                  KeyRecord{1, 11, At(9)},
                  50,
                  0,
                  1,
                  2,
                  false,
                  kOk,
                  {52, true}},
        KeyedCase{"no_key", {}, 10, 0, 0, 1, false, kInvalid, {}},
        KeyedCase{"long_key", {}, 10, 0, 256, 1, false, kInvalid, {}},
        KeyedCase{"none", {}, 10, 0, 1, 0, false, kInvalid, {}},
        KeyedCase{"no_counter", {}, {}, 0, 1, 1, false, absl::StatusCode::kNotFound, {}},
        KeyedCase{"creates", {}, {}, 0, 1, 1, true, kOk, {1, true}},
        KeyedCase{"last_key", {}, 10, kMaxLiveKeysPerProduct - 1, 1, 1, false, kOk, {11, true}},
        KeyedCase{"too_many_keys",
                  {},
                  10,
                  kMaxLiveKeysPerProduct,
                  1,
                  1,
                  false,
                  absl::StatusCode::kResourceExhausted,
                  {}},
        KeyedCase{"over", {}, kMax, 0, 1, 1, false, absl::StatusCode::kOutOfRange, {}}),
    [](const auto& test) { return test.param.name; });

// An engine that is closed refuses with the same code: that says nothing about what was counted.
TEST(IsGapTest, OtherRefusalsOfTheSameCodeAreNotGaps) {
  EXPECT_FALSE(IsGap(absl::FailedPreconditionError("the store is closed")));
  EXPECT_FALSE(IsGap(absl::OkStatus()));
}

// Only code and message travel between processes.
TEST(IsGapTest, SurvivesTheWire) {
  const absl::Status gap =
      DecideHits(absl::nullopt, 1, {.sender = {}, .counter = Counter(1), .number = 2, .count = 1})
          .status();
  EXPECT_TRUE(IsGap(absl::Status(gap.code(), gap.message())));
}

}  // namespace
}  // namespace livecounter
