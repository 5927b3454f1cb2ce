#include "verifier/endpoint_probe.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verifier/answer_fault.h"
#include "verifier/testing/fake_customer_endpoint.h"

namespace livecounter::verifier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EndpointProbeTest : public testing::Test {
 protected:
  static ProbeRequest Request(const std::string& product = "accounts/a/products/p",
                              const std::string& uri = "https://shop.example/") {
    return {product, {uri, {"key"}, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}};
  }
  absl::Status Start(const ProbeRequest& request = Request()) {
    const auto probe =
        EndpointProbe::Start(request, {endpoint_, limits_, clock_, random_},
                             [this](const ProbeProgress& progress) { told_.push_back(progress); });
    if (probe.ok()) probe_ = *probe;
    return probe.status();
  }
  void ProveOwnership() {
    ASSERT_THAT(endpoint_.pending, SizeIs(1));
    endpoint_.Answer(401, "key");
    ASSERT_THAT(endpoint_.pending, SizeIs(1));
    endpoint_.Answer(200, "key");
  }
  const ProbeProgress& last() const { return told_.back(); }

  runtime::FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  runtime::SeededRandom random_{1};
  FakeCustomerEndpoint endpoint_;
  ProbeLimits limits_;
  std::vector<ProbeProgress> told_;
  std::shared_ptr<EndpointProbe> probe_;
};

TEST_F(EndpointProbeTest, OwnershipComesFirstThenTwoLoads) {
  ASSERT_TRUE(Start().ok());
  EXPECT_THAT(endpoint_.pending[0].call.body, "{\"pId\":\"w-invalid\"}");
  endpoint_.Answer(401, "key\n");
  EXPECT_THAT(endpoint_.pending[0].call.body, "{\"pId\":\"w-valid\"}");
  endpoint_.Answer(200, "key");
  ASSERT_THAT(endpoint_.pending, SizeIs(500));
  EXPECT_THAT(endpoint_.pending[499].call.body, "{\"pId\":\"w-invalid\"}");
  endpoint_.AnswerAll(401, "key");
  ASSERT_THAT(endpoint_.pending, SizeIs(500));
  EXPECT_THAT(endpoint_.pending[0].call.body, "{\"pId\":\"w-valid\"}");
  endpoint_.AnswerAll(200, "key");
  EXPECT_EQ(last().step, ProbeStep::kSummary);
  EXPECT_TRUE(last().done);
  EXPECT_TRUE(last().passed) << last().reason;
  EXPECT_EQ(last().answered, 500);
  EXPECT_EQ(last().latency.p99, absl::Milliseconds(10));
  EXPECT_THAT(endpoint_.pending, IsEmpty());
}

TEST_F(EndpointProbeTest, EachStepIsToldFromItsStartToItsEnd) {
  ASSERT_TRUE(Start().ok());
  ProveOwnership();
  endpoint_.AnswerAll(401, "key");
  std::vector<std::string> texts;
  for (const ProbeProgress& p : told_) {
    if (p.step != ProbeStep::kLoadInvalid) continue;
    texts.push_back(absl::StrCat(p.answered, "/", p.expected, p.step_done ? " over" : ""));
  }
  ASSERT_THAT(texts, SizeIs(21));
  EXPECT_EQ(texts.front(), "0/500");
  EXPECT_EQ(texts[1], "25/500");
  EXPECT_EQ(texts.back(), "500/500 over");
}

TEST_F(EndpointProbeTest, WithoutOwnershipNoLoadIsSent) {
  ASSERT_TRUE(Start().ok());
  endpoint_.Answer(200, "key");
  EXPECT_THAT(endpoint_.pending, IsEmpty());
  EXPECT_TRUE(last().done);
  EXPECT_FALSE(last().passed);
  EXPECT_EQ(
      last().reason,
      "A call with the pId \"w-invalid\" must be answered with the status 401 and an API key of "
      "this product as its body, but the status was 200.");
  EXPECT_TRUE(Start().ok()) << "that was no load";
}

TEST_F(EndpointProbeTest, WhereOnlyOwnershipIsWantedThereIsNoLoadAndNoLimit) {
  ProbeRequest request = Request();
  request.ownership_only = true;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Start(request).ok());
    ProveOwnership();
    EXPECT_THAT(endpoint_.pending, IsEmpty());
    EXPECT_TRUE(last().done && last().passed);
  }
}

TEST_F(EndpointProbeTest, OneLateAnswerFailsTheLoadAndTheReasonSaysHow) {
  ASSERT_TRUE(Start().ok());
  ProveOwnership();
  endpoint_.Answer(
      EndpointAnswer{.result = absl::DeadlineExceededError("no answer"), .took = absl::Seconds(3)});
  endpoint_.Answer(503, "");
  endpoint_.Answer(503, "");
  endpoint_.AnswerAll(401, "key");
  EXPECT_THAT(endpoint_.pending, IsEmpty());
  EXPECT_FALSE(last().passed);
  EXPECT_EQ(last().answered, 497);
  EXPECT_THAT(last().reason, HasSubstr("497 were. Of the others: 2 × the status was 503"));
  EXPECT_THAT(last().reason, HasSubstr("1 × no answer."));
  EXPECT_EQ(last().latency.max, absl::Seconds(3));
}

