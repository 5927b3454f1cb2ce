// Sign-in and sign-up over gRPC, where many come at once.

#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/grpc_status.h"
#include "tests/integration/counterd_fixture.h"

namespace livecounter::integration {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;

constexpr char kPassword[] = "correct horse";

// Sign-ins and sign-ups under way at the same time, and how each ended: "OK", or the error's reason.
class SignIns {
 public:
  SignIns(std::unique_ptr<v1::AdminService::Stub> stub, absl::Time deadline)
      : stub_(std::move(stub)), deadline_(deadline) {}
  // Waits for all.
  ~SignIns() { AwaitEnds(calls_.size()); }

  void Start(const std::string& email) {
    Call& call = NewCall();
    call.request.set_email(email);
    call.request.set_password(kPassword);
    stub_->async()->SignIn(&call.context, &call.request, &call.session,
                           [this](const grpc::Status& status) { Ended(status); });
  }
  void StartSignUp(const std::string& email) {
    Call& call = NewCall();
    call.sign_up.set_email(email);
    call.sign_up.set_password(kPassword);
    stub_->async()->SignUp(&call.context, &call.sign_up, &call.session,
                           [this](const grpc::Status& status) { Ended(status); });
  }

  // The first `count` ends or more.
  std::vector<std::string> AwaitEnds(size_t count) {
    const auto has_ended = [this, count]()
                               ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ends_.size() >= count; };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&has_ended));
    return ends_;
  }
  std::vector<std::string> AwaitAll() { return AwaitEnds(calls_.size()); }

 private:
  struct Call {
    grpc::ClientContext context;
    v1::SignInRequest request;
    v1::SignUpRequest sign_up;
    v1::Session session;
  };

  Call& NewCall() {
    Call& call = calls_.emplace_back();
    call.context.set_deadline(absl::ToChronoTime(deadline_));
    return call;
  }
  void Ended(const grpc::Status& status) {
    const absl::Status end = runtime::FromGrpcStatus(status);
    absl::MutexLock lock(&mutex_);
    ends_.push_back(end.ok() ? "OK" : runtime::ReasonOf(end));
  }

  const std::unique_ptr<v1::AdminService::Stub> stub_;
  const absl::Time deadline_;
  std::deque<Call> calls_;
  absl::Mutex mutex_;
  std::vector<std::string> ends_ ABSL_GUARDED_BY(mutex_);
};

class SignInOverGrpcTest : public CounterdTest {
 protected:
  void SetUp() override {
    options_.password_cost.memory_bytes = size_t{16} << 20;
    options_.password_cost.operations = 4;
    Start();
  }

  void SignUp(const std::string& email) {
    v1::SignUpRequest request;
    request.set_email(email);
    request.set_password(kPassword);
    v1::Session session;
    const grpc::Status status = AdminStub()->SignUp(Context("").get(), request, &session);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
};

TEST_F(SignInOverGrpcTest, WhoFindsNoTurnLosesNoAttempt) {
  SignUp("ann@shop.example");
  const absl::Time deadline = absl::Now() + absl::Minutes(5);
  SignIns others(AdminStub(), deadline);
  for (int i = 0; i < 60; ++i) others.Start(absl::StrCat(i, "@shop.example"));
  others.AwaitEnds(1);  // BUSY is said at once: by now there is no turn left
  SignIns anns(AdminStub(), deadline);
  for (int i = 0; i < 30; ++i) anns.Start("ann@shop.example");
  const std::vector<std::string> ends = anns.AwaitAll();
  EXPECT_THAT(ends, Each(AnyOf("OK", "BUSY")));
  EXPECT_GT(std::count(ends.begin(), ends.end(), "BUSY"), 10) << "more than there are attempts";
}

TEST_F(SignInOverGrpcTest, ManyWhoSignUpLeaveRoomForThoseWhoSignIn) {
  SignUp("ann@shop.example");
  const absl::Time deadline = absl::Now() + absl::Minutes(5);
  SignIns strangers(AdminStub(), deadline);
  for (int i = 0; i < 60; ++i) strangers.StartSignUp(absl::StrCat(i, "@shop.example"));
  const std::vector<std::string> refused = strangers.AwaitEnds(1);  // BUSY is said at once
  EXPECT_THAT(refused, Contains("BUSY"));
  SignIns anns(AdminStub(), deadline);
  for (int i = 0; i < 4; ++i) anns.Start("ann@shop.example");
  EXPECT_THAT(anns.AwaitAll(), Each("OK"));
  const std::vector<std::string> ends = strangers.AwaitAll();
  EXPECT_GT(std::count(ends.begin(), ends.end(), "OK"), 0);
}

}  // namespace
}  // namespace livecounter::integration
