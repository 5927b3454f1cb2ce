#include "core/check.h"

#include <csignal>
#include <cstdlib>

#include "gtest/gtest.h"

namespace livecounter {
namespace {

TEST(CheckTest, LetsPassWhatHolds) { CheckInvariant(true, "one is one"); }

TEST(CheckDeathTest, AbortsNamingRuleAndPlaceOfWhatDoesNotHold) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(CheckInvariant(false, "one is two"), ::testing::KilledBySignal(SIGABRT),
              "check_test.cc:.*invariant broken: one is two");
  // Once more with an orderly exit, which leaves its mark in a coverage build.
  EXPECT_EXIT(
      {
        std::signal(SIGABRT, [](int) { std::exit(3); });
        CheckInvariant(false, "one is two");
      },
      ::testing::ExitedWithCode(3), "one is two");
}

TEST(CheckTest, ImpliesIsFalseOnlyWhereThePremiseHoldsAndTheConclusionDoesNot) {
  EXPECT_TRUE(Implies(false, false));
  EXPECT_TRUE(Implies(false, true));
  EXPECT_TRUE(Implies(true, true));
  EXPECT_FALSE(Implies(true, false));
}

}  // namespace
}  // namespace livecounter
