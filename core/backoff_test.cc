#include "core/backoff.h"

#include <vector>

#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

constexpr Backoff::Options kOptions{.base = absl::Milliseconds(50), .cap = absl::Seconds(1)};

std::vector<absl::Duration> Pauses(Backoff* backoff, int count) {
  std::vector<absl::Duration> pauses;
  for (int i = 0; i < count; ++i) pauses.push_back(backoff->Next());
  return pauses;
}

TEST(BackoffTest, TheBoundDoublesUpToTheCap) {
  Backoff backoff(kOptions, [] { return 0.0; });  // each pause is the bound itself
  EXPECT_EQ(Pauses(&backoff, 7), (std::vector<absl::Duration>{
                                     absl::Milliseconds(50), absl::Milliseconds(100),
                                     absl::Milliseconds(200), absl::Milliseconds(400),
                                     absl::Milliseconds(800), absl::Seconds(1), absl::Seconds(1)}));
}

TEST(BackoffTest, ResetMakesTheNextPauseShortAgain) {
  Backoff backoff(kOptions, [] { return 0.0; });
  Pauses(&backoff, 5);
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(50));
}

TEST(BackoffTest, JitterIsOverTheWholeBoundAndNeverNothing) {
  double random = 0.5;
  Backoff backoff(kOptions, [&random] { return random; });
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(25));
  random = 1.0 - 1e-16;
  EXPECT_GT(backoff.Next(), absl::ZeroDuration());
}

TEST(BackoffTest, ACapBelowTheBaseHoldsFromTheFirstPause) {
  Backoff backoff({.base = absl::Seconds(5), .cap = absl::Seconds(1)}, [] { return 0.0; });
  EXPECT_EQ(backoff.Next(), absl::Seconds(1));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), absl::Seconds(1));
}

TEST(BackoffTest, AThousandFailuresOverflowNothing) {
  Backoff backoff({.base = absl::Seconds(1), .cap = absl::InfiniteDuration()}, [] { return 0.0; });
  EXPECT_EQ(Pauses(&backoff, 1000).back(), absl::InfiniteDuration());
}

}  // namespace
}  // namespace livecounter
