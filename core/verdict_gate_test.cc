#include "core/verdict_gate.h"

#include <map>
#include <random>
#include <set>
#include <vector>

#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Hash;
using test::Random;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Decisions = std::vector<VerdictGate::Decision>;

const UserId kMe = {"accounts/a/products/p", Hash(1)};
const UserId kYou = {"accounts/a/products/p", Hash(2)};

UserId User(uint64_t n) { return {"accounts/a/products/p", Hash(n)}; }

class VerdictGateTest : public ::testing::Test {
 protected:
  explicit VerdictGateTest(VerdictGate::Options options = {}) : gate_(options, bits_) {}
  ~VerdictGateTest() override { gate_.CheckInvariants(); }

  // All that are to be asked about now.
  std::vector<UserId> Calls(double now) {
    std::vector<UserId> calls;
    while (const auto user = gate_.TakeCall(At(now))) calls.push_back(*user);
    gate_.CheckInvariants();
    return calls;
  }
  void Answer(const UserId& user, Verdict verdict, double now, double ask_again_after = 0) {
    gate_.OnVerdict(user, {verdict, absl::Seconds(ask_again_after)}, At(now));
    gate_.CheckInvariants();
  }
  // Held, asked and answered.
  void Settle(const UserId& user, Verdict verdict, double ask_again_after = 0) {
    gate_.Hold(user, false, At(0));
    EXPECT_THAT(Calls(0), ElementsAre(user));
    Answer(user, verdict, 0, ask_again_after);
    gate_.TakeDecisions();
  }

  std::mt19937_64 bits_{42};
  VerdictGate gate_;
};

TEST_F(VerdictGateTest, AUserIsAskedAboutAtOnceAndCountsWhenValid) {
  EXPECT_FALSE(gate_.Hold(kMe, false, At(0)));
  EXPECT_EQ(gate_.waiting(), 1u);
  EXPECT_EQ(gate_.calls(), 0u);
  EXPECT_EQ(gate_.NextDue(), At(0));
  EXPECT_THAT(Calls(0), ElementsAre(kMe));
  EXPECT_THAT(gate_.TakeDecisions(), IsEmpty());
  Answer(kMe, Verdict::kValid, 0.1);
  EXPECT_THAT(gate_.TakeDecisions(), ElementsAre(VerdictGate::Decision{kMe, true}));
  EXPECT_EQ(gate_.waiting(), 0u);
}

TEST_F(VerdictGateTest, HoweverManyHoldAUserOneQuestionIsUnderWay) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(gate_.Hold(kMe, false, At(0)));
  EXPECT_THAT(Calls(0), ElementsAre(kMe));
  gate_.Hold(kMe, false, At(1));
  EXPECT_THAT(Calls(1), IsEmpty());
  Answer(kMe, Verdict::kValid, 1);
  EXPECT_THAT(gate_.TakeDecisions(), ElementsAre(VerdictGate::Decision{kMe, true}));
  EXPECT_TRUE(gate_.Hold(kMe, false, At(2))) << "who comes later counts at once";
  EXPECT_THAT(Calls(2), IsEmpty());
}

