#include "services/admin/catalog_feed.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <map>
#include <memory>
#include <string>

#include "livecounter/v1/edge_service.grpc.pb.h"
#include "services/admin/catalog_fixture.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_test_support.h"

namespace livecounter::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kProduct[] = "accounts/shop/products/site";

// The method alone, without the credential that EdgeService asks for.
class FeedService final : public v1::EdgeService::CallbackService {
 public:
  explicit FeedService(CatalogFeed& feed) : feed_(feed) {}
  grpc::ServerWriteReactor<v1::WatchCatalogResponse>* WatchCatalog(
      grpc::CallbackServerContext*, const v1::WatchCatalogRequest*) override {
    return feed_.Start();
  }

 private:
  CatalogFeed& feed_;
};

// A gateway's side: what it knows from what it was told.
class Watcher {
 public:
  explicit Watcher(runtime::GrpcServer& server)
      : stub_(v1::EdgeService::NewStub(server.InProcessChannel())) {
    reader_ = stub_->WatchCatalog(&context_, v1::WatchCatalogRequest());
  }
  ~Watcher() {
    context_.TryCancel();
    End();
  }

  // Takes one message; false at the end.
  bool Read() {
    v1::WatchCatalogResponse message;
    if (!reader_->Read(&message)) return false;
    ++messages;
    for (const v1::EdgeProduct& product : message.products()) products[product.name()] = product;
    for (const std::string& name : message.removed()) products.erase(name);
    complete = complete || message.complete();
    return true;
  }
  // Reads on until `done()`.
  template <typename Done>
  void ReadUntil(Done done) {
    while (!done()) {
      if (Read()) continue;
      ADD_FAILURE() << "the stream ended before";
      return;
    }
  }
  void ReadAll() {
    ReadUntil([this] { return complete; });
  }
  grpc::StatusCode End() {
    while (!ended_ && Read()) {
    }
    if (!ended_) code_ = reader_->Finish().error_code();
    ended_ = true;
    return code_;
  }

  std::map<std::string, v1::EdgeProduct> products;
  bool complete = false;
  int messages = 0;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::EdgeService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::WatchCatalogResponse>> reader_;
  bool ended_ = false;
  grpc::StatusCode code_ = grpc::StatusCode::OK;
};

class CatalogFeedTest : public CatalogTest {
 protected:
  CatalogFeedTest() : feed_(admin().catalog, real_clock_), service_(feed_) {
    runtime::KeepGrpcRunning();
    auto server =
        runtime::GrpcServer::Start({}, {{v1::EdgeService::service_full_name(), &service_}});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    CreateAccount("shop");
  }
  ~CatalogFeedTest() override {
    feed_.Drain();
    server_ = nullptr;
  }

  void Rename(const std::string& display_name) {
    v1::UpdateProductRequest request;
    request.mutable_product()->set_name(kProduct);
    request.mutable_product()->set_display_name(display_name);
    request.mutable_product()->mutable_limits()->set_max_connections(
        static_cast<int64_t>(display_name.size()));
    Value(admin().products.Update(request));
  }

  runtime::RealClock real_clock_;
  CatalogFeed feed_;
  FeedService service_;
  std::unique_ptr<runtime::GrpcServer> server_;
};

TEST_F(CatalogFeedTest, AnEmptyCatalogIsCompleteAtOnce) {
  Watcher watcher(*server_);
  watcher.ReadAll();
  EXPECT_THAT(watcher.products, IsEmpty());
}

TEST_F(CatalogFeedTest, AllProductsComeFirstThenEachChange) {
  CreateProduct("accounts/shop", "site");
  const v1::ApiKey key = CreateKey(kProduct);
  Watcher watcher(*server_);
  watcher.ReadAll();
  ASSERT_EQ(watcher.products.size(), 1u);
  EXPECT_THAT(watcher.products[kProduct].api_keys(), ElementsAre(key.key()));
  EXPECT_FALSE(watcher.products[kProduct].active());

  v1::ActivateAccountRequest activate;
  activate.set_name("accounts/shop");
  Value(admin().accounts.Activate(activate));
  watcher.ReadUntil([&] { return watcher.products[kProduct].active(); });
  v1::RevokeApiKeyRequest revoke;
  revoke.set_name(key.name());
  Value(admin().keys.Revoke(revoke));
  watcher.ReadUntil([&] { return watcher.products[kProduct].api_keys().empty(); });
  CreateProduct("accounts/shop", "app");
  watcher.ReadUntil([&] { return watcher.products.size() == 2; });
  v1::DeleteProductRequest deletion;
  deletion.set_name(kProduct);
  EXPECT_TRUE(admin().products.Delete(deletion).ok());
  watcher.ReadUntil([&] { return watcher.products.count(kProduct) == 0; });
}

TEST_F(CatalogFeedTest, ManyProductsComeInMessagesOfBoundedSize) {
  constexpr int kProducts = 300;
  for (int i = 0; i < kProducts; ++i) {
    v1::CreateProductRequest request;
    request.set_parent("accounts/shop");
    for (int j = 0; j < 100; ++j) {
      request.mutable_product()->add_allowed_origins("https://" + std::string(200, 'a'));
    }
    Value(admin().products.Create(kOperator, request));
  }
  Watcher watcher(*server_);
  watcher.ReadAll();
  EXPECT_EQ(watcher.products.size(), size_t{kProducts});
  EXPECT_GT(watcher.messages, 5);  // of a MiB each
}

TEST_F(CatalogFeedTest, ASlowReaderGetsTheNewestOfEachProduct) {
  constexpr int kChanges = 2'000;
  CreateProduct("accounts/shop", "site");
  Watcher watcher(*server_);
  watcher.ReadAll();
  for (int i = 1; i <= kChanges; ++i) Rename(std::string(i % 100, 'n'));
  Rename(std::string(123, 'n'));
  watcher.ReadUntil([&] { return watcher.products[kProduct].max_connections() == 123; });
  EXPECT_LT(watcher.messages, kChanges / 2);
}

TEST_F(CatalogFeedTest, EveryGatewayIsTold) {
  CreateProduct("accounts/shop", "site");
  Watcher one(*server_);
  Watcher two(*server_);
  one.ReadAll();
  two.ReadAll();
  Rename("four");
  for (Watcher* watcher : {&one, &two}) {
    watcher->ReadUntil([&] { return watcher->products[kProduct].max_connections() == 4; });
  }
}

TEST_F(CatalogFeedTest, ADrainEndsOldAndNewStreams) {
  Watcher early(*server_);
  early.ReadAll();
  feed_.Drain();
  EXPECT_EQ(early.End(), grpc::StatusCode::UNAVAILABLE);
  Watcher late(*server_);
  EXPECT_EQ(late.End(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace livecounter::admin
