// Two small services on a GrpcServer, for the tests of servers, TLS and channels.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_FIXTURE_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_FIXTURE_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "livecounter/v1/counter_service.grpc.pb.h"
#include "livecounter/v1/edge_service.grpc.pb.h"
#include "prometheus/text_serializer.h"
#include "services/runtime/call_authorization.h"
#include "services/runtime/grpc_client.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_status.h"
#include "services/runtime/grpc_test_support.h"

namespace livecounter::runtime {

inline constexpr char kToken[] = "t0ken";

// GetCounter and WatchCounters ask for the token; CreateCounter was forgotten. GetCounter waits
// while it is held, and finds every counter but "missing". WatchCounters writes three messages.
class FakeCounterService final : public v1::CounterService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetCounter(grpc::CallbackServerContext* context,
                                       const v1::GetCounterRequest* request,
                                       v1::Counter* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (absl::Status denied = CheckBearer(*context, verifier_); !denied.ok()) {
      reactor->Finish(ToGrpcStatus(denied));
      return reactor;
    }
    if (held_ != nullptr) {
      entered_.Notify();
      held_->WaitForNotification();
    }
    response->set_name(request->name());
    reactor->Finish(request->name() == "missing"
                        ? ToGrpcStatus(absl::NotFoundError("no such counter"))
                        : grpc::Status::OK);
    return reactor;
  }

  grpc::ServerUnaryReactor* CreateCounter(grpc::CallbackServerContext* context,
                                          const v1::CreateCounterRequest*, v1::Counter*) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerWriteReactor<v1::WatchCountersResponse>* WatchCounters(
      grpc::CallbackServerContext* context, const v1::WatchCountersRequest*) override {
    return new Watch(CheckBearer(*context, verifier_));
  }

  void HoldGets(absl::Notification* until) { held_ = until; }
  void AwaitGet() { entered_.WaitForNotification(); }

 private:
  class Watch final : public grpc::ServerWriteReactor<v1::WatchCountersResponse> {
   public:
    explicit Watch(const absl::Status& allowed) {
      if (allowed.ok()) {
        StartWrite(&response_);
      } else {
        Finish(ToGrpcStatus(allowed));
      }
    }
    void OnWriteDone(bool) override {
      if (++written_ < 3) {
        StartWrite(&response_);
      } else {
        Finish(grpc::Status::OK);
      }
    }
    void OnDone() override { delete this; }

   private:
    v1::WatchCountersResponse response_;
    int written_ = 0;
  };

  SecureRandom random_;
  TokenVerifier verifier_{kToken, random_};
  absl::Notification* held_ = nullptr;
  absl::Notification entered_;
};

// Answers each frame with one, until the call ends.
class FakeEdgeService final : public v1::EdgeService::CallbackService {
 public:
  grpc::ServerBidiReactor<v1::AttachRequest, v1::AttachResponse>* Attach(
      grpc::CallbackServerContext* context) override {
    return new Session(*context);
  }

 private:
  class Session final : public grpc::ServerBidiReactor<v1::AttachRequest, v1::AttachResponse> {
   public:
    explicit Session(grpc::CallbackServerContext& context) : context_(context) {
      StartRead(&request_);
    }
    void OnReadDone(bool ok) override {
      if (ok) {
        StartWrite(&response_);
      } else {
        End();
      }
    }
    void OnWriteDone(bool ok) override {
      if (ok) {
        StartRead(&request_);
      } else {
        End();
      }
    }
    void OnDone() override { delete this; }

   private:
    void End() { Finish(context_.IsCancelled() ? grpc::Status::CANCELLED : grpc::Status::OK); }

    grpc::CallbackServerContext& context_;
    v1::AttachRequest request_;
    v1::AttachResponse response_;
  };
};

class GrpcServerTest : public testing::Test {
 protected:
  GrpcServerTest() : metrics_(registry_) { KeepGrpcRunning(); }

  GrpcServerOptions Options() {
    return {.listen = {"127.0.0.1", 0}, .metrics = &metrics_, .health = &health_};
  }
  std::vector<GrpcService> Services() {
    return {{v1::CounterService::service_full_name(), &counters_},
            {v1::EdgeService::service_full_name(), &edge_}};
  }
  void Start(const GrpcServerOptions& options) {
    absl::StatusOr<std::unique_ptr<GrpcServer>> server = GrpcServer::Start(options, Services());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::shared_ptr<grpc::Channel> Connect(GrpcClientOptions options = {}) {
    options.target = server_->address();
    absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeGrpcChannel(options);
    EXPECT_TRUE(channel.ok()) << channel.status();
    return *std::move(channel);
  }
  static RawAnswer Get(const std::shared_ptr<grpc::Channel>& channel, const std::string& name) {
    v1::GetCounterRequest request;
    request.set_name(name);
    return RawCall(channel, "/livecounter.v1.CounterService/GetCounter",
                   request.SerializeAsString(), absl::StrCat("Bearer ", kToken));
  }
  // What the health service says of a name: a HealthCheckResponse of SERVING is 08 01.
  static std::string Health(const std::shared_ptr<grpc::Channel>& channel,
                            const std::string& name) {
    const std::string request =
        absl::StrCat("\x0a", std::string(1, static_cast<char>(name.size())), name);
    const RawAnswer answer = RawCall(channel, "/grpc.health.v1.Health/Check", request);
    if (answer.responses == std::vector<std::string>{"\x08\x01"}) return "serving";
    if (answer.responses == std::vector<std::string>{"\x08\x02"}) return "not serving";
    return absl::StrCat("code ", answer.code);
  }
  std::string Metrics() { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

  prometheus::Registry registry_;
  observability::GrpcServerMetrics metrics_;
  runtime::Health health_{{"engine"}};
  FakeCounterService counters_;
  FakeEdgeService edge_;
  std::unique_ptr<GrpcServer> server_;
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_FIXTURE_H_
