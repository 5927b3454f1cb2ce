#include "services/admin/sign_in/failure_throttle.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::admin {
namespace {

class FailureThrottleTest : public ::testing::Test {
 protected:
  void Fail(const std::string& who, int times) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(throttle_.Take(who).ok()) << i;
  }
  runtime::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  FailureThrottle throttle_{clock_};
};

TEST_F(FailureThrottleTest, TenFailuresInARowThenOneEveryTenSeconds) {
  Fail("ann", 10);
  const absl::Status refused = throttle_.Take("ann");
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(runtime::ReasonOf(refused), "TOO_MANY_FAILURES");
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("in 10 s"));
  clock_.Advance(absl::Seconds(9));
  EXPECT_FALSE(throttle_.Take("ann").ok());
  clock_.Advance(absl::Seconds(1));
  Fail("ann", 1);
  EXPECT_FALSE(throttle_.Take("ann").ok());
  clock_.Advance(absl::Seconds(100));
  Fail("ann", 10);
}

TEST_F(FailureThrottleTest, EachHasItsOwnAttempts) {
  Fail("ann", 10);
  Fail("bob", 10);
  EXPECT_FALSE(throttle_.Take("bob").ok());
}

TEST_F(FailureThrottleTest, ASuccessGivesAllBack) {
  Fail("ann", 10);
  throttle_.Forget("ann");
  Fail("ann", 10);
}

TEST_F(FailureThrottleTest, AnAttemptThatWasNotMadeCostsNothing) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(throttle_.Take("ann").ok()) << i;
    throttle_.GiveBack("ann");
  }
  Fail("ann", 10);
  EXPECT_FALSE(throttle_.Take("ann").ok());
  throttle_.GiveBack("bob");  // who never tried
  Fail("bob", 10);
  EXPECT_FALSE(throttle_.Take("bob").ok());
}

TEST_F(FailureThrottleTest, WhoeverHasAllAttemptsAgainIsForgotten) {
  for (int i = 0; i < 5'000; ++i) {
    clock_.Advance(absl::Seconds(1));
    Fail(std::to_string(i), 1);
  }
  EXPECT_LT(throttle_.size(), 1'200u);
}

}  // namespace
}  // namespace livecounter::admin
