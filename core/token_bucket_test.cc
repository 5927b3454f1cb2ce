#include "core/token_bucket.h"

#include "gtest/gtest.h"

namespace livecounter {
namespace {

constexpr TokenBucket::Rate kTenASecond = {.interval = absl::Milliseconds(100), .burst = 3};

class TokenBucketTest : public ::testing::Test {
 protected:
  // How many tokens there are now.
  int TakeAll() {
    int taken = 0;
    while (taken < 100 && bucket_.Take(kTenASecond, now_)) ++taken;
    return taken;
  }

  TokenBucket bucket_;
  absl::Time now_ = absl::UnixEpoch();
};

TEST_F(TokenBucketTest, ANewOneIsFull) { EXPECT_EQ(TakeAll(), 3); }

TEST_F(TokenBucketTest, FillsAtItsRateUpToItsBurst) {
  TakeAll();
  now_ += absl::Milliseconds(99);
  EXPECT_EQ(TakeAll(), 0);
  now_ += absl::Milliseconds(1);
  EXPECT_EQ(TakeAll(), 1);
  now_ += absl::Milliseconds(250);
  EXPECT_EQ(TakeAll(), 2);
  now_ += absl::Hours(1);
  EXPECT_EQ(TakeAll(), 3);
}

TEST_F(TokenBucketTest, ATokenThatIsGivenBackIsThereAgain) {
  EXPECT_TRUE(bucket_.Take(kTenASecond, now_));
  bucket_.GiveBack(kTenASecond);
  EXPECT_EQ(TakeAll(), 3);
  bucket_.GiveBack(kTenASecond);
  EXPECT_EQ(TakeAll(), 1);
  now_ += absl::Milliseconds(150);  // another came meanwhile
  bucket_.GiveBack(kTenASecond);
  EXPECT_EQ(TakeAll(), 2);
}

TEST_F(TokenBucketTest, SaysWhenTheNextTokenComes) {
  EXPECT_EQ(bucket_.NextToken(kTenASecond, now_), now_);
  TakeAll();
  EXPECT_EQ(bucket_.NextToken(kTenASecond, now_), now_ + absl::Milliseconds(100));
  now_ += absl::Milliseconds(40);
  EXPECT_EQ(bucket_.NextToken(kTenASecond, now_), now_ + absl::Milliseconds(60));
}

TEST_F(TokenBucketTest, OverALongTimeNoMoreThanTheRatePasses) {
  int passed = 0;
  for (int i = 0; i < 10'000; ++i) {
    passed += bucket_.Take(kTenASecond, now_) ? 1 : 0;
    now_ += absl::Milliseconds(7);
  }
  EXPECT_NEAR(passed, 700, 3);
}

TEST_F(TokenBucketTest, ABurstOfOneSpacesThemEvenly) {
  const TokenBucket::Rate rate = {.interval = absl::Seconds(1), .burst = 1};
  EXPECT_TRUE(bucket_.Take(rate, now_));
  EXPECT_FALSE(bucket_.Take(rate, now_ + absl::Milliseconds(999)));
  EXPECT_TRUE(bucket_.Take(rate, now_ + absl::Seconds(1)));
}

TEST_F(TokenBucketTest, ARatePerSecondSavesTheTokensOfOneSecond) {
  EXPECT_EQ(TokenBucket::PerSecond(4).interval, absl::Milliseconds(250));
  EXPECT_EQ(TokenBucket::PerSecond(4).burst, 4);
  EXPECT_EQ(TokenBucket::PerSecond(2.5).burst, 3);
  EXPECT_EQ(TokenBucket::PerSecond(0.1).interval, absl::Seconds(10));
  EXPECT_EQ(TokenBucket::PerSecond(0.1).burst, 1);
}

}  // namespace
}  // namespace livecounter
