#include "core/verdict_desk.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Hash;
using Outcome = VerdictDesk::Outcome;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class VerdictDeskTest : public testing::Test {
 protected:
  ~VerdictDeskTest() override { desk_.CheckInvariants(); }

  VerdictDesk::Asked Ask(uint64_t user, AskId ask, double now = 0,
                         const std::string& product = "p") {
    return desk_.Ask(product, Hash(user), ask, At(now));
  }
  // Begins all that may begin.
  std::vector<VerdictDesk::Call> Calls(double now = 0) {
    std::vector<VerdictDesk::Call> calls;
    while (auto call = desk_.NextCall(At(now))) calls.push_back(*std::move(call));
    return calls;
  }
  std::vector<AskId> End(const VerdictDesk::Call& call, Verdict verdict, double now = 0) {
    std::vector<AskId> asks;
    for (const auto& answered : desk_.End(call, verdict, At(now))) {
      asks.push_back(answered.ask);
      last_ = answered.known;
    }
    return asks;
  }
  // Opens the breaker of "p" at `now`.
  void Break(double now = 0) {
    Ask(900, 900, now);
    Ask(901, 901, now);
    for (const auto& call : Calls(now)) End(call, Verdict::kIndeterminate, now);
  }

  double fraction_ = 0.5;
  KnownVerdict last_;  // what End() told the last of them
  VerdictDesk desk_{{.product = {.max_calls = 2, .max_asks = 6, .breaker = {.failures_to_open = 2}},
                     .max_calls = 3},
                    [this] { return fraction_; }};
};

TEST_F(VerdictDeskTest, WhoAsksWaitsForTheCallAndLaterOnesAreAnsweredAtOnce) {
  EXPECT_EQ(Ask(1, 10).outcome, Outcome::kWaits);
  EXPECT_EQ(Ask(1, 11).outcome, Outcome::kWaits);
  EXPECT_EQ(desk_.asks(), 2u);
  const auto calls = Calls();
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_EQ(calls[0].ask, 10u);
  EXPECT_EQ(desk_.calls(), 1u);
  EXPECT_THAT(End(calls[0], Verdict::kValid), ElementsAre(10, 11));
  EXPECT_EQ(last_, (KnownVerdict{Verdict::kValid, absl::Seconds(300)}));
  const VerdictDesk::Asked again = Ask(1, 12, 100);
  EXPECT_EQ(again.outcome, Outcome::kAnswered);
  EXPECT_EQ(again.known, (KnownVerdict{Verdict::kValid, absl::Seconds(200)}));
  EXPECT_EQ(desk_.known(), 1u);
  EXPECT_EQ(desk_.asks() + desk_.calls(), 0u);
}

TEST_F(VerdictDeskTest, ProductsHaveTurnsUpToTheCallsOfAll) {
  for (const std::string product : {"p", "q", "r"}) {
    for (uint64_t user = 1; user <= 3; ++user) {
      Ask(user + 100 * static_cast<uint64_t>(product[0]), user, 0, product);
    }
  }
  auto calls = Calls();
  ASSERT_THAT(calls, SizeIs(3));
  EXPECT_EQ(calls[0].product + calls[1].product + calls[2].product, "pqr");
  End(calls[0], Verdict::kValid);
  End(calls[1], Verdict::kValid);
  calls = Calls();
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0].product + calls[1].product, "pq");
}

TEST_F(VerdictDeskTest, WhereTooManyWaitNoneIsTaken) {
  for (AskId ask = 0; ask < 6; ++ask) EXPECT_EQ(Ask(ask, ask).outcome, Outcome::kWaits);
  EXPECT_EQ(Ask(6, 6).outcome, Outcome::kFull);
  EXPECT_EQ(Ask(6, 6, 0, "q").outcome, Outcome::kWaits) << "another product is not held up";
}

TEST_F(VerdictDeskTest, WhoNoLongerWaitsIsNotAskedAbout) {
  Ask(1, 10);
  desk_.Withdraw("p", Hash(1), 10);
  desk_.Withdraw("q", Hash(1), 10);
  EXPECT_EQ(desk_.asks(), 0u);
  EXPECT_THAT(Calls(), IsEmpty());
}

