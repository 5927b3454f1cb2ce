// CatalogClient against a service of the test's own. tests/integration has it with counterd.

#include "gateway/upstream/catalog_client.h"

#include <grpcpp/channel.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "livecounter/v1/edge_service.grpc.pb.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_test_support.h"

namespace livecounter::gateway {
namespace {

constexpr char kP[] = "accounts/a/products/p";
constexpr char kQ[] = "accounts/a/products/q";
constexpr absl::Duration kPatience = absl::Seconds(30);

using Writer = grpc::ServerWriter<v1::WatchCatalogResponse>;

// EdgeService as a test plays it: each watch is handed to `play`, on a thread of gRPC.
class ScriptedService final : public v1::EdgeService::Service {
 public:
  using Play = std::function<grpc::Status(int number, Writer&)>;
  explicit ScriptedService(Play play) : play_(std::move(play)) {}

  grpc::Status WatchCatalog(grpc::ServerContext* context, const v1::WatchCatalogRequest*,
                            Writer* writer) override {
    int number = 0;
    {
      absl::MutexLock lock(&mutex_);
      number = ++watches_;
      const auto token = context->client_metadata().find("authorization");
      if (token != context->client_metadata().end()) {
        token_ = std::string(token->second.data(), token->second.size());
      }
    }
    return play_(number, *writer);
  }

  std::string token() {
    absl::MutexLock lock(&mutex_);
    return token_;
  }

 private:
  const Play play_;
  absl::Mutex mutex_;
  int watches_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string token_ ABSL_GUARDED_BY(mutex_);
};

bool Send(Writer& writer, std::vector<std::string> names, bool complete, bool active = true) {
  v1::WatchCatalogResponse message;
  for (const std::string& name : names) {
    v1::EdgeProduct& product = *message.add_products();
    product.set_name(name);
    product.set_active(active);
    product.set_presence_secret(std::string(32, 's'));
  }
  message.set_complete(complete);
  return writer.Write(message);
}

class CatalogClientTest : public ::testing::Test {
 protected:
  void Start(ScriptedService::Play play) {
    runtime::KeepGrpcRunning();
    service_ = std::make_unique<ScriptedService>(std::move(play));
    server_ =
        *runtime::GrpcServer::Start({}, {{v1::EdgeService::service_full_name(), service_.get()}});
    client_ = std::make_unique<CatalogClient>(
        CatalogClient::Options{.token = "token", .interval = absl::ZeroDuration()},
        server_->InProcessChannel(), clock_, random_, logger_);
    client_->AddLoop([this](ProductTablePtr table) {
      absl::MutexLock lock(&mutex_);
      table_ = std::move(table);
    });
  }
  ~CatalogClientTest() override {
    ended_.Notify();
    client_.reset();
  }

  // Waits until what the loop was told is so.
  bool Await(const std::function<bool(const ProductTable&)>& is_so) {
    absl::MutexLock lock(&mutex_);
    const auto holds = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return table_ != nullptr && is_so(*table_);
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&holds), kPatience);
  }
  bool AwaitProduct(const char* name) {
    return Await([=](const ProductTable& table) { return table.FindByName(name) != nullptr; });
  }
  // For a service that has said all it had to.
  grpc::Status StayOpen() {
    ended_.WaitForNotification();
    return grpc::Status::OK;
  }

  absl::Notification ended_;
  runtime::RealClock clock_;
  runtime::SeededRandom random_{1};
  observability::Logger logger_{{.minimum = observability::LogLevel::kError}};
  std::unique_ptr<ScriptedService> service_;
  std::unique_ptr<runtime::GrpcServer> server_;
  absl::Mutex mutex_;
  ProductTablePtr table_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<CatalogClient> client_;
};

TEST_F(CatalogClientTest, TellsLoopsWhenAllHasComeAndThenEachChange) {
  absl::Notification may_complete, may_change;
  Start([&](int, Writer& writer) {
    Send(writer, {kP}, false);
    may_complete.WaitForNotification();
    Send(writer, {kQ}, true);
    may_change.WaitForNotification();
    Send(writer, {kQ}, false, /*active=*/false);
    return StayOpen();
  });
  EXPECT_FALSE(client_->is_known());
  EXPECT_FALSE(client_->AwaitKnown(absl::ZeroDuration()));
  may_complete.Notify();
  EXPECT_TRUE(AwaitProduct(kP));
  EXPECT_TRUE(client_->AwaitKnown(kPatience));
  EXPECT_TRUE(client_->is_known());
  EXPECT_EQ(service_->token(), "Bearer token");
  may_change.Notify();
  EXPECT_TRUE(Await([](const ProductTable& table) { return !table.FindByName(kQ)->active; }));
}

TEST_F(CatalogClientTest, AfterABreakItAsksAgainAndKeepsTheLastUntilAllHasCome) {
  absl::Notification may_complete;
  Start([&](int number, Writer& writer) {
    if (number == 1) {
      Send(writer, {kP}, true);
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "stops");
    }
    Send(writer, {}, false);
    may_complete.WaitForNotification();
    Send(writer, {kQ}, true);
    return StayOpen();
  });
  EXPECT_TRUE(AwaitProduct(kP));
  may_complete.Notify();
  EXPECT_TRUE(AwaitProduct(kQ));
  EXPECT_TRUE(Await([](const ProductTable& table) { return table.FindByName(kP) == nullptr; }));
}

TEST_F(CatalogClientTest, TriesUntilItIsServed) {
  Start([&](int number, Writer& writer) {
    if (number < 4) return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "no");
    Send(writer, {kP}, true);
    return StayOpen();
  });
  EXPECT_TRUE(AwaitProduct(kP));
}

TEST_F(CatalogClientTest, EndsWhileAStreamIsOpen) {
  Start([&](int, Writer& writer) {
    while (Send(writer, {kP}, true)) {
    }
    return grpc::Status::OK;
  });
  EXPECT_TRUE(AwaitProduct(kP));
  client_->Stop();
  client_->Stop();
  EXPECT_TRUE(client_->is_known());
}

}  // namespace
}  // namespace livecounter::gateway
