#include "core/verdict_cache.h"

#include "core/test_support.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Hash;

class VerdictCacheTest : public testing::Test {
 protected:
  KnownVerdict Store(uint64_t user, Verdict verdict, double now) {
    const KnownVerdict known = cache_.Store(Hash(user), verdict, At(now));
    cache_.CheckInvariants();
    return known;
  }
  absl::optional<KnownVerdict> Find(uint64_t user, double now) const {
    return cache_.Find(Hash(user), At(now));
  }

  double fraction_ = 0.5;  // no jitter
  VerdictCache cache_{{.max_users = 3}, [this] { return fraction_; }};
};

TEST_F(VerdictCacheTest, EachVerdictHoldsForItsTime) {
  struct Case {
    Verdict verdict;
    double seconds;
  };
  for (const Case& c : {Case{Verdict::kValid, 300}, Case{Verdict::kInvalid, 60},
                        Case{Verdict::kIndeterminate, 5}}) {
    const KnownVerdict told = Store(1, c.verdict, 0);
    EXPECT_EQ(told, (KnownVerdict{c.verdict, absl::Seconds(c.seconds)}));
    EXPECT_EQ(Find(1, c.seconds - 1), (KnownVerdict{c.verdict, absl::Seconds(1)}));
    EXPECT_EQ(Find(1, c.seconds), absl::nullopt);
  }
  EXPECT_EQ(Find(2, 0), absl::nullopt);
}

TEST_F(VerdictCacheTest, TimesAreATenthShorterOrLonger) {
  fraction_ = 0;
  EXPECT_EQ(Store(1, Verdict::kValid, 0).ask_again_after, absl::Seconds(270));
  EXPECT_EQ(Store(1, Verdict::kIndeterminate, 0).ask_again_after, absl::Seconds(4.5));
  fraction_ = 1;
  EXPECT_EQ(Store(1, Verdict::kValid, 0).ask_again_after, absl::Seconds(330));
  EXPECT_EQ(Store(1, Verdict::kInvalid, 0).ask_again_after, absl::Seconds(66));
}

TEST_F(VerdictCacheTest, NothingUsableIsAskedForLessAndLessOften) {
  double now = 0;
  for (const double pause : {5, 10, 20, 30, 30}) {
    EXPECT_EQ(Store(1, Verdict::kIndeterminate, now).ask_again_after, absl::Seconds(pause));
    EXPECT_EQ(Find(1, now + 5), absl::nullopt) << "who asks before that is not answered from here";
    now += pause;
  }
  Store(1, Verdict::kInvalid, now);
  EXPECT_EQ(Store(1, Verdict::kIndeterminate, now).ask_again_after, absl::Seconds(5));
}

TEST_F(VerdictCacheTest, WhoWasValidIsKnownToHaveBeenWhileNothingUsableIsHeard) {
  EXPECT_FALSE(Store(1, Verdict::kValid, 0).was_valid);
  double now = 300;
  for (int i = 0; i < 100; ++i) {
    const KnownVerdict known = Store(1, Verdict::kIndeterminate, now);
    EXPECT_EQ(known.verdict, Verdict::kIndeterminate);
    EXPECT_TRUE(known.was_valid) << i;
    EXPECT_EQ(Find(1, now), known);
    now += absl::ToDoubleSeconds(known.ask_again_after) + 60;
  }
  EXPECT_FALSE(Store(1, Verdict::kInvalid, now).was_valid);
  EXPECT_FALSE(Store(1, Verdict::kIndeterminate, now + 60).was_valid);
}

TEST_F(VerdictCacheTest, WhoWasNotAskedAboutForAWhileWasNotValidUntilNow) {
  Store(1, Verdict::kValid, 0);
  Store(2, Verdict::kValid, 0);
  EXPECT_TRUE(Store(1, Verdict::kIndeterminate, 389).was_valid);
  EXPECT_FALSE(Store(2, Verdict::kIndeterminate, 390).was_valid);
  EXPECT_FALSE(Store(3, Verdict::kIndeterminate, 0).was_valid) << "never was";
}

TEST_F(VerdictCacheTest, NeitherIsItForgottenOfWhomNobodyCanBeAskedAbout) {
  Store(1, Verdict::kValid, 0);
  for (double now = 300; now < 3000; now += 90) {
    const KnownVerdict refused = cache_.Refuse(Hash(1), absl::Seconds(10), At(now));
    EXPECT_EQ(refused, (KnownVerdict{Verdict::kIndeterminate, absl::Seconds(10), true}));
    cache_.CheckInvariants();
  }
  EXPECT_FALSE(cache_.Refuse(Hash(1), absl::Seconds(10), At(3200)).was_valid);
  EXPECT_FALSE(cache_.Refuse(Hash(2), absl::Seconds(10), At(0)).was_valid);
}

TEST_F(VerdictCacheTest, AManyTimesFailedUserIsStillAskedAboutAfterTheLongestPause) {
  for (int i = 0; i < 100; ++i) Store(1, Verdict::kIndeterminate, i);
  EXPECT_EQ(Store(1, Verdict::kIndeterminate, 100).ask_again_after, absl::Seconds(30));
}

TEST_F(VerdictCacheTest, ABackOffIsForgottenInTime) {
  Store(1, Verdict::kIndeterminate, 0);
  Store(2, Verdict::kValid, 20);
  EXPECT_EQ(cache_.size(), 1u) << "the first user is due and gone";
  EXPECT_EQ(Store(1, Verdict::kIndeterminate, 20).ask_again_after, absl::Seconds(5));
}

TEST_F(VerdictCacheTest, WhereItIsFullTheFirstToEndMakesRoom) {
  Store(1, Verdict::kValid, 0);
  Store(2, Verdict::kInvalid, 0);
  Store(3, Verdict::kValid, 1);
  Store(4, Verdict::kValid, 2);
  EXPECT_EQ(cache_.size(), 3u);
  EXPECT_EQ(Find(2, 2), absl::nullopt);
  EXPECT_NE(Find(1, 2), absl::nullopt);
}

TEST(BigVerdictCacheTest, NoCallPaysForAllThatCameDueTogether) {
  VerdictCache cache({.max_users = 100}, [] { return 0.5; });
  for (uint64_t user = 0; user < 20; ++user) cache.Store(Hash(user), Verdict::kInvalid, At(0));
  cache.Store(Hash(100), Verdict::kValid, At(60));
  EXPECT_EQ(cache.size(), 17u);
  cache.CheckInvariants();
}

}  // namespace
}  // namespace livecounter
