// What is left of products and accounts that are deleted: their usage, and nothing else.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/counterd_fixture.h"

namespace livecounter::integration {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DeletionTest : public CounterdTest {
 protected:
  void SetUp() override {
    Start();
    admin_ = AdminStub();
    peer_ = std::make_unique<GatewayPeer>(EdgeChannel());
    ASSERT_TRUE(peer_->Attach({7, 7}));
  }

  void CreateProduct() {
    v1::CreateProductRequest product;
    product.set_parent("accounts/demo");
    product.set_product_id("demo");
    v1::Product made;
    ASSERT_TRUE(admin_->CreateProduct(Context().get(), product, &made).ok());
  }
  void DeleteProduct() {
    v1::DeleteProductRequest request;
    request.set_name(std::string(kProduct));
    google::protobuf::Empty empty;
    ASSERT_TRUE(admin_->DeleteProduct(Context().get(), request, &empty).ok());
  }
  void DeleteAccount() {
    v1::DeleteAccountRequest request;
    request.set_name("accounts/demo");
    request.set_force(true);
    google::protobuf::Empty empty;
    ASSERT_TRUE(admin_->DeleteAccount(Context().get(), request, &empty).ok());
  }
  // The token of a new account `demo`, which has signed in.
  std::string NewCustomer() {
    v1::CreateAccountRequest create;
    create.set_account_id("demo");
    create.mutable_account()->set_email("ann@shop.example");
    v1::Account account;
    EXPECT_TRUE(admin_->CreateAccount(Context().get(), create, &account).ok());
    v1::SetPasswordRequest password;
    password.set_name(account.name());
    password.set_new_password("correct horse");
    google::protobuf::Empty empty;
    EXPECT_TRUE(admin_->SetPassword(Context().get(), password, &empty).ok());
    v1::SignInRequest sign_in;
    sign_in.set_email("ann@shop.example");
    sign_in.set_password("correct horse");
    v1::Session session;
    EXPECT_TRUE(admin_->SignIn(Context("").get(), sign_in, &session).ok());
    return session.token();
  }

  // Of the product, as gateways are told.
  uint64_t Life() {
    const auto stub = v1::EdgeService::NewStub(EdgeChannel());
    const auto context = Context(kEdgeToken);
    const auto reader = stub->WatchCatalog(context.get(), v1::WatchCatalogRequest());
    v1::WatchCatalogResponse catalog;
    EXPECT_TRUE(reader->Read(&catalog));
    const uint64_t life = catalog.products_size() == 1 ? catalog.products(0).life() : 0;
    context->TryCancel();
    while (reader->Read(&catalog)) {
    }
    reader->Finish();
    EXPECT_NE(life, 0u);
    return life;
  }

  // So many connections in this hour, counted when it returns.
  void Use(int64_t connections) {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    HolderFrame frame;
    frame.usage =
        UsageBatch{++usage_number_, {{std::string(kProduct), now - now % 3'600, connections}}};
    ASSERT_TRUE(peer_->Send(frame));
    while (const absl::optional<ReceiverFrame> received = peer_->Receive()) {
      if (received->usage_counted == usage_number_) return;
    }
    FAIL() << "the stream ended before the answer";
  }
  // The connections of each point, or the error's code below zero.
  std::vector<int64_t> Usage(const std::string& name, absl::string_view token = kAdminToken) {
    v1::GetUsageRequest request;
    request.set_name(name);
    v1::GetUsageResponse response;
    const grpc::Status status = admin_->GetUsage(Context(token).get(), request, &response);
    if (!status.ok()) return {-static_cast<int64_t>(status.error_code())};
    std::vector<int64_t> connections;
    for (const v1::UsagePoint& point : response.points()) {
      connections.push_back(point.connections());
    }
    return connections;
  }
  std::vector<std::string> Counters() {
    v1::ListCountersRequest request;
    request.set_parent(std::string(kProduct));
    v1::ListCountersResponse response;
    EXPECT_TRUE(CounterStub()->ListCounters(Context().get(), request, &response).ok());
    std::vector<std::string> names;
    for (const v1::Counter& counter : response.counters()) names.push_back(counter.name());
    return names;
  }

  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::unique_ptr<GatewayPeer> peer_;
  uint64_t usage_number_ = 0;
};

TEST_F(DeletionTest, UsageStaysReadableForItIsToBePaid) {
  Use(10'000);
  DeleteProduct();
  EXPECT_THAT(Usage(std::string(kProduct)), ElementsAre(10'000));
  DeleteAccount();
  for (const char* name : {"accounts/demo", "accounts/demo/products/demo", "accounts/-"}) {
    EXPECT_THAT(Usage(name), ElementsAre(10'000)) << name;
  }
  for (const char* name : {"accounts/other", "accounts/demo/products/other"}) {
    EXPECT_THAT(Usage(name), ElementsAre(-grpc::NOT_FOUND)) << name;
  }
}

TEST_F(DeletionTest, AnAccountOfTheSameIdDoesNotSeeTheUsageOfTheOneBefore) {
  Use(10'000);
  DeleteAccount();
  clock_.Advance(absl::Hours(2));
  peer_ = std::make_unique<GatewayPeer>(EdgeChannel());
  ASSERT_TRUE(peer_->Attach({8, 8}));
  usage_number_ = 0;
  const std::string session = NewCustomer();
  for (const char* name : {"accounts/demo", "accounts/-"}) {
    EXPECT_THAT(Usage(name, session), IsEmpty()) << name;
  }
  EXPECT_THAT(Usage(std::string(kProduct), session), ElementsAre(-grpc::NOT_FOUND));
  CreateProduct();
  Use(3);
  for (const char* name : {"accounts/demo", "accounts/demo/products/demo", "accounts/-"}) {
    EXPECT_THAT(Usage(name, session), ElementsAre(3)) << name;
    EXPECT_THAT(Usage(name), ElementsAre(10'000, 3)) << name;
  }
  EXPECT_THAT(Usage("accounts/other", session), ElementsAre(-grpc::NOT_FOUND));
}

TEST_F(DeletionTest, WhatGatewaysSendAfterwardsBringsNothingBack) {
  const HitBatch first = {{5, 5}, Counter("1"), 1, 1, /*create=*/true};
  EXPECT_TRUE(peer_->Hit(first).status.ok());
  peer_->Resend(Counter("page"), 2);
  peer_->AwaitPresent(Counter("page"), 2);
  DeleteProduct();
  const HitBatch late = {{5, 5}, Counter("1"), 2, 1, /*create=*/true};
  EXPECT_EQ(peer_->Hit(late).status.code(), absl::StatusCode::kNotFound);
  peer_->Resend(Counter("page"), 0);
  peer_->AwaitPresent(Counter("page"), 0);
  CreateProduct();
  EXPECT_THAT(Counters(), IsEmpty());
}

// A gateway keeps a POST for up to five seconds while the counter service is away.
TEST_F(DeletionTest, WhatWaitedInAGatewayDoesNotCountForALaterProductOfTheName) {
  const uint64_t before = Life();
  DeleteProduct();
  CreateProduct();
  Create("1");
  const HitBatch late = {{5, 5}, Counter("1"), 1, 1, /*create=*/true, before};
  EXPECT_EQ(peer_->Hit(late).status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Get("1").hits(), 0);
  ASSERT_NE(Life(), before);
  const HitBatch current = {{5, 5}, Counter("1"), 1, 1, /*create=*/false, Life()};
  EXPECT_TRUE(peer_->Hit(current).status.ok());
  EXPECT_EQ(Get("1").hits(), 1);
}

}  // namespace
}  // namespace livecounter::integration
