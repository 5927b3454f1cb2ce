// Who may call what (contract §5): every method of CounterService and AdminService × {no token, a wrong one,
// another account's, its own, the operator's}. The methods come from the descriptors: one that is added
// fails here until the table says who may call it. Who may call succeeds: each call is a whole one.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/message.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_test_support.h"
#include "tests/integration/counterd_fixture.h"

namespace livecounter::integration {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// Who may call a method.
enum class May {
  kOwner,     // the account's own sessions, and operators; for others it is NOT_FOUND
  kOperator,  // for sessions PERMISSION_DENIED
  kAnybody,   // with a good token
  kStranger,  // without one too
};

const std::map<std::string, May>& Table() {
  static const auto* const table = new std::map<std::string, May>{
      {"CounterService/GetCounter", May::kOwner},
      {"CounterService/ListCounters", May::kOwner},
      {"CounterService/CreateCounter", May::kOwner},
      {"CounterService/IncrementCounter", May::kOwner},
      {"CounterService/SetCounter", May::kOwner},
      {"CounterService/DeleteCounter", May::kOwner},
      {"CounterService/WatchCounters", May::kOwner},
      {"CounterService/GetHistory", May::kOwner},
      {"AdminService/CreateAccount", May::kOperator},
      {"AdminService/GetAccount", May::kOwner},
      {"AdminService/ListAccounts", May::kAnybody},
      {"AdminService/UpdateAccount", May::kOwner},
      {"AdminService/ActivateAccount", May::kOperator},
      {"AdminService/DeactivateAccount", May::kOperator},
      {"AdminService/DeleteAccount", May::kOperator},
      {"AdminService/CreateProduct", May::kOwner},
      {"AdminService/GetProduct", May::kOwner},
      {"AdminService/ListProducts", May::kOwner},
      {"AdminService/UpdateProduct", May::kOwner},
      {"AdminService/DeleteProduct", May::kOwner},
      {"AdminService/CreateApiKey", May::kOwner},
      {"AdminService/GetApiKey", May::kOwner},
      {"AdminService/ListApiKeys", May::kOwner},
      {"AdminService/RevokeApiKey", May::kOwner},
      {"AdminService/GetUsage", May::kOwner},
      {"AdminService/TestVerification", May::kOwner},
      {"AdminService/SaveVerification", May::kOwner},
      {"AdminService/SignUp", May::kStranger},
      {"AdminService/SignIn", May::kStranger},
      {"AdminService/SignOut", May::kAnybody},
      {"AdminService/GetSession", May::kAnybody},
      {"AdminService/SetPassword", May::kOwner},
      {"AdminService/Backup", May::kOperator},
      {"AdminService/DownloadBackup", May::kOperator},
      {"AdminService/GetSystemStatus", May::kOperator},
  };
  return *table;
}

// The name of what a method is about, of the account under test.
std::string ResourceOf(const MethodDescriptor& method, absl::string_view field) {
  const std::string account = "accounts/demo";
  const std::string product = absl::StrCat(account, "/products/demo");
  const std::string& name = method.name();
  const bool is_parent = field == "parent";
  if (absl::StrContains(name, "ApiKey")) {
    return is_parent ? product : absl::StrCat(product, "/keys/web");
  }
  if (absl::StrContains(name, "Product")) return is_parent ? account : product;
  if (absl::StrContains(name, "Verification")) return product;
  if (method.service()->name() == "CounterService") {
    return is_parent ? product : absl::StrCat(product, "/counters/1");
  }
  return account;
}

// How a whole call ends that its caller may make; OK where nothing else is said.
int EndOf(const MethodDescriptor& method, bool is_operator) {
  static const auto* const ends = new std::map<std::string, int>{
      {"WatchCounters", grpc::DEADLINE_EXCEEDED},       // it does not end by itself
      {"DeleteAccount", grpc::FAILED_PRECONDITION},     // it has products
      {"TestVerification", grpc::FAILED_PRECONDITION},  // there is no verifier
      {"SaveVerification", grpc::FAILED_PRECONDITION},
  };
  // The operator's token is no session.
  if (method.name() == "SignOut" && is_operator) return grpc::FAILED_PRECONDITION;
  const auto end = ends->find(method.name());
  return end == ends->end() ? grpc::OK : end->second;
}

// Fills in whatever names a resource, in the message and in the resource that it carries.
void FillNames(const MethodDescriptor& method, Message* message) {
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (field->name() == "name" || field->name() == "parent") {
      reflection.SetString(message, field, ResourceOf(method, field->name()));
    } else if (field->name() == "names") {
      reflection.AddString(message, field, ResourceOf(method, "name"));
    } else if (field->name() == "account" || field->name() == "product") {
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      FillNames(method, reflection.MutableMessage(message, field));
    }
  }
}

