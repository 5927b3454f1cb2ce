#include "core/circuit_breaker.h"

#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using State = CircuitBreaker::State;

class CircuitBreakerTest : public testing::Test {
 protected:
  void Fail(int times, absl::Time now) {
    for (int i = 0; i < times; ++i) breaker_.Failed(now);
  }

  double fraction_ = 0;
  CircuitBreaker breaker_{
      {.failures_to_open = 3, .first_pause = absl::Seconds(5), .longest_pause = absl::Seconds(12)},
      [this] { return fraction_; }};
};

TEST_F(CircuitBreakerTest, IsClosedUntilSoManyFailuresInARow) {
  EXPECT_EQ(breaker_.state(At(0)), State::kClosed);
  Fail(2, At(0));
  breaker_.Succeeded();
  Fail(2, At(0));
  EXPECT_EQ(breaker_.state(At(0)), State::kClosed);
  Fail(1, At(0));
  EXPECT_EQ(breaker_.state(At(0)), State::kOpen);
}

TEST_F(CircuitBreakerTest, IsOpenForItsPauseAndThenHalfOpen) {
  Fail(3, At(0));
  EXPECT_EQ(breaker_.retry_at(), At(5));
  EXPECT_EQ(breaker_.state(At(4.999)), State::kOpen);
  EXPECT_EQ(breaker_.state(At(5)), State::kHalfOpen);
}

TEST_F(CircuitBreakerTest, ThePauseIsShortenedAtRandomUpToAFifth) {
  fraction_ = 0.5;
  Fail(3, At(0));
  EXPECT_EQ(breaker_.retry_at(), At(4.5));
}

TEST_F(CircuitBreakerTest, ATrialThatSucceedsClosesIt) {
  Fail(3, At(0));
  breaker_.Succeeded();
  EXPECT_EQ(breaker_.state(At(6)), State::kClosed);
  Fail(2, At(6));
  EXPECT_EQ(breaker_.state(At(6)), State::kClosed) << "failures are counted from none";
}

TEST_F(CircuitBreakerTest, TrialsThatFailOpenItForTwiceAsLongUpToTheLongest) {
  Fail(3, At(0));
  Fail(1, At(5));
  EXPECT_EQ(breaker_.retry_at(), At(15));
  Fail(1, At(15));
  EXPECT_EQ(breaker_.retry_at(), At(27));
  Fail(1, At(27));
  EXPECT_EQ(breaker_.retry_at(), At(39));
  breaker_.Succeeded();
  Fail(3, At(40));
  EXPECT_EQ(breaker_.retry_at(), At(45)) << "after a success pauses are short again";
}

TEST_F(CircuitBreakerTest, WhatWasBegunBeforeItOpenedDoesNotProlongThePause) {
  Fail(3, At(0));
  Fail(100, At(3));
  EXPECT_EQ(breaker_.retry_at(), At(5));
}

TEST_F(CircuitBreakerTest, ALateSuccessClosesItWhileItIsOpen) {
  Fail(3, At(0));
  breaker_.Succeeded();
  EXPECT_EQ(breaker_.state(At(1)), State::kClosed);
}

}  // namespace
}  // namespace livecounter
