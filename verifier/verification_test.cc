#include "verifier/verification.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "verifier/testing/fake_customer_endpoint.h"

namespace livecounter::verifier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class VerificationTest : public testing::Test {
 protected:
  static VerdictDesk::Options Limits() {
    return {.product = {.max_calls = 2, .max_asks = 3, .breaker = {.failures_to_open = 2}}};
  }

  AskId Ask(const std::string& presence_id, const std::string& uri = "https://shop.example/") {
    return verification_.Ask({.product = "accounts/a/products/p",
                              .presence_id = presence_id,
                              .endpoint = {uri, {"key"}, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
                             [this, presence_id](const absl::StatusOr<KnownVerdict>& known) {
                               heard_.push_back(absl::StrCat(presence_id, " ", Text(known)));
                             });
  }
  static std::string Text(const absl::StatusOr<KnownVerdict>& known) {
    if (!known.ok()) return std::string(absl::StatusCodeToString(known.status().code()));
    switch (known->verdict) {
      case Verdict::kValid:
        return "valid";
      case Verdict::kInvalid:
        return "invalid";
      default:
        return known->was_valid ? "indeterminate, was valid" : "indeterminate";
    }
  }
  std::string Metrics() { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

  prometheus::Registry registry_;
  observability::VerifierMetrics metrics_{registry_};
  runtime::FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  runtime::SeededRandom random_{1};
  FakeCustomerEndpoint endpoint_;
  std::vector<std::string> heard_;
  Verification verification_{Limits(), endpoint_, clock_, random_, metrics_};
};

TEST_F(VerificationTest, TheAnswerOfTheEndpointIsTheVerdictOfAllWhoAsked) {
  Ask("x");
  Ask("x");
  ASSERT_THAT(endpoint_.pending, SizeIs(1));
  EXPECT_EQ(endpoint_.pending[0].call.uri, "https://shop.example/");
  EXPECT_EQ(endpoint_.pending[0].call.body, "{\"pId\":\"x\"}");
  EXPECT_THAT(heard_, IsEmpty());
  endpoint_.Answer(200, "key");
  EXPECT_THAT(heard_, ElementsAre("x valid", "x valid"));
  Ask("x");
  EXPECT_THAT(heard_, SizeIs(3));
  EXPECT_THAT(endpoint_.pending, IsEmpty());
}

TEST_F(VerificationTest, EachKindOfAnswerIsItsVerdict) {
  Ask("a");
  endpoint_.Answer(401, "key\n");
  Ask("b");
  endpoint_.Answer(200, "no key");
  Ask("c");
  endpoint_.Answer(200, "key");
  Ask("d");
  endpoint_.Answer({.result = absl::DeadlineExceededError("late"), .body = "key"});
  EXPECT_THAT(heard_, ElementsAre("a invalid", "b indeterminate", "c valid", "d indeterminate"));
  EXPECT_THAT(Metrics(), HasSubstr("verdicts_total{verdict=\"valid\"} 1"));
  EXPECT_THAT(Metrics(), HasSubstr("verdicts_total{verdict=\"invalid\"} 1"));
  EXPECT_THAT(Metrics(), HasSubstr("verdicts_total{verdict=\"indeterminate\"} 2"));
  EXPECT_THAT(Metrics(), HasSubstr("livecounter_verifier_call_seconds_count 4"));
}

TEST_F(VerificationTest, WhatIsOverTheLimitOfCallsFollowsWhenOneEnds) {
  for (const char* user : {"a", "b", "c"}) Ask(user);
  EXPECT_THAT(endpoint_.pending, SizeIs(2));
  EXPECT_THAT(Metrics(), HasSubstr("livecounter_verifier_waiting_asks 3"));
  EXPECT_THAT(Metrics(), HasSubstr("livecounter_verifier_calls_in_flight 2"));
  Ask("d");
  EXPECT_THAT(heard_, ElementsAre("d RESOURCE_EXHAUSTED"));
  endpoint_.Answer(200, "key");
  ASSERT_THAT(endpoint_.pending, SizeIs(2));
  EXPECT_EQ(endpoint_.pending[1].call.body, "{\"pId\":\"c\"}");
}

TEST_F(VerificationTest, WhoWithdrewIsNotAnswered) {
  const AskId ask = Ask("a");
  Ask("a");
  EXPECT_TRUE(verification_.Withdraw(ask));
  EXPECT_FALSE(verification_.Withdraw(ask));
  endpoint_.Answer(200, "key");
  EXPECT_THAT(heard_, ElementsAre("a valid"));
  EXPECT_FALSE(verification_.Withdraw(ask + 1));
}

TEST_F(VerificationTest, ABreakerAnswersWithoutACallAndIsShown) {
  Ask("a");
  Ask("b");
  endpoint_.AnswerAll(500, "");
  Ask("c");
  EXPECT_THAT(endpoint_.pending, IsEmpty());
  EXPECT_EQ(heard_.back(), "c indeterminate");
  EXPECT_THAT(Metrics(), HasSubstr("livecounter_verifier_open_breakers 1"));
  clock_.Advance(absl::Seconds(5));
  Ask("d");
  endpoint_.AnswerAll(200, "key");
  EXPECT_EQ(heard_.back(), "d valid");
  EXPECT_THAT(Metrics(), HasSubstr("livecounter_verifier_open_breakers 0"));
}

TEST_F(VerificationTest, AnOpenBreakerIsNotShownForEverWhenNobodyAsksAnyMore) {
  Ask("a");
  Ask("b");
  endpoint_.AnswerAll(500, "");
  verification_.UpdateMetrics();
  EXPECT_THAT(Metrics(), HasSubstr("livecounter_verifier_open_breakers 1"));
  clock_.Advance(absl::Minutes(3));
  verification_.UpdateMetrics();
  EXPECT_THAT(Metrics(), HasSubstr("livecounter_verifier_open_breakers 0"));
}

TEST_F(VerificationTest, WhoWasValidUntilTheEndpointFailedIsSaidToHaveBeen) {
  Ask("a");
  endpoint_.Answer(200, "key");
  clock_.Advance(absl::Seconds(340));
  Ask("a");
  endpoint_.Answer(500, "");
  Ask("b");
  endpoint_.Answer(500, "");
  EXPECT_THAT(heard_, ElementsAre("a valid", "a indeterminate, was valid", "b indeterminate"));
}

TEST_F(VerificationTest, AnotherEndpointIsAskedAnew) {
  Ask("a");
  endpoint_.Answer(200, "key");
  Ask("a", "https://other.example/");
  ASSERT_THAT(endpoint_.pending, SizeIs(1));
  EXPECT_EQ(endpoint_.pending[0].call.uri, "https://other.example/");
}

TEST_F(VerificationTest, WhenItStopsAllAreAnsweredAndNoCallBegins) {
  for (const char* user : {"a", "b", "c"}) Ask(user);
  verification_.Stop();
  EXPECT_THAT(heard_,
              testing::UnorderedElementsAre("a UNAVAILABLE", "b UNAVAILABLE", "c UNAVAILABLE"));
  endpoint_.AnswerAll(200, "key");
  EXPECT_THAT(endpoint_.pending, IsEmpty());
  Ask("d");
  EXPECT_EQ(heard_.back(), "d UNAVAILABLE");
  EXPECT_THAT(heard_, SizeIs(4));
}

TEST_F(VerificationTest, NoMetricHoldsAPresenceIdAProductOrAKey) {
  Ask("some-cookie");
  endpoint_.Answer(200, "key");
  for (const char* secret : {"some-cookie", "products/p", "shop.example", "\"key\""}) {
    EXPECT_THAT(Metrics(), Not(HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace livecounter::verifier
