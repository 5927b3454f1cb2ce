#include "gateway/upstream/grpc_verifier_client.h"

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "livecounter/v1/verifier_service.grpc.pb.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_test_support.h"
#include "services/runtime/random.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;

runtime::SecureRandom random;

// A worker that answers as the test says, and keeps what it was asked.
class FakeWorker final : public v1::VerifierService::Service {
 public:
  using Answer = std::function<grpc::Status(grpc::ServerContext&, v1::VerifyUserResponse&)>;

  explicit FakeWorker(Answer answer)
      : answer_(std::move(answer)),
        server_(
            *runtime::GrpcServer::Start({}, {{v1::VerifierService::service_full_name(), this}})) {
    runtime::KeepGrpcRunning();
  }

  GrpcVerifierClient::Worker worker(const std::string& name) {
    return {name, server_->InProcessChannel()};
  }

  grpc::Status VerifyUser(grpc::ServerContext* context, const v1::VerifyUserRequest* request,
                          v1::VerifyUserResponse* response) override {
    {
      absl::MutexLock lock(&mutex_);
      asked_.push_back(*request);
      const auto token = context->client_metadata().find("authorization");
      if (token != context->client_metadata().end()) {
        token_ = std::string(token->second.data(), token->second.size());
      }
    }
    return answer_(*context, *response);
  }

  std::vector<v1::VerifyUserRequest> asked() {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }
  std::string token() {
    absl::MutexLock lock(&mutex_);
    return token_;
  }

 private:
  const Answer answer_;
  absl::Mutex mutex_;
  std::vector<v1::VerifyUserRequest> asked_ ABSL_GUARDED_BY(mutex_);
  std::string token_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<runtime::GrpcServer> server_;  // last: it serves all of the above
};

FakeWorker::Answer Says(v1::VerifyUserResponse::Verdict verdict, int ask_again_seconds) {
  return [=](grpc::ServerContext&, v1::VerifyUserResponse& response) {
    response.set_verdict(verdict);
    response.mutable_ask_again_after()->set_seconds(ask_again_seconds);
    return grpc::Status::OK;
  };
}

Product MakeProduct(const std::string& name) {
  return {.name = name,
          .api_keys = {"k1", "k2"},
          .verification = Verification{"https://shop.example/verify", "whsec_x"}};
}

absl::StatusOr<KnownVerdict> Ask(GrpcVerifierClient& client, const Product& product) {
  absl::Notification done;
  absl::StatusOr<KnownVerdict> answer = absl::UnknownError("no answer");
  client.Verify(product, PresenceId("me"), [&](const absl::StatusOr<KnownVerdict>& given) {
    answer = given;
    done.Notify();
  });
  done.WaitForNotification();
  return answer;
}

TEST(GrpcVerifierClientTest, AsksWithAllThatTheWorkerNeeds) {
  FakeWorker worker(Says(v1::VerifyUserResponse::VALID, 290));
  GrpcVerifierClient client({.workers = {worker.worker("v0")}, .token = "token"}, random);
  const auto answer = Ask(client, MakeProduct("accounts/a/products/p"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(*answer, (KnownVerdict{Verdict::kValid, absl::Seconds(290)}));
  EXPECT_EQ(worker.token(), "Bearer token");
  const std::vector<v1::VerifyUserRequest> asked = worker.asked();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].product(), "accounts/a/products/p");
  EXPECT_EQ(asked[0].presence_id(), "me");
  EXPECT_EQ(asked[0].endpoint().uri(), "https://shop.example/verify");
  EXPECT_EQ(asked[0].endpoint().signing_secret(), "whsec_x");
  EXPECT_THAT(asked[0].endpoint().api_keys(), ElementsAre("k1", "k2"));
}

TEST(GrpcVerifierClientTest, TellsVerdictsApart) {
  for (const auto& [said, meant] : std::vector<std::pair<v1::VerifyUserResponse::Verdict, Verdict>>{
           {v1::VerifyUserResponse::VALID, Verdict::kValid},
           {v1::VerifyUserResponse::INVALID, Verdict::kInvalid},
           {v1::VerifyUserResponse::INDETERMINATE, Verdict::kIndeterminate}}) {
    FakeWorker worker(Says(said, 5));
    GrpcVerifierClient client({.workers = {worker.worker("v0")}}, random);
    EXPECT_EQ(Ask(client, MakeProduct("p"))->verdict, meant);
  }
  FakeWorker silent(Says(v1::VerifyUserResponse::VERDICT_UNSPECIFIED, 5));
  GrpcVerifierClient client({.workers = {silent.worker("v0")}}, random);
  EXPECT_FALSE(Ask(client, MakeProduct("p")).ok());
}

TEST(GrpcVerifierClientTest, TellsWhoWasValid) {
  FakeWorker worker([](grpc::ServerContext&, v1::VerifyUserResponse& response) {
    response.set_verdict(v1::VerifyUserResponse::INDETERMINATE);
    response.set_was_valid(true);
    return grpc::Status::OK;
  });
  GrpcVerifierClient client({.workers = {worker.worker("v0")}}, random);
  EXPECT_TRUE(Ask(client, MakeProduct("p"))->was_valid);
}

TEST(GrpcVerifierClientTest, WhatIsNoAnswerIsAnError) {
  FakeWorker full([](grpc::ServerContext&, v1::VerifyUserResponse&) {
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full");
  });
  GrpcVerifierClient client({.workers = {full.worker("v0")}}, random);
  EXPECT_EQ(Ask(client, MakeProduct("p")).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(GrpcVerifierClientTest, EachProductHasItsWorker) {
  FakeWorker a(Says(v1::VerifyUserResponse::VALID, 300));
  FakeWorker b(Says(v1::VerifyUserResponse::VALID, 300));
  GrpcVerifierClient first({.workers = {a.worker("a"), b.worker("b")}}, random);
  GrpcVerifierClient second({.workers = {b.worker("b"), a.worker("a")}}, random);
  for (int i = 0; i < 20; ++i) {
    const Product product = MakeProduct(absl::StrCat("accounts/a/products/p", i));
    const size_t before = a.asked().size();
    EXPECT_TRUE(Ask(first, product).ok());
    EXPECT_TRUE(Ask(second, product).ok());
    EXPECT_EQ((a.asked().size() - before) % 2, 0u) << "both gateways ask the same one";
  }
  EXPECT_EQ(a.asked().size() + b.asked().size(), 40u);
  EXPECT_GT(a.asked().size(), 0u);
  EXPECT_GT(b.asked().size(), 0u);
}

TEST(GrpcVerifierClientTest, StopEndsWhatIsUnderWay) {
  absl::Notification asked;
  FakeWorker slow([&](grpc::ServerContext& context, v1::VerifyUserResponse&) {
    asked.Notify();
    while (!context.IsCancelled()) {
    }
    return grpc::Status::CANCELLED;
  });
  GrpcVerifierClient client({.workers = {slow.worker("v0")}}, random);
  absl::Notification done;
  client.Verify(MakeProduct("p"), PresenceId("me"), [&](const auto& answer) {
    EXPECT_FALSE(answer.ok());
    done.Notify();
  });
  asked.WaitForNotification();
  client.Stop();
  EXPECT_TRUE(done.HasBeenNotified());
}

}  // namespace
}  // namespace livecounter::gateway