class AuthorizationTest : public CounterdTest {
 protected:
  void SetUp() override {
    Start();
    channel_ = CounterChannel();
    admin_ = AdminStub();
    own_ = SignInAs("demo");
    other_ = SignInAs("other");
  }

  // A new session of the account with this id, which is made where it is not there.
  std::string SignInAs(const std::string& id) {
    v1::CreateAccountRequest create;
    create.set_account_id(id);
    v1::Account account;
    admin_->CreateAccount(Context().get(), create, &account);
    v1::UpdateAccountRequest update;
    update.mutable_account()->set_name(absl::StrCat("accounts/", id));
    update.mutable_account()->set_email(absl::StrCat(id, "@shop.example"));
    EXPECT_TRUE(admin_->UpdateAccount(Context().get(), update, &account).ok());
    v1::SetPasswordRequest password;
    password.set_name(account.name());
    password.set_new_password(std::string(kPassword));
    google::protobuf::Empty empty;
    EXPECT_TRUE(admin_->SetPassword(Context().get(), password, &empty).ok());
    v1::SignInRequest sign_in;
    sign_in.set_email(account.email());
    sign_in.set_password(std::string(kPassword));
    v1::Session session;
    EXPECT_TRUE(admin_->SignIn(Context("").get(), sign_in, &session).ok());
    EXPECT_EQ(session.account(), account.name());
    return session.token();
  }

  // Creates, where they are not there, all the resources that ResourceOf() names.
  void MakeResources() {
    v1::CreateProductRequest product;
    product.set_parent("accounts/demo");
    product.set_product_id("demo");
    v1::Product made_product;
    admin_->CreateProduct(Context().get(), product, &made_product);
    v1::CreateApiKeyRequest key;
    key.set_parent(std::string(kProduct));
    key.set_api_key_id("web");
    v1::ApiKey made_key;
    admin_->CreateApiKey(Context().get(), key, &made_key);
    v1::CreateCounterRequest counter;
    counter.set_parent(std::string(kProduct));
    counter.set_counter_id("1");
    v1::Counter made_counter;
    CounterStub()->CreateCounter(Context().get(), counter, &made_counter);
  }

  // What a call needs beside names: of an account that is there, or, to sign up, a new one.
  void FillRest(const MethodDescriptor& method, Message* message) {
    const std::string fresh = absl::StrCat("new-", ++calls_);
    const bool is_sign_up = method.name() == "SignUp";
    const std::map<std::string, std::string> values = {
        {"counter_id", fresh},
        {"directory", directory_.Path(fresh)},
        {"email", absl::StrCat(is_sign_up ? fresh : "demo", "@shop.example")},
        {"password", std::string(kPassword)},
        {"current_password", std::string(kPassword)},
        {"new_password", std::string(kPassword)}};
    for (const auto& [name, value] : values) {
      const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
      if (field != nullptr) message->GetReflection()->SetString(message, field, value);
    }
  }

  // The code that a call of the method ends with, about resources that are there.
  int Call(const MethodDescriptor& method, absl::string_view token) {
    MakeResources();
    google::protobuf::DynamicMessageFactory factory;
    const std::unique_ptr<Message> request(factory.GetPrototype(method.input_type())->New());
    FillNames(method, request.get());
    FillRest(method, request.get());
    return runtime::RawCall(channel_,
                            absl::StrCat("/", method.service()->full_name(), "/", method.name()),
                            request->SerializeAsString(),
                            token.empty() ? "" : runtime::AuthorizationHeader(token), kLimit)
        .code;
  }

  void ExpectLetIn(const MethodDescriptor& method, absl::string_view token) {
    EXPECT_EQ(Call(method, token), EndOf(method, token == kAdminToken)) << method.full_name();
  }

  void CheckMethod(const MethodDescriptor& method, May may) {
    SCOPED_TRACE(method.full_name());
    if (may == May::kStranger) return ExpectLetIn(method, "");
    EXPECT_EQ(Call(method, ""), grpc::UNAUTHENTICATED);
    EXPECT_EQ(Call(method, "wrong"), grpc::UNAUTHENTICATED);
    EXPECT_EQ(Call(method, kEdgeToken), grpc::UNAUTHENTICATED);
    ExpectLetIn(method, kAdminToken);
    switch (may) {
      case May::kOwner:
        EXPECT_EQ(Call(method, other_), grpc::NOT_FOUND);
        // A password that the operator has set ended the sessions before.
        return ExpectLetIn(method, SignInAs("demo"));
      case May::kOperator:
        EXPECT_EQ(Call(method, other_), grpc::PERMISSION_DENIED);
        EXPECT_EQ(Call(method, SignInAs("demo")), grpc::PERMISSION_DENIED);
        return;
      default:
        return ExpectLetIn(method, SignInAs("third"));
    }
  }

