#include "gateway/rate_limiter.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

constexpr TokenBucket::Rate kRate = {.interval = absl::Seconds(2), .burst = 3};
constexpr absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

TEST(RateLimiterTest, GivesABurstThenOneAnInterval) {
  RateLimiter<int> limiter;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.Take(1, kRate, kStart), absl::ZeroDuration());
  EXPECT_EQ(limiter.Take(1, kRate, kStart), absl::Seconds(2));
  EXPECT_EQ(limiter.Take(1, kRate, kStart + absl::Seconds(1)), absl::Seconds(1));
  EXPECT_EQ(limiter.Take(1, kRate, kStart + absl::Seconds(2)), absl::ZeroDuration());
  EXPECT_EQ(limiter.Take(1, kRate, kStart + absl::Seconds(2)), absl::Seconds(2));
}

TEST(RateLimiterTest, KeysDoNotMindEachOther) {
  RateLimiter<int> limiter;
  for (int i = 0; i < 4; ++i) limiter.Take(1, kRate, kStart);
  EXPECT_EQ(limiter.Take(2, kRate, kStart), absl::ZeroDuration());
}

TEST(RateLimiterTest, WithoutARateNothingIsRefusedOrKept) {
  RateLimiter<int> limiter;
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(limiter.Take(i % 2, absl::nullopt, kStart), absl::ZeroDuration());
  EXPECT_EQ(limiter.size(), 0u);
}

TEST(RateLimiterTest, ForgetsBucketsOnlyWhenTheyAreFull) {
  RateLimiter<int> limiter;
  limiter.Take(0, kRate, kStart);  // generations begin here, and are 6 s long
  const absl::Time late = kStart + absl::Milliseconds(5999);
  for (int i = 0; i < 3; ++i) limiter.Take(1, kRate, late);
  // In the next generation it is known still: one token has come in since.
  const absl::Time next = kStart + absl::Seconds(8);
  EXPECT_EQ(limiter.Take(1, kRate, next), absl::ZeroDuration());
  EXPECT_EQ(limiter.Take(1, kRate, next), late + absl::Seconds(4) - next);
  EXPECT_EQ(limiter.size(), 2u);
  limiter.Take(2, kRate, kStart + absl::Seconds(14));
  EXPECT_EQ(limiter.size(), 2u);  // 1 and 2
  limiter.Take(2, kRate, kStart + absl::Seconds(20));
  EXPECT_EQ(limiter.size(), 1u);
}

TEST(RateLimiterTest, KeepsNoMoreThanItSays) {
  RateLimiter<int> limiter(/*max_keys=*/100);
  for (int key = 0; key < 10'000; ++key) {
    EXPECT_EQ(limiter.Take(key, kRate, kStart), absl::ZeroDuration());
    EXPECT_LE(limiter.size(), 200u);
  }
  // The newest are known.
  for (int i = 0; i < 2; ++i) limiter.Take(9'999, kRate, kStart);
  EXPECT_GT(limiter.Take(9'999, kRate, kStart), absl::ZeroDuration());
}

TEST(RateLimiterTest, EachKeyMayHaveARateOfItsOwn) {
  constexpr TokenBucket::Rate kSlow = {.interval = absl::Minutes(1), .burst = 1};
  RateLimiter<int> limiter;
  EXPECT_EQ(limiter.Take(1, kSlow, kStart), absl::ZeroDuration());
  EXPECT_EQ(limiter.Take(1, kSlow, kStart), absl::Minutes(1));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.Take(2, kRate, kStart), absl::ZeroDuration());
  // The quick ones do not make it forget the slow ones.
  for (int second = 1; second < 59; ++second) {
    limiter.Take(2, kRate, kStart + absl::Seconds(second));
  }
  EXPECT_EQ(limiter.Take(1, kSlow, kStart + absl::Seconds(59)), absl::Seconds(1));
}

TEST(RateLimiterTest, IsExactHoweverManyAskAtOnce) {
  constexpr TokenBucket::Rate kThousand = {.interval = absl::Hours(1), .burst = 1000};
  RateLimiter<int> limiter;
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j)
        taken += limiter.Take(1, kThousand, kStart) == absl::ZeroDuration();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace livecounter::gateway
