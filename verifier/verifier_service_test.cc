// The whole verifier behind gRPC, and a customer's server that counts what reaches it.

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "livecounter/v1/verifier_service.grpc.pb.h"
#include "prometheus/text_serializer.h"
#include "services/runtime/grpc_test_support.h"
#include "services/runtime/test_certificates.h"
#include "verifier/testing/endpoint_server.h"
#include "verifier/testing/in_time.h"
#include "verifier/verifier.h"

namespace livecounter::verifier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kToken[] = "edge-t0ken";
constexpr char kProduct[] = "accounts/a/products/p";

absl::Duration DurationOf(const google::protobuf::Duration& message) {
  return absl::Seconds(message.seconds()) + absl::Nanoseconds(message.nanos());
}

class VerifierServiceTest : public testing::Test {
 protected:
  void Serve(EndpointServer::Handler handler, bool with_tls = false) {
    EndpointServer::Options options;
    if (with_tls) {
      options = {.certificate = certificates_.Path("server.pem"),
                 .key = certificates_.Path("server.key")};
    }
    customer_ = std::make_unique<EndpointServer>(options, std::move(handler));
  }
  void Start(std::vector<std::string> tokens = {kToken, "admin-t0ken"},
             const VerdictDesk::Options& desk = {}) {
    runtime::KeepGrpcRunning();
    Options options = {
        .ca_file = certificates_.Path("ca.pem"), .tokens = std::move(tokens), .desk = desk};
    std::string error;
    ASSERT_TRUE(AbslParseFlag("127.0.0.0/8", &options.allow_private_networks, &error));
    verifier_ = std::make_unique<Verifier>(options, Parts{clock_, random_, registry_});
    auto server = runtime::GrpcServer::Start({.listen = {"127.0.0.1", 0}}, {verifier_->service()});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = v1::VerifierService::NewStub(channel_);
  }