TEST_F(VerdictDeskTest, AnOpenBreakerAnswersAllWhoseCallHasNotBegun) {
  for (uint64_t user = 1; user <= 5; ++user) Ask(user, user);
  const auto calls = Calls();
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_THAT(End(calls[0], Verdict::kIndeterminate), ElementsAre(1));
  EXPECT_EQ(desk_.open_breakers(), 0u);
  EXPECT_THAT(End(calls[1], Verdict::kIndeterminate), ElementsAre(2, 3, 4, 5));
  EXPECT_EQ(desk_.open_breakers(), 1u);
  const VerdictDesk::Asked refused = Ask(6, 6);
  EXPECT_EQ(refused.outcome, Outcome::kAnswered);
  EXPECT_EQ(refused.known.verdict, Verdict::kIndeterminate);
  EXPECT_EQ(refused.known.ask_again_after, absl::Seconds(4.5 * 1.25)) << "with jitter";
}

TEST_F(VerdictDeskTest, ABreakerClosesByItselfWhenATrialSucceeds) {
  Break();
  for (uint64_t user = 1; user <= 3; ++user) Ask(user, user, 5);
  auto calls = Calls(5);
  ASSERT_THAT(calls, SizeIs(1)) << "one trial";
  EXPECT_THAT(End(calls[0], Verdict::kInvalid, 5), ElementsAre(1));
  EXPECT_EQ(desk_.open_breakers(), 0u);
  EXPECT_THAT(Calls(5), SizeIs(2)) << "and those who waited for it";
}

TEST_F(VerdictDeskTest, ATrialThatFailsAnswersThoseWhoWaitedForIt) {
  Break();
  for (uint64_t user = 1; user <= 3; ++user) Ask(user, user, 5);
  const auto calls = Calls(5);
  ASSERT_THAT(calls, SizeIs(1));
  EXPECT_THAT(End(calls[0], Verdict::kIndeterminate, 5), ElementsAre(1, 2, 3));
  EXPECT_EQ(Ask(4, 4, 13.9).outcome, Outcome::kAnswered) << "for longer this time";
  EXPECT_EQ(Ask(4, 4, 14).outcome, Outcome::kWaits);
}

TEST_F(VerdictDeskTest, TheBreakerOfOneProductIsNotThatOfAnother) {
  Break();
  EXPECT_EQ(Ask(1, 1, 0, "q").outcome, Outcome::kWaits);
}

TEST_F(VerdictDeskTest, ABreakerThatNobodyAsksBehindIsForgottenInTime) {
  Break();
  desk_.ForgetFailures(At(124));
  EXPECT_EQ(desk_.open_breakers(), 1u)
      << "it could be tried after 4.5 s, and then two minutes passed";
  desk_.ForgetFailures(At(124.5));
  EXPECT_EQ(desk_.open_breakers(), 0u);
  Ask(1, 1, 125);
  Ask(2, 2, 125);
  EXPECT_THAT(Calls(125), SizeIs(2)) << "it begins anew, closed";
}

TEST_F(VerdictDeskTest, AnAskOfAnotherProductForgetsItToo) {
  Break();
  Ask(1, 1, 124.5, "q");
  EXPECT_EQ(desk_.open_breakers(), 0u);
}

TEST_F(VerdictDeskTest, WhoIsAskedAboutAgainIsNotForgotten) {
  Break();
  Ask(1, 1, 124);
  const auto calls = Calls(124);
  ASSERT_THAT(calls, SizeIs(1)) << "the trial";
  desk_.ForgetFailures(At(200));
  EXPECT_EQ(desk_.open_breakers(), 1u);
  EXPECT_THAT(End(calls[0], Verdict::kIndeterminate, 200), ElementsAre(1));
  desk_.ForgetFailures(At(328));
  EXPECT_EQ(desk_.open_breakers(), 1u) << "open anew, for 9 s and then two minutes";
  desk_.ForgetFailures(At(329));
  EXPECT_EQ(desk_.open_breakers(), 0u);
}

TEST_F(VerdictDeskTest, FailuresThatOpenedNoBreakerAreForgottenToo) {
  Ask(1, 1);
  End(Calls().at(0), Verdict::kIndeterminate);
  desk_.ForgetFailures(At(120));
  Ask(2, 2, 120);
  End(Calls(120).at(0), Verdict::kIndeterminate, 120);
  EXPECT_EQ(desk_.open_breakers(), 0u) << "the second one is the first again";
}