TEST_F(VerdictGateTest, WhoIsInvalidNeverCountsAndIsNotAskedAboutAgain) {
  Settle(kMe, Verdict::kInvalid, /*ask_again_after=*/60);
  EXPECT_EQ(gate_.waiting(), 1u);
  EXPECT_THAT(Calls(10'000), IsEmpty());
  EXPECT_EQ(gate_.NextDue(), absl::InfiniteFuture());
}

TEST_F(VerdictGateTest, AConnectionThatComesAfterAnInvalidVerdictsTimeAsksAgain) {
  Settle(kMe, Verdict::kInvalid, /*ask_again_after=*/60);
  gate_.Hold(kMe, false, At(59));
  EXPECT_THAT(Calls(59), IsEmpty());
  gate_.Hold(kMe, false, At(60));
  EXPECT_THAT(Calls(60), ElementsAre(kMe));
  Answer(kMe, Verdict::kValid, 61);
  EXPECT_THAT(gate_.TakeDecisions(), ElementsAre(VerdictGate::Decision{kMe, true}));
}

TEST_F(VerdictGateTest, WhoCountsIsAskedAboutAgainWhenTheAnswerSays) {
  Settle(kMe, Verdict::kValid, /*ask_again_after=*/280);
  EXPECT_THAT(Calls(279.9), IsEmpty());
  EXPECT_EQ(gate_.NextDue(), At(280));
  EXPECT_THAT(Calls(280), ElementsAre(kMe));
  Answer(kMe, Verdict::kInvalid, 281);
  EXPECT_THAT(gate_.TakeDecisions(), ElementsAre(VerdictGate::Decision{kMe, false}));
}

TEST_F(VerdictGateTest, WithoutAWordOfItAfter300SecondsMoreOrLess) {
  std::set<absl::Time> times;
  for (uint64_t n = 1; n <= 200; ++n) Settle(User(n), Verdict::kValid);
  EXPECT_THAT(Calls(269.9), IsEmpty());
  const size_t by_300 = Calls(300).size();
  EXPECT_GT(by_300, 60u);
  EXPECT_LT(by_300, 140u);
  EXPECT_EQ(by_300 + Calls(330).size(), 200u);
}

TEST_F(VerdictGateTest, WithoutAnAnswerWhoCountsKeepsCountingAndWhoDoesNotWaits) {
  Settle(kMe, Verdict::kValid, /*ask_again_after=*/300);
  gate_.Hold(kYou, false, At(300));
  EXPECT_EQ(Calls(300).size(), 2u);
  Answer(kMe, Verdict::kIndeterminate, 300);
  Answer(kYou, Verdict::kIndeterminate, 300);
  EXPECT_THAT(gate_.TakeDecisions(), IsEmpty());
  EXPECT_TRUE(gate_.Hold(kMe, false, At(300)));
  EXPECT_FALSE(gate_.Hold(kYou, false, At(300)));
}

TEST_F(VerdictGateTest, WhoWasValidElsewhereCountsHereUntilTheyAreInvalid) {
  gate_.Hold(kMe, false, At(0));
  EXPECT_THAT(Calls(0), ElementsAre(kMe));
  gate_.OnVerdict(kMe, {Verdict::kIndeterminate, absl::Seconds(5), /*was_valid=*/true}, At(0));
  EXPECT_THAT(gate_.TakeDecisions(), ElementsAre(VerdictGate::Decision{kMe, true}));
  EXPECT_THAT(Calls(4.9), IsEmpty());
  EXPECT_THAT(Calls(5), ElementsAre(kMe)) << "asked again as anybody without a verdict";
  Answer(kMe, Verdict::kInvalid, 5);
  EXPECT_THAT(gate_.TakeDecisions(), ElementsAre(VerdictGate::Decision{kMe, false}));
}

TEST_F(VerdictGateTest, WithoutAnAnswerItIsAskedAgainLaterAndLater) {
  gate_.Hold(kMe, false, At(0));
  double now = 0;
  for (const double bound : {1., 2., 4., 8., 16., 32., 60., 60.}) {
    EXPECT_THAT(Calls(now), ElementsAre(kMe));
    gate_.OnFailure(kMe, At(now));
    EXPECT_THAT(Calls(now + bound / 2 - 0.01), IsEmpty());
    now += bound;
  }
  EXPECT_THAT(Calls(now), ElementsAre(kMe));
  Answer(kMe, Verdict::kValid, now, 300);
  EXPECT_THAT(Calls(now + 300), ElementsAre(kMe));
  gate_.OnFailure(kMe, At(now + 300));
  EXPECT_THAT(Calls(now + 301), ElementsAre(kMe)) << "the pauses are short again";
}

TEST_F(VerdictGateTest, AnIndeterminateAnswerMaySayToWaitLonger) {
  Settle(kMe, Verdict::kIndeterminate, /*ask_again_after=*/5);
  EXPECT_THAT(Calls(4.9), IsEmpty());
  EXPECT_THAT(Calls(5), ElementsAre(kMe));
}

TEST_F(VerdictGateTest, WhoCountedBeforeIsAskedAboutInTheNextSecondsAndCountsMeanwhile) {
  for (uint64_t n = 1; n <= 200; ++n) EXPECT_TRUE(gate_.Hold(User(n), true, At(0)));
  EXPECT_EQ(gate_.waiting(), 0u);
  const size_t at_once = Calls(0).size();
  EXPECT_LT(at_once, 5u);
  const size_t soon = Calls(2.5).size();
  EXPECT_GT(soon, 60u);
  EXPECT_LT(soon, 140u);
  EXPECT_EQ(at_once + soon + Calls(5).size(), 200u);
  Answer(User(1), Verdict::kValid, 6);
  Answer(User(2), Verdict::kInvalid, 6);
  gate_.OnFailure(User(3), At(6));
  EXPECT_THAT(gate_.TakeDecisions(), ElementsAre(VerdictGate::Decision{User(2), false}));
}

TEST_F(VerdictGateTest, WhoIsKnownNotToCountDoesNotBecauseOfAnother) {
  Settle(kMe, Verdict::kInvalid, 60);
  EXPECT_FALSE(gate_.Hold(kMe, true, At(1)));
}

TEST_F(VerdictGateTest, AReloadFindsWhatWasKnown) {
  Settle(kMe, Verdict::kValid, 300);
  gate_.Release(kMe, At(10));
  EXPECT_THAT(gate_.Forget(At(24.9)), IsEmpty());
  EXPECT_TRUE(gate_.Hold(kMe, false, At(24.9)));
  EXPECT_THAT(Calls(24.9), IsEmpty());
  EXPECT_THAT(gate_.Forget(At(100)), IsEmpty());
  EXPECT_THAT(Calls(300), ElementsAre(kMe)) << "it is asked again when it was to be";
}

TEST_F(VerdictGateTest, WhoIsGoneIsNotAskedAboutAndForgotten) {
  Settle(kMe, Verdict::kValid, 5);
  gate_.Release(kMe, At(1));
  EXPECT_THAT(Calls(10), IsEmpty());
  EXPECT_EQ(gate_.NextDue(), At(16));
  EXPECT_THAT(gate_.Forget(At(16)), ElementsAre(kMe));
  EXPECT_EQ(gate_.users(), 0u);
  EXPECT_EQ(gate_.NextDue(), absl::InfiniteFuture());
}

TEST_F(VerdictGateTest, AnAnswerThatComesAfterTheUserLeftIsKept) {
  gate_.Hold(kMe, false, At(0));
  Calls(0);
  gate_.Release(kMe, At(1));
  EXPECT_THAT(gate_.Forget(At(16)), IsEmpty()) << "the question is still under way";
  Answer(kMe, Verdict::kValid, 17);
  EXPECT_THAT(gate_.TakeDecisions(), IsEmpty()) << "nobody is there to count";
  EXPECT_TRUE(gate_.Hold(kMe, false, At(18)));
}

TEST_F(VerdictGateTest, AnswersThatNobodyAskedForChangeNothing) {
  Answer(kMe, Verdict::kValid, 0);
  gate_.Hold(kMe, false, At(0));
  Answer(kMe, Verdict::kValid, 0);
  Answer(kYou, Verdict::kValid, 0);
  EXPECT_THAT(gate_.TakeDecisions(), IsEmpty());
}

TEST_F(VerdictGateTest, WhoIsNotHeldCannotBeReleased) {
  gate_.Release(kYou, At(0));
  gate_.Hold(kMe, false, At(0));
  gate_.Release(kMe, At(0));
  gate_.Release(kMe, At(5));
  gate_.CheckInvariants();
  EXPECT_THAT(gate_.Forget(At(15)), ElementsAre(kMe)) << "its time began with the first release";
}

class BoundedCallsTest : public VerdictGateTest {
 protected:
  BoundedCallsTest() : VerdictGateTest({.max_calls_of_product = 2, .max_calls = 3}) {}
};

TEST_F(BoundedCallsTest, OneProductLeavesRoomForOthersAndTheRestWaits) {
  const UserId other = {"accounts/a/products/q", Hash(1)};
  const UserId third = {"accounts/a/products/r", Hash(1)};
  for (uint64_t n = 1; n <= 4; ++n) gate_.Hold(User(n), false, At(static_cast<double>(n)));
  gate_.Hold(other, false, At(5));
  gate_.Hold(third, false, At(6));
  EXPECT_THAT(Calls(10), ElementsAre(User(1), User(2), other));
  EXPECT_EQ(gate_.NextDue(), absl::InfiniteFuture());
  Answer(User(2), Verdict::kValid, 10, 300);
  EXPECT_THAT(Calls(10), ElementsAre(User(3)));
  Answer(other, Verdict::kValid, 10, 300);
  EXPECT_THAT(Calls(10), ElementsAre(third));
}

// Whatever happens: who is valid counts in the end, who is invalid does not, and nobody is asked twice at once.
TEST(VerdictGateRandomTest, DecisionsAddUpToTheTruth) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    SCOPED_TRACE(random.seed());
    VerdictGate gate({.max_calls_of_product = 3, .max_calls = 5}, random.bits());
    std::map<UserId, int> holders;
    std::map<UserId, bool> counts;
    std::set<UserId> asked;
    absl::Time now = At(0);
    const auto truth = [](const UserId& user) {
      return user.hash.low % 2 == 0 ? Verdict::kValid : Verdict::kInvalid;
    };
    const auto step = [&](bool may_fail) {
      for (const UserId& forgotten : gate.Forget(now)) counts.erase(forgotten);
      while (const auto user = gate.TakeCall(now)) EXPECT_TRUE(asked.insert(*user).second);
      std::vector<UserId> answered(asked.begin(), asked.end());
      for (const UserId& user : answered) {
        if (may_fail && random.OneIn(2)) continue;
        asked.erase(user);
        const bool fails = may_fail && random.OneIn(3);
        gate.OnVerdict(user, {fails ? Verdict::kIndeterminate : truth(user), absl::Seconds(20)},
                       now);
      }
      for (const auto& [user, does] : gate.TakeDecisions()) counts[user] = does;
      gate.CheckInvariants();
    };
    for (int i = 0; i < 400; ++i) {
      now += absl::Milliseconds(random.Below(2000));
      const UserId user = {random.OneIn(2) ? "p" : "q", Hash(1 + random.Below(8))};
      if (holders[user] > 0 && random.OneIn(2)) {
        --holders[user];
        gate.Release(user, now);
      } else {
        ++holders[user];
        counts[user] = gate.Hold(user, false, now);
      }
      step(/*may_fail=*/true);
    }
    for (int i = 0; i < 200; ++i) {
      now += absl::Seconds(1);
      step(/*may_fail=*/false);
    }
    for (const auto& [user, number] : holders) {
      if (number > 0) {
        EXPECT_EQ(counts[user], truth(user) == Verdict::kValid) << user.hash.low;
      }
    }
  }
}

}  // namespace
}  // namespace livecounter