  static void Authorize(grpc::ClientContext& context, const std::string& token = kToken) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  }
  void FillEndpoint(v1::CustomerEndpoint* endpoint) const {
    endpoint->set_uri(customer_->Uri());
    endpoint->add_api_keys("key");
    endpoint->set_signing_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  }
  v1::VerifyUserRequest Question(const std::string& presence_id) const {
    v1::VerifyUserRequest request;
    request.set_product(kProduct);
    request.set_presence_id(presence_id);
    FillEndpoint(request.mutable_endpoint());
    return request;
  }
  v1::VerifyUserResponse AskAbout(const std::string& presence_id) {
    grpc::ClientContext context;
    Authorize(context);
    v1::VerifyUserResponse response;
    const grpc::Status status = stub_->VerifyUser(&context, Question(presence_id), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::VerifyUserResponse::Verdict Verify(const std::string& presence_id) {
    return AskAbout(presence_id).verdict();
  }
  // All that the probe told, and when; its status in `*status`.
  std::vector<v1::VerificationProgress> Probe(grpc::Status* status) {
    v1::ProbeEndpointRequest request;
    request.set_product(kProduct);
    FillEndpoint(request.mutable_endpoint());
    grpc::ClientContext context;
    Authorize(context);
    const auto stream = stub_->ProbeEndpoint(&context, request);
    std::vector<v1::VerificationProgress> told;
    v1::VerificationProgress progress;
    told_at_.clear();
    while (stream->Read(&progress)) {
      told.push_back(progress);
      told_at_.push_back(absl::Now());
    }
    *status = stream->Finish();
    return told;
  }
  // How long the steps of the probe took, by this test's clock, longest last.
  std::vector<absl::Duration> StepsTook(const std::vector<v1::VerificationProgress>& told) const {
    std::vector<absl::Duration> took;
    size_t begin = 0;
    for (size_t i = 0; i < told.size(); ++i) {
      if (told[i].step() != told[begin].step()) begin = i;
      if (told[i].step_done()) took.push_back(told_at_[i] - told_at_[begin]);
    }
    std::sort(took.begin(), took.end());
    return took;
  }

  const runtime::TestCertificates certificates_;
  runtime::RealClock clock_;
  runtime::SecureRandom random_;
  prometheus::Registry registry_;
  std::unique_ptr<EndpointServer> customer_;
  std::unique_ptr<Verifier> verifier_;
  std::unique_ptr<runtime::GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::VerifierService::Stub> stub_;
  std::vector<absl::Time> told_at_;
};

TEST_F(VerifierServiceTest, EveryMethodAsksForATokenAndTakesEither) {
  Serve(GoodCustomer("key"));
  Start();
  EXPECT_THAT(runtime::UnprotectedMethods(channel_, v1::VerifierService::service_full_name()),
              IsEmpty());
  grpc::ClientContext context;
  Authorize(context, "admin-t0ken");
  v1::VerifyUserResponse response;
  EXPECT_TRUE(stub_->VerifyUser(&context, Question("x"), &response).ok());
}

TEST_F(VerifierServiceTest, WithoutTokensNoneIsNeeded) {
  Serve(GoodCustomer("key"));
  Start(/*tokens=*/{});
  grpc::ClientContext context;
  v1::VerifyUserResponse response;
  EXPECT_TRUE(stub_->VerifyUser(&context, Question("x"), &response).ok());
  EXPECT_EQ(response.verdict(), v1::VerifyUserResponse::VALID);
  EXPECT_GT(response.ask_again_after().seconds(), 260);
}

TEST_F(VerifierServiceTest, VerdictsAreTheCustomersOverHttpsToo) {
  Serve(GoodCustomer("key"), /*with_tls=*/true);
  Start();
  EXPECT_EQ(Verify("good"), v1::VerifyUserResponse::VALID);
  EXPECT_EQ(Verify("bad"), v1::VerifyUserResponse::INVALID);
  EXPECT_EQ(Verify("good"), v1::VerifyUserResponse::VALID);
  EXPECT_EQ(customer_->requests(), 2);
}

TEST_F(VerifierServiceTest, WhateverElseComesIsIndeterminate) {
  Start();
  const ServerReply replies[] = {
      {.status = 500, .body = "key"},
      {.status = 200, .body = "wrong"},
      {.status = 302, .headers = "Location: http://169.254.169.254/\r\n"},
      {.body = std::string(2 << 20, 'x')},
      {.reset = true},
      {.hang = true},
      {.dribble = absl::Seconds(1)},
  };
  for (const ServerReply& reply : replies) {
    Serve([reply](const ServerRequest&) { return reply; });
    const absl::Time start = absl::Now();
    EXPECT_EQ(Verify("x"), v1::VerifyUserResponse::INDETERMINATE);
    EXPECT_LE(absl::Now() - start, kInTime + absl::Seconds(1));
    EXPECT_EQ(customer_->requests(), 1);
  }
}

TEST_F(VerifierServiceTest, ThatAUserWasValidIsToldWhereNothingUsableComes) {
  std::atomic<bool> is_down{false};
  Serve([&is_down](const ServerRequest& request) {
    return is_down ? ServerReply{.status = 500} : GoodCustomer("key")(request);
  });
  Start({kToken}, {.cache = {.valid = absl::Milliseconds(1)}});
  EXPECT_EQ(Verify("good"), v1::VerifyUserResponse::VALID);
  is_down = true;
  v1::VerifyUserResponse answer = AskAbout("good");
  while (answer.verdict() == v1::VerifyUserResponse::VALID) answer = AskAbout("good");
  EXPECT_EQ(answer.verdict(), v1::VerifyUserResponse::INDETERMINATE);
  EXPECT_TRUE(answer.was_valid());
  EXPECT_FALSE(AskAbout("somebody new").was_valid());
}

TEST_F(VerifierServiceTest, ABadRequestIsToldWithoutThePresenceId) {
  Serve(GoodCustomer("key"));
  Start();
  v1::VerifyUserRequest request = Question("cookie\xff");
  const runtime::RawAnswer answer =
      runtime::RawCall(channel_, "/livecounter.v1.VerifierService/VerifyUser",
                       request.SerializeAsString(), absl::StrCat("Bearer ", kToken));
  EXPECT_NE(answer.code, 0);
  EXPECT_THAT(answer.message, testing::Not(HasSubstr("cookie")));
  request = Question(std::string(257, 'c'));
  grpc::ClientContext context;
  Authorize(context);
  v1::VerifyUserResponse response;
  const grpc::Status status = stub_->VerifyUser(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("presence_id: it takes 1 to 256 bytes"));
}

// Contract §4: one call for each user, at most 500 at a time, however many ask.
TEST_F(VerifierServiceTest, FifteenThousandAsksOfFiveThousandUsersAreFiveThousandCalls) {
  constexpr int kAsks = 15'000;
  constexpr int kUsers = 5'000;
  Serve(GoodCustomer("key", absl::Milliseconds(50)));
  Start();
  struct Asked {
    grpc::ClientContext context;
    v1::VerifyUserRequest request;
    v1::VerifyUserResponse response;
    grpc::Status status;
  };
  std::vector<std::unique_ptr<Asked>> asks;
  absl::BlockingCounter left(kAsks);
  for (int i = 0; i < kAsks; ++i) {
    const int user = i % kUsers;
    asks.push_back(std::make_unique<Asked>());
    Asked& ask = *asks.back();
    Authorize(ask.context);
    ask.request = Question(absl::StrCat(user % 2 == 0 ? "good-" : "bad-", user));
    stub_->async()->VerifyUser(&ask.context, &ask.request, &ask.response, [&](grpc::Status status) {
      ask.status = std::move(status);
      left.DecrementCount();
    });
  }
  left.Wait();
  int right = 0;
  for (int i = 0; i < kAsks; ++i) {
    const bool good = i % kUsers % 2 == 0;
    right += asks[static_cast<size_t>(i)]->response.verdict() ==
                     (good ? v1::VerifyUserResponse::VALID : v1::VerifyUserResponse::INVALID)
                 ? 1
                 : 0;
  }
  EXPECT_EQ(right, kAsks);
  EXPECT_EQ(customer_->requests(), kUsers);
  EXPECT_LE(customer_->peak(), 500);
  EXPECT_GT(customer_->peak(), 50) << "the calls do go on beside each other";
  EXPECT_LE(customer_->connections(), 510) << "connections are used again";
}

TEST_F(VerifierServiceTest, ACallerWhoGoesAwayIsNotWaitedFor) {
  Serve([](const ServerRequest&) { return ServerReply{.hang = true}; });
  Start();
  grpc::ClientContext context;
  Authorize(context);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  v1::VerifyUserResponse response;
  EXPECT_EQ(stub_->VerifyUser(&context, Question("x"), &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  server_->Shutdown(absl::Now() + absl::Seconds(2));
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry_.Collect()),
              HasSubstr("livecounter_verifier_waiting_asks 0\n"));
}

TEST_F(VerifierServiceTest, AProbeSendsFiveHundredCallsAtATimeAndReportsThem) {
  Serve(GoodCustomer("key", absl::Milliseconds(500)));
  Start();
  grpc::Status status;
  const auto told = Probe(&status);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_FALSE(told.empty());
  const v1::VerificationProgress& last = told.back();
  EXPECT_TRUE(last.done());
  EXPECT_TRUE(last.passed()) << last.reason();
  EXPECT_EQ(last.step(), v1::VerificationProgress::SUMMARY);
  EXPECT_EQ(customer_->requests(), 1002);
  EXPECT_EQ(customer_->peak(), 500);
  EXPECT_GE(last.latency().p50().nanos(), 490'000'000);
  EXPECT_LE(DurationOf(last.latency().max()), kInTime);
  EXPECT_LE(StepsTook(told).back(), kInTime);
  int steps_done = 0;
  for (const auto& progress : told) steps_done += progress.step_done() ? 1 : 0;
  EXPECT_EQ(steps_done, 5);

  grpc::Status again;
  EXPECT_THAT(Probe(&again), IsEmpty());
  EXPECT_EQ(again.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(VerifierServiceTest, AProbeOfASlowEndpointSaysWhyAndDecidesInTime) {
  Serve([](const ServerRequest& request) {
    ServerReply reply = GoodCustomer("key")(request);
    static std::atomic<int> calls{0};
    reply.hang = ++calls > 2;
    return reply;
  });
  Start();
  grpc::Status status;
  const auto told = Probe(&status);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const v1::VerificationProgress& last = told.back();
  EXPECT_TRUE(last.done());
  EXPECT_FALSE(last.passed());
  EXPECT_THAT(last.reason(), HasSubstr("0 were. Of the others: 500 × there was no complete answer "
                                       "within 3s"));
  EXPECT_GE(StepsTook(told).back(), absl::Seconds(2.9));
  EXPECT_LE(StepsTook(told).back(), kInTime);
  EXPECT_EQ(customer_->requests(), 502) << "the second load is not sent";
}

// One second to be connected to and 2.5 to answer are 3.5, as they are when users come.
TEST_F(VerifierServiceTest, AProbeOfAnEndpointThatIsSlowToConnectToDecidesInTimeToo) {
  static std::atomic<int> calls{0};
  customer_ = std::make_unique<EndpointServer>(
      EndpointServer::Options{.certificate = certificates_.Path("server.pem"),
                              .key = certificates_.Path("server.key"),
                              .handshake_delay = absl::Seconds(1)},
      [](const ServerRequest& request) {
        const bool is_load = ++calls > 2;
        return GoodCustomer("key", absl::Seconds(is_load ? 2.5 : 0))(request);
      });
  Start();
  grpc::Status status;
  const auto told = Probe(&status);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_FALSE(told.back().passed());
  EXPECT_THAT(told.back().reason(), HasSubstr("there was no complete answer within 3s"));
  EXPECT_LE(StepsTook(told).back(), kInTime);
}

TEST_F(VerifierServiceTest, AProbeWhoseCallerGoesAwayEnds) {
  Serve([](const ServerRequest&) { return ServerReply{.hang = true}; });
  Start();
  v1::ProbeEndpointRequest request;
  request.set_product(kProduct);
  FillEndpoint(request.mutable_endpoint());
  grpc::ClientContext context;
  Authorize(context);
  const auto stream = stub_->ProbeEndpoint(&context, request);
  v1::VerificationProgress progress;
  ASSERT_TRUE(stream->Read(&progress));
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  server_.reset();
  verifier_.reset();
  EXPECT_LE(customer_->requests(), 1);
}

}  // namespace
}  // namespace livecounter::verifier