TEST_F(EndpointProbeTest, AProductHasOneLoadInAMinute) {
  ASSERT_TRUE(Start().ok());
  EXPECT_EQ(Start().code(), absl::StatusCode::kResourceExhausted) << "one is under way";
  ProveOwnership();
  endpoint_.AnswerAll(401, "key");
  endpoint_.AnswerAll(200, "key");
  clock_.Advance(absl::Seconds(59.5));
  EXPECT_THAT(std::string(Start().message()), HasSubstr("try again in 1 s"));
  clock_.Advance(absl::Seconds(0.5));
  EXPECT_TRUE(Start().ok());
}

TEST_F(EndpointProbeTest, AHostHasOneLoadAtATime) {
  ASSERT_TRUE(Start().ok());
  const ProbeRequest same = Request("accounts/a/products/q", "http://SHOP.example:8080/x");
  EXPECT_THAT(std::string(Start(same).message()), HasSubstr("shop.example"));
  const ProbeRequest dotted = Request("accounts/a/products/q", "https://shop.example./");
  EXPECT_THAT(std::string(Start(dotted).message()), HasSubstr("shop.example"));
  EXPECT_TRUE(Start(Request("accounts/a/products/r", "http://other.example/")).ok());
  endpoint_.Answer(500, "");  // the first one ends
  EXPECT_TRUE(Start(same).ok());
}

TEST_F(EndpointProbeTest, ACancelledOneBeginsNoFurtherStepAndGivesItsHostFree) {
  ASSERT_TRUE(Start().ok());
  probe_->Cancel();
  const size_t told = told_.size();
  endpoint_.Answer(401, "key");
  EXPECT_THAT(endpoint_.pending, IsEmpty());
  EXPECT_THAT(told_, SizeIs(told));
  EXPECT_TRUE(Start().ok());
}

TEST(AnswerFaultTest, SaysWhatCameAndWhatToDo) {
  struct Case {
    int status;
    std::string body;
    std::string fault;
  };
  const Case cases[] = {
      {200, "key", ""},
      {200, "key\n", ""},
      {302, "", "redirects are not followed"},
      {404, "", "the status was 404: let the URI's path take POST"},
      {429, "", "lift limits"},
      {401, "key", "the status was 401"},
      {200, "", "the body was empty"},
      {200, "\"key\"", "quotes or blanks"},
      {200, " key\r\n", "quotes or blanks"},
      {200, "\"", "the body, of 1 bytes"},
      {200, "other", "the body, of 5 bytes, was not an active API key"},
  };
  for (const Case& c : cases) {
    const std::string fault =
        FaultOf({.result = absl::OkStatus(), .status = c.status, .body = c.body}, 200, {"key"});
    EXPECT_EQ(fault.empty(), c.fault.empty()) << c.body;
    EXPECT_THAT(fault, HasSubstr(c.fault));
  }
  EXPECT_EQ(FaultOf({.result = absl::UnavailableError("gone")}, 200, {"key"}), "gone");
}

TEST(LatencySummaryTest, HasNearestRanksAndBucketsUpToTheSlowest) {
  std::vector<absl::Duration> took;
  for (int i = 100; i > 0; --i) took.push_back(absl::Milliseconds(i));
  const LatencySummary summary = Summarize(took);
  EXPECT_EQ(summary.p50, absl::Milliseconds(50));
  EXPECT_EQ(summary.p95, absl::Milliseconds(95));
  EXPECT_EQ(summary.p99, absl::Milliseconds(99));
  EXPECT_EQ(summary.max, absl::Milliseconds(100));
  std::vector<std::string> buckets;
  for (const auto& bucket : summary.buckets) {
    buckets.push_back(absl::StrCat(absl::FormatDuration(bucket.up_to), ":", bucket.calls));
  }
  EXPECT_THAT(buckets, ElementsAre("5ms:5", "10ms:5", "25ms:15", "50ms:25", "75ms:25", "100ms:25"));
}

TEST(LatencySummaryTest, OfNoneIsEmptyAndTheSlowestOfAllHasABucket) {
  EXPECT_THAT(Summarize({}).buckets, IsEmpty());
  const LatencySummary slow = Summarize({absl::Seconds(3.1)});
  EXPECT_EQ(slow.p50, absl::Seconds(3.1));
  EXPECT_EQ(slow.buckets.back().up_to, absl::Seconds(3.1));
  EXPECT_EQ(slow.buckets.back().calls, 1);
}

}  // namespace
}  // namespace livecounter::verifier
