#include "services/counter/increments.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/fake_engine.h"
#include "services/runtime/clock.h"

namespace livecounter::counter {
namespace {

using ::testing::SizeIs;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
const CounterId kCounter{"accounts/a/products/p", "2"};
const CounterId kOther{"accounts/a/products/p", "3"};

class IncrementsTest : public ::testing::Test {
 protected:
  IncrementsTest() {
    for (const CounterId& counter : {kCounter, kOther}) {
      engine_.Create({counter}, [](const absl::StatusOr<Change>&) {});
    }
  }

  // Adds, and returns where the answer will be.
  const absl::StatusOr<HitResult>& Add(int64_t count, const CounterId& counter = kCounter,
                                       absl::Time deadline = absl::InfiniteFuture()) {
    auto& answer = answers_.emplace_back(
        std::make_unique<absl::StatusOr<HitResult>>(absl::UnknownError("not answered")));
    increments_.Add(counter, count, /*create=*/false, deadline,
                    [&answer = *answer](absl::StatusOr<HitResult> result) { answer = result; });
    return *answer;
  }

  FakeEngine engine_;
  runtime::FakeClock clock_;
  uint64_t senders_ = 0;
  std::vector<std::unique_ptr<absl::StatusOr<HitResult>>> answers_;
  Increments increments_{engine_,
                         [this] {
                           return SenderId{0, ++senders_};
                         },
                         clock_,
                         /*max_idle=*/4};
};

TEST_F(IncrementsTest, EachCallGetsTheTotalAfterItsOwnHits) {
  EXPECT_EQ(Add(1)->value_after, 1);
  EXPECT_EQ(Add(41)->value_after, 42);
  const auto& last = Add(1);
  EXPECT_EQ(last->version, engine_.Value(kCounter).version);
}

TEST_F(IncrementsTest, CreatesACounterWhereItMay) {
  const CounterId unknown{"accounts/a/products/p", "4"};
  EXPECT_EQ(Add(1, unknown).status().code(), absl::StatusCode::kNotFound);
  increments_.Add(unknown, 2, /*create=*/true, absl::InfiniteFuture(), [](const auto& result) {
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->value_after, 2);
  });
  EXPECT_EQ(Add(1, unknown)->value_after, 3);
}

TEST_F(IncrementsTest, OneSenderNumbersTheBatchesOfACounter) {
  Add(1);
  Add(1);
  Add(1, kOther);
  ASSERT_THAT(engine_.batches, SizeIs(3));
  EXPECT_EQ(engine_.batches[0].sender, engine_.batches[1].sender);
  EXPECT_EQ(engine_.batches[1].number, 2u);
  EXPECT_EQ(engine_.batches[2].number, 1u);
}

TEST_F(IncrementsTest, CallsThatComeWhileABatchIsUnansweredGoTogether) {
  engine_.hold = true;
  const auto& first = Add(1);
  const auto& second = Add(10);
  const auto& third = Add(100);
  ASSERT_THAT(engine_.batches, SizeIs(1));
  engine_.Release();
  ASSERT_THAT(engine_.batches, SizeIs(2));
  EXPECT_EQ(engine_.batches[1].count, 110);
  EXPECT_EQ(first->value_after, 1);
  EXPECT_EQ(second->value_after, 11);
  EXPECT_EQ(third->value_after, 111);
}

TEST_F(IncrementsTest, CountersDoNotWaitForEachOther) {
  engine_.hold = true;
  Add(1);
  Add(1, kOther);
  EXPECT_THAT(engine_.batches, SizeIs(2));
}

TEST_F(IncrementsTest, ARefusalGoesToEachCallAndEndsTheNumbering) {
  Add(1);
  engine_.refuse_writes = absl::UnavailableError("the disk is full");
  EXPECT_EQ(Add(1).status(), engine_.refuse_writes);
  engine_.refuse_writes = absl::OkStatus();
  EXPECT_EQ(Add(1)->value_after, 2);
  ASSERT_THAT(engine_.batches, SizeIs(3));
  EXPECT_NE(engine_.batches[2].sender, engine_.batches[1].sender);
  EXPECT_EQ(engine_.batches[2].number, 1u);
}

TEST_F(IncrementsTest, AnUnknownCounterIsNotFound) {
  EXPECT_EQ(Add(1, {"accounts/a/products/p", "none"}).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(IncrementsTest, WhatTheStoreForgotStartsOverAndCountsOnce) {
  Add(1);
  engine_.ForgetSenders();
  EXPECT_EQ(Add(1)->value_after, 2);
}

TEST_F(IncrementsTest, OfCallsThatAreTooManyTogetherOnlyThoseAreRefusedThatDoNotFit) {
  Add(kMax - 10);
  engine_.hold = true;
  Add(1);
  const auto& fits = Add(2);
  const auto& does_not = Add(8);
  const auto& fits_too = Add(3);
  engine_.Release();
  EXPECT_EQ(fits->value_after, kMax - 7);
  EXPECT_EQ(does_not.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(fits_too->value_after, kMax - 4);
}

TEST_F(IncrementsTest, CountsThatDoNotFitInOneBatchGoInTwo) {
  engine_.hold = true;
  Add(1);
  const auto& huge = Add(kMax);
  const auto& huge_too = Add(kMax);
  engine_.Release();
  EXPECT_EQ(huge.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(huge_too.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(engine_.Value(kCounter).hits, 1);
}

TEST_F(IncrementsTest, ACallWhoseDeadlineCameBeforeItsTurnDoesNotCount) {
  engine_.hold = true;
  const auto& first = Add(1, kCounter, clock_.Now() + absl::Seconds(1));
  const auto& late = Add(1, kCounter, clock_.Now() + absl::Seconds(1));
  const auto& patient = Add(1, kCounter, clock_.Now() + absl::Seconds(3));
  clock_.Advance(absl::Seconds(2));
  engine_.Release();
  EXPECT_EQ(first->value_after, 1);  // it had begun
  EXPECT_EQ(late.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(patient->value_after, 2);
}

TEST_F(IncrementsTest, IdleNumberingsAreForgottenAndThoseUnansweredAreNot) {
  std::vector<CounterId> counters;
  for (int i = 0; i < 20; ++i) {
    counters.push_back({"accounts/a/products/p", absl::StrCat("c", i)});
    engine_.Create({counters.back()}, [](const absl::StatusOr<Change>&) {});
  }
  engine_.hold = true;
  const auto& held = Add(1);
  const auto& waiting = Add(1);
  engine_.hold = false;
  for (const CounterId& counter : counters) EXPECT_EQ(Add(1, counter)->value_after, 1);
  for (const CounterId& counter : counters) EXPECT_EQ(Add(1, counter)->value_after, 2);
  engine_.Release();
  EXPECT_EQ(held->value_after, 1);
  EXPECT_EQ(waiting->value_after, 2);
}

}  // namespace
}  // namespace livecounter::counter