TEST_F(VerdictDeskTest, WhoWasValidIsSaidToHaveBeenAlsoBehindAnOpenBreaker) {
  Ask(1, 1);
  End(Calls().at(0), Verdict::kValid);
  Break(300);
  const VerdictDesk::Asked refused = Ask(1, 2, 300);
  EXPECT_EQ(refused.known.verdict, Verdict::kIndeterminate);
  EXPECT_TRUE(refused.known.was_valid);
  EXPECT_FALSE(Ask(2, 3, 300).known.was_valid);
  Ask(3, 4, 305);
  Ask(1, 5, 305);
  EXPECT_THAT(End(Calls(305).at(0), Verdict::kIndeterminate, 305), ElementsAre(4, 5));
  EXPECT_TRUE(last_.was_valid) << "who waited behind the trial";
}

// Random operations beside the plainest model of the promises: each ask is answered once, one call is
// under way for a user, and never too many; and when all calls end, nobody waits.
class RandomDesk {
 public:
  explicit RandomDesk(uint64_t seed)
      : random_(seed), desk_(Options(), [this] { return random_.Below(1000) / 1000.0; }) {}

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      Step();
      desk_.CheckInvariants();
    }
    while (!under_way_.empty()) EndOne(Verdict::kValid);
    desk_.CheckInvariants();
    EXPECT_THAT(waiting_, IsEmpty());
    EXPECT_EQ(desk_.asks() + desk_.calls(), 0u);
  }

 private:
  using User = std::pair<std::string, PresenceHash>;

  static VerdictDesk::Options Options() {
    return {.product = {.max_calls = 4, .max_asks = 12, .breaker = {.failures_to_open = 3}},
            .cache = {.max_users = 20},
            .max_calls = 7,
            .forget_failures_after = absl::Seconds(3)};
  }

  void Step() {
    now_ += absl::Milliseconds(random_.Below(300));
    switch (random_.Below(5)) {
      case 0:
      case 1:
        return Ask();
      case 2:
        return Withdraw();
      default:
        if (!under_way_.empty()) EndOne(RandomVerdict());
    }
  }

  Verdict RandomVerdict() {
    return random_.Pick<Verdict>(
        {Verdict::kValid, Verdict::kInvalid, Verdict::kIndeterminate, Verdict::kIndeterminate});
  }

  void Ask() {
    const User user = {absl::StrCat("p", random_.Below(3)),
                       Hash(static_cast<uint64_t>(random_.Below(40)))};
    const AskId ask = ++last_ask_;
    const VerdictDesk::Asked asked = desk_.Ask(user.first, user.second, ask, now_);
    if (asked.outcome == Outcome::kWaits) waiting_[ask] = user;
    if (asked.outcome == Outcome::kAnswered) {
      EXPECT_GT(asked.known.ask_again_after, absl::ZeroDuration());
    }
    BeginAll();
  }

  void Withdraw() {
    if (waiting_.empty()) return;
    auto chosen = waiting_.begin();
    std::advance(chosen, random_.Below(static_cast<int>(waiting_.size())));
    desk_.Withdraw(chosen->second.first, chosen->second.second, chosen->first);
    waiting_.erase(chosen);
  }

  void BeginAll() {
    while (const auto call = desk_.NextCall(now_)) {
      EXPECT_EQ(waiting_.count(call->ask), 1u) << "a call is for somebody who waits";
      EXPECT_TRUE(under_way_.emplace(User(call->product, call->user), *call).second);
    }
    EXPECT_LE(under_way_.size(), 7u);
    EXPECT_EQ(under_way_.size(), desk_.calls());
    EXPECT_EQ(waiting_.size(), desk_.asks());
  }

  void EndOne(Verdict verdict) {
    auto chosen = under_way_.begin();
    std::advance(chosen, random_.Below(static_cast<int>(under_way_.size())));
    const VerdictDesk::Call call = chosen->second;
    under_way_.erase(chosen);
    for (const auto& answered : desk_.End(call, verdict, now_)) {
      EXPECT_EQ(waiting_.erase(answered.ask), 1u) << "each is answered once";
    }
    for (const auto& [ask, user] : waiting_) {
      EXPECT_NE(user, User(call.product, call.user)) << "all who asked are answered together";
    }
    BeginAll();
  }

  test::Random random_;
  absl::Time now_ = At(0);
  AskId last_ask_ = 0;
  VerdictDesk desk_;
  std::map<AskId, User> waiting_;
  std::map<User, VerdictDesk::Call> under_way_;
};

TEST(RandomVerdictDeskTest, KeepsItsPromisesWhateverHappens) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    RandomDesk(seed).Run(1000);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace livecounter
