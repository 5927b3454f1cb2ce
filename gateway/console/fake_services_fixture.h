// Services behind the console, for its tests: an AdminService and a CounterService of a few methods, on a
// gRPC server without a port; and a loop that a test's thread runs.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_FAKE_SERVICES_FIXTURE_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_FAKE_SERVICES_FIXTURE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gateway/transport.h"
#include "gtest/gtest.h"
#include "livecounter/v1/admin_service.grpc.pb.h"
#include "livecounter/v1/counter_service.grpc.pb.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_test_support.h"

namespace livecounter::gateway::console {

// GetCounter echoes the name and, as the epoch, how many calls carried `authorization: Bearer t0ken`;
// "missing" is not found; "held" is answered when it is cancelled. WatchCounters writes as many messages as
// the first name says, each with `present` one higher and the second name as its name, then ends; with no
// names it writes nothing and waits to be cancelled.
class FakeCounterService final : public v1::CounterService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetCounter(grpc::CallbackServerContext* context,
                                       const v1::GetCounterRequest* request,
                                       v1::Counter* response) override {
    if (request->name() == "held") return new Held(*this);
    const auto found = context->client_metadata().find("authorization");
    response->set_name(request->name());
    if (found != context->client_metadata().end() && found->second == "Bearer t0ken") {
      response->set_epoch(1);
    }
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(request->name() == "missing"
                        ? runtime::ToGrpcStatus(runtime::WithReason(
                              absl::NotFoundError("no such counter"), "COUNTER_MISSING"))
                        : grpc::Status::OK);
    return reactor;
  }

  grpc::ServerWriteReactor<v1::WatchCountersResponse>* WatchCounters(
      grpc::CallbackServerContext* /*context*/, const v1::WatchCountersRequest* request) override {
    return new Watch(*this, *request);
  }

  // A held call, or a watch without names, is here; it was cancelled.
  absl::Notification entered;
  absl::Notification cancelled;

  int64_t messages_written() const {
    absl::MutexLock lock(&mutex_);
    return messages_written_;
  }

 private:
  class Held final : public grpc::ServerUnaryReactor {
   public:
    explicit Held(FakeCounterService& service) : service_(service) { service_.entered.Notify(); }
    void OnCancel() override {
      service_.cancelled.Notify();
      Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }

   private:
    FakeCounterService& service_;
  };

  class Watch final : public grpc::ServerWriteReactor<v1::WatchCountersResponse> {
   public:
    Watch(FakeCounterService& service, const v1::WatchCountersRequest& request)
        : service_(service), waits_(request.names().empty()) {
      if (waits_) {
        service_.entered.Notify();
        return;
      }
      messages_ = std::stoll(request.names(0));
      if (request.names_size() > 1) name_ = request.names(1);
      Next();
    }
    void OnWriteDone(bool ok) override {
      if (!ok) return FinishOnce(grpc::Status::CANCELLED);
      {
        absl::MutexLock lock(&service_.mutex_);
        ++service_.messages_written_;
      }
      Next();
    }
    void OnCancel() override {
      if (!waits_) return;
      service_.cancelled.Notify();
      FinishOnce(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }

   private:
    void Next() {
      if (present_ == messages_) return FinishOnce(grpc::Status::OK);
      response_.Clear();
      response_.add_counters()->set_present(++present_);
      response_.mutable_counters(0)->set_name(name_);
      StartWrite(&response_);
    }
    void FinishOnce(const grpc::Status& status) {
      if (!std::exchange(is_finished_, true)) Finish(status);
    }

    FakeCounterService& service_;
    const bool waits_;
    int64_t messages_ = 0;
    std::string name_;
    int64_t present_ = 0;
    bool is_finished_ = false;
    v1::WatchCountersResponse response_;
  };

  mutable absl::Mutex mutex_;
  int64_t messages_written_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Takes the password "right" and gives the token "t0ken" for an hour.
class FakeAdminService final : public v1::AdminService::CallbackService {
 public:
  grpc::ServerUnaryReactor* SignIn(grpc::CallbackServerContext* context,
                                   const v1::SignInRequest* request,
                                   v1::Session* response) override {
    response->set_token("t0ken");
    response->set_account("accounts/a");
    response->mutable_expire_time()->set_seconds(absl::ToUnixSeconds(absl::Now()) + 3600);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(request->password() == "right"
                        ? grpc::Status::OK
                        : runtime::ToGrpcStatus(absl::UnauthenticatedError("wrong")));
    return reactor;
  }

  grpc::ServerUnaryReactor* SignOut(grpc::CallbackServerContext* context, const v1::SignOutRequest*,
                                    google::protobuf::Empty*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class FakeServices {
 public:
  FakeServices() {
    runtime::KeepGrpcRunning();
    auto started =
        runtime::GrpcServer::Start({}, {{v1::CounterService::service_full_name(), &counters},
                                        {v1::AdminService::service_full_name(), &admin}});
    if (!started.ok()) ADD_FAILURE() << started.status();
    server_ = *std::move(started);
  }

  std::shared_ptr<grpc::Channel> Channel() { return server_->InProcessChannel(); }
  void Shutdown() { server_->Shutdown(absl::InfinitePast()); }

  FakeCounterService counters;
  FakeAdminService admin;

 private:
  std::unique_ptr<runtime::GrpcServer> server_;
};

// Runs on the test's thread while it waits for something.
class WaitingLoop final : public EventLoop {
 public:
  absl::Time Now() const override { return absl::Now(); }
  void Post(std::function<void()> task) override {
    absl::MutexLock lock(&mutex_);
    tasks_.push_back(std::move(task));
  }
  void SetTimer(absl::Time /*deadline*/, std::function<void()> /*callback*/) override {}

  // Runs tasks until `is_done`; false where that takes too long.
  bool RunUntil(const std::function<bool()>& is_done) {
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (!is_done()) {
      for (const auto& task : Take(end)) task();
      if (absl::Now() > end) return false;
    }
    return true;
  }

 private:
  std::vector<std::function<void()>> Take(absl::Time end) {
    absl::MutexLock lock(&mutex_);
    const auto has_tasks = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !tasks_.empty(); };
    mutex_.AwaitWithDeadline(absl::Condition(&has_tasks), end);
    return std::exchange(tasks_, {});
  }

  absl::Mutex mutex_;
  std::vector<std::function<void()>> tasks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_FAKE_SERVICES_FIXTURE_H_