  static constexpr absl::string_view kPassword = "correct horse";
  // Of a stream that does not end by itself.
  static constexpr std::chrono::milliseconds kLimit{1'000};

  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::string own_;
  std::string other_;
  int calls_ = 0;
};

TEST_F(AuthorizationTest, EveryMethodAsksWhoCalls) {
  for (const char* service_name :
       {v1::CounterService::service_full_name(), v1::AdminService::service_full_name()}) {
    const ServiceDescriptor* service =
        DescriptorPool::generated_pool()->FindServiceByName(service_name);
    ASSERT_NE(service, nullptr);
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor& method = *service->method(i);
      const auto rule = Table().find(absl::StrCat(service->name(), "/", method.name()));
      ASSERT_NE(rule, Table().end()) << "who may call " << method.full_name() << "?";
      CheckMethod(method, rule->second);
    }
  }
}

TEST_F(AuthorizationTest, ASessionEndsWithItsTimeAndWithItsAccount) {
  const auto who = [this](const std::string& token) {
    v1::Session session;
    v1::GetAccountRequest account;
    v1::Account got;
    account.set_name("accounts/other");
    const int code =
        admin_->GetSession(Context(token).get(), v1::GetSessionRequest(), &session).error_code();
    EXPECT_EQ(admin_->GetAccount(Context(token).get(), account, &got).error_code(), code);
    return code;
  };
  EXPECT_EQ(who(other_), grpc::OK);
  clock_.Advance(absl::Hours(30 * 24 - 1));
  EXPECT_EQ(who(other_), grpc::OK);
  clock_.Advance(absl::Hours(2));
  EXPECT_EQ(who(other_), grpc::UNAUTHENTICATED);
  const std::string session = SignInAs("other");
  EXPECT_EQ(who(session), grpc::OK);
  v1::DeleteAccountRequest request;
  request.set_name("accounts/other");
  google::protobuf::Empty empty;
  ASSERT_TRUE(admin_->DeleteAccount(Context().get(), request, &empty).ok());
  EXPECT_EQ(who(session), grpc::UNAUTHENTICATED);
}

TEST_F(AuthorizationTest, ASessionSeesAllAccountsAsItsOwnOnly) {
  v1::ListAccountsResponse accounts;
  EXPECT_TRUE(admin_->ListAccounts(Context(own_).get(), v1::ListAccountsRequest(), &accounts).ok());
  ASSERT_EQ(accounts.accounts_size(), 1);
  EXPECT_EQ(accounts.accounts(0).name(), "accounts/demo");
  v1::ListProductsRequest all;
  all.set_parent("accounts/-");
  v1::ListProductsResponse products;
  EXPECT_EQ(admin_->ListProducts(Context(own_).get(), all, &products).error_code(),
            grpc::PERMISSION_DENIED);
  EXPECT_TRUE(admin_->ListProducts(Context().get(), all, &products).ok());
  EXPECT_EQ(products.products_size(), 1);
}

TEST_F(AuthorizationTest, CountersOfAProductThatIsNotThereAreNotFoundForAnybody) {
  for (absl::string_view token : {absl::string_view(own_), kAdminToken}) {
    v1::CreateCounterRequest request;
    request.set_parent("accounts/demo/products/other");
    request.set_counter_id("1");
    v1::Counter counter;
    const grpc::Status status =
        CounterStub()->CreateCounter(Context(token).get(), request, &counter);
    EXPECT_EQ(status.error_code(), grpc::NOT_FOUND);
    EXPECT_EQ(status.error_message(), "no product accounts/demo/products/other");
  }
}

TEST_F(AuthorizationTest, OneWatchOfTwoAccountsIsRefusedAsAWhole) {
  v1::WatchCountersRequest request;
  request.add_names("accounts/demo/products/demo/counters/1");
  request.add_names("accounts/other/products/demo/counters/1");
  const auto context = Context(own_);
  const auto reader = CounterStub()->WatchCounters(context.get(), request);
  v1::WatchCountersResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::NOT_FOUND);
}

TEST_F(AuthorizationTest, AWatchEndsWithTheSessionThatBeganIt) {
  MakeResources();
  v1::WatchCountersRequest request;
  request.add_names("accounts/demo/products/demo/counters/1");
  const auto context = Context(own_);
  const auto reader = CounterStub()->WatchCounters(context.get(), request);
  v1::WatchCountersResponse response;
  ASSERT_TRUE(reader->Read(&response));

  google::protobuf::Empty empty;
  ASSERT_TRUE(admin_->SignOut(Context(own_).get(), v1::SignOutRequest(), &empty).ok());
  v1::IncrementCounterRequest increment;
  increment.set_name(request.names(0));
  v1::IncrementCounterResponse incremented;
  ASSERT_TRUE(CounterStub()->IncrementCounter(Context().get(), increment, &incremented).ok());
  EXPECT_FALSE(reader->Read(&response)) << "the new value is not told any more";
  EXPECT_EQ(reader->Finish().error_code(), grpc::UNAUTHENTICATED);
}

}  // namespace
}  // namespace livecounter::integration
