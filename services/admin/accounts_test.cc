#include "services/admin/accounts.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "services/admin/catalog_fixture.h"

namespace livecounter::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AccountsTest : public CatalogTest {
 protected:
  absl::StatusOr<v1::Account> Update(const v1::Account& account,
                                     const std::vector<std::string>& mask) {
    v1::UpdateAccountRequest request;
    *request.mutable_account() = account;
    for (const std::string& path : mask) request.mutable_update_mask()->add_paths(path);
    return admin().accounts.Update(request);
  }
  absl::StatusOr<v1::Account> Get(const std::string& name) {
    v1::GetAccountRequest request;
    request.set_name(name);
    return admin().accounts.Get(request);
  }
  absl::Status Delete(const std::string& name, bool force = false, const std::string& etag = "") {
    v1::DeleteAccountRequest request;
    request.set_name(name);
    request.set_force(force);
    request.set_etag(etag);
    return admin().accounts.Delete(request);
  }
};

TEST_F(AccountsTest, ANewAccountIsInactiveAndIsThereAfterARestart) {
  const v1::Account created = CreateAccount("shop", "Ann@Shop.example");
  EXPECT_EQ(created.name(), "accounts/shop");
  EXPECT_EQ(created.email(), "Ann@Shop.example");
  EXPECT_EQ(created.state(), v1::Account::INACTIVE);
  EXPECT_EQ(created.create_time().seconds(), 1'700'000'000);
  EXPECT_THAT(created.etag(), ::testing::Not(IsEmpty()));
  EXPECT_EQ(Value(Get("accounts/shop")).SerializeAsString(), created.SerializeAsString());
  Restart();
  EXPECT_EQ(Value(Get("accounts/shop")).SerializeAsString(), created.SerializeAsString());
}

TEST_F(AccountsTest, AnIdIsMadeUpWhereNoneIsGiven) {
  const v1::Account one = CreateAccount("");
  const v1::Account two = CreateAccount("");
  EXPECT_NE(one.name(), two.name());
  EXPECT_THAT(one.name(), ::testing::MatchesRegex("accounts/[0-9a-z]{16}"));
}

TEST_F(AccountsTest, IdsAndEmailsAreUniqueWithoutRegardToCase) {
  CreateAccount("shop", "ann@shop.example");
  v1::CreateAccountRequest request;
  request.set_account_id("shop");
  auto again = admin().accounts.Create(kOperator, request);
  EXPECT_EQ(CodeOf(again), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(again), "ACCOUNT_EXISTS");
  request.set_account_id("other");
  request.mutable_account()->set_email("ANN@shop.EXAMPLE");
  again = admin().accounts.Create(kOperator, request);
  EXPECT_EQ(CodeOf(again), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(again), "EMAIL_TAKEN");
  EXPECT_EQ(CodeOf(Get("accounts/other")), absl::StatusCode::kNotFound);
}

TEST_F(AccountsTest, OfManyWhoWantOneEmailAtOnceOneGetsIt) {
  std::atomic<int> created{0};
  std::vector<std::thread> racers;
  for (int i = 0; i < 8; ++i) {
    racers.emplace_back([&, i] {
      v1::CreateAccountRequest request;
      request.set_account_id("a" + std::to_string(i));
      request.mutable_account()->set_email("ann@shop.example");
      const auto result = admin().accounts.Create(kOperator, request);
      if (result.ok()) {
        ++created;
      } else {
        EXPECT_EQ(ReasonOf(result), "EMAIL_TAKEN") << result.status();
      }
    });
  }
  for (std::thread& racer : racers) racer.join();
  EXPECT_EQ(created, 1);
  EXPECT_THAT(admin().catalog.ListAccounts("", 100), SizeIs(1));
}

TEST_F(AccountsTest, WhatAnotherProcessWroteIsSeenByEveryWrite) {
  CatalogProcess other(store_, clock_, random_);  // the store tells its changes from now on
  v1::CreateAccountRequest request;
  request.set_account_id("shop");
  request.mutable_account()->set_email("ann@shop.example");
  EXPECT_TRUE(other.accounts.Create(kOperator, request).ok());
  EXPECT_EQ(ReasonOf(admin().accounts.Create(kOperator, request)), "ACCOUNT_EXISTS");
  request.set_account_id("other");
  EXPECT_EQ(ReasonOf(admin().accounts.Create(kOperator, request)), "EMAIL_TAKEN");
}

TEST_F(AccountsTest, ARequestIdMakesOneAccountHoweverOftenItIsSent) {
  v1::CreateAccountRequest request;
  request.set_request_id("r-1");
  request.mutable_account()->set_display_name("Shop");
  const v1::Account first = Value(admin().accounts.Create(kOperator, request));
  EXPECT_EQ(Value(admin().accounts.Create(kOperator, request)).name(), first.name());
  Restart();
  EXPECT_EQ(Value(admin().accounts.Create(kOperator, request)).name(), first.name());

  v1::CreateAccountRequest other = request;
  other.mutable_account()->set_display_name("Another");
  const auto refused = admin().accounts.Create(kOperator, other);
  EXPECT_EQ(CodeOf(refused), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(refused), "REQUEST_ID_REUSED");
  EXPECT_NE(Value(admin().accounts.Create({.account = "accounts/x"}, request)).name(),
            first.name());

  clock_.Advance(absl::Hours(24));
  EXPECT_NE(Value(admin().accounts.Create(kOperator, request)).name(), first.name());
}

TEST_F(AccountsTest, ARequestIdSentManyTimesAtOnceMakesOneAccount) {
  v1::CreateAccountRequest request;
  request.set_request_id("r-1");
  std::vector<std::string> names(8);
  std::vector<std::thread> callers;
  for (std::string& name : names) {
    callers.emplace_back([&] { name = Value(admin().accounts.Create(kOperator, request)).name(); });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_THAT(names, ::testing::Each(names[0]));
  EXPECT_THAT(admin().catalog.ListAccounts("", 100), SizeIs(1));
}

TEST_F(AccountsTest, ValidateOnlyChecksAllAndMakesNothing) {
  v1::CreateAccountRequest request;
  request.set_account_id("shop");
  request.set_validate_only(true);
  EXPECT_EQ(Value(admin().accounts.Create(kOperator, request)).name(), "accounts/shop");
  EXPECT_EQ(CodeOf(Get("accounts/shop")), absl::StatusCode::kNotFound);
  CreateAccount("shop");
  EXPECT_EQ(CodeOf(admin().accounts.Create(kOperator, request)), absl::StatusCode::kAlreadyExists);
  v1::DeleteAccountRequest deletion;
  deletion.set_name("accounts/shop");
  deletion.set_validate_only(true);
  EXPECT_TRUE(admin().accounts.Delete(deletion).ok());
  EXPECT_TRUE(Get("accounts/shop").ok());
}

TEST_F(AccountsTest, FieldsThatAreNotOfTheirFormAreNamed) {
  const auto refused = [&](auto change) {
    v1::CreateAccountRequest request;
    request.set_account_id("shop");
    change(request);
    const auto result = admin().accounts.Create(kOperator, request);
    EXPECT_EQ(CodeOf(result), absl::StatusCode::kInvalidArgument);
    return std::string(result.status().message());
  };
  using Request = v1::CreateAccountRequest;
  EXPECT_THAT(refused([](Request& r) { r.set_account_id("a/b"); }), HasSubstr("account_id"));
  EXPECT_THAT(refused([](Request& r) { r.mutable_account()->set_email("ann"); }),
              HasSubstr("account.email"));
  EXPECT_THAT(
      refused([](Request& r) { r.mutable_account()->set_display_name(std::string(129, 'a')); }),
      HasSubstr("128 characters"));
  EXPECT_THAT(refused([](Request& r) { r.mutable_account()->set_display_name("a\nb"); }),
              HasSubstr("display_name"));
  EXPECT_THAT(refused([](Request& r) { r.set_request_id(std::string(256, 'r')); }),
              HasSubstr("request_id"));
}

TEST_F(AccountsTest, AnUpdateChangesWhatTheMaskNames) {
  v1::Account account = CreateAccount("shop", "ann@shop.example");
  account.set_display_name("Shop");
  account.set_email("bob@shop.example");
  const v1::Account renamed = Value(Update(account, {"display_name"}));
  EXPECT_EQ(renamed.display_name(), "Shop");
  EXPECT_EQ(renamed.email(), "ann@shop.example");
  EXPECT_NE(renamed.etag(), account.etag());
  account.clear_etag();
  account.set_email("no e-mail");
  EXPECT_EQ(Value(Update(account, {"display_name"})).display_name(), "Shop");
  account.set_email("bob@shop.example");

  account.clear_etag();
  EXPECT_EQ(Value(Update(account, {})).email(), "bob@shop.example");
  CreateAccount("other", "ann@shop.example");  // free again
  account.set_email("ANN@shop.example");
  EXPECT_EQ(ReasonOf(Update(account, {"*"})), "EMAIL_TAKEN");
  account.set_email("BOB@shop.example");
  EXPECT_EQ(Value(Update(account, {"*"})).email(), "BOB@shop.example");
}

TEST_F(AccountsTest, WithoutAMaskWhatIsAbsentStays) {
  CreateAccount("shop", "ann@shop.example");
  v1::Account wanted;
  wanted.set_name("accounts/shop");
  wanted.set_display_name("Ann");
  const v1::Account renamed = Value(Update(wanted, {}));
  EXPECT_EQ(renamed.display_name(), "Ann");
  EXPECT_EQ(renamed.email(), "ann@shop.example") << "she signs in with it";
  EXPECT_EQ(Value(Update(wanted, {"*"})).email(), "");
}

TEST_F(AccountsTest, AnUpdateOfWhatCannotBeChangedSaysWhatCan) {
  const v1::Account account = CreateAccount("shop");
  for (const char* path : {"state", "name", "nothing", "email.x", ""}) {
    const auto result = Update(account, {"display_name", path});
    EXPECT_EQ(CodeOf(result), absl::StatusCode::kInvalidArgument) << path;
    EXPECT_THAT(std::string(result.status().message()), HasSubstr("display_name, email")) << path;
  }
}

TEST_F(AccountsTest, AnEtagOfBeforeIsAborted) {
  v1::Account account = CreateAccount("shop");
  EXPECT_TRUE(Update(account, {"display_name"}).ok());
  const auto stale = Update(account, {"display_name"});
  EXPECT_EQ(CodeOf(stale), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(stale), "ETAG_MISMATCH");
  EXPECT_EQ(CodeOf(Delete("accounts/shop", false, account.etag())), absl::StatusCode::kAborted);
  EXPECT_TRUE(Delete("accounts/shop", false, Value(Get("accounts/shop")).etag()).ok());
}

TEST_F(AccountsTest, ActivationIsIdempotentAndKeepsTheEtag) {
  CreateAccount("shop");
  v1::ActivateAccountRequest request;
  request.set_name("accounts/shop");
  const v1::Account active = Value(admin().accounts.Activate(request));
  EXPECT_EQ(active.state(), v1::Account::ACTIVE);
  EXPECT_EQ(Value(admin().accounts.Activate(request)).etag(), active.etag());
  v1::DeactivateAccountRequest back;
  back.set_name("accounts/shop");
  EXPECT_EQ(Value(admin().accounts.Deactivate(back)).state(), v1::Account::INACTIVE);
  request.set_name("accounts/other");
  EXPECT_EQ(CodeOf(admin().accounts.Activate(request)), absl::StatusCode::kNotFound);
}

TEST_F(AccountsTest, ListsAPageAtATimeInByteOrder) {
  for (const char* id : {"b", "a", "a-", "a.b", "B"}) CreateAccount(id);
  std::vector<std::string> names;
  v1::ListAccountsRequest request;
  request.set_page_size(2);
  do {
    const auto page = Value(admin().accounts.List(kOperator, request));
    EXPECT_LE(page.accounts_size(), 2);
    for (const v1::Account& account : page.accounts()) names.push_back(account.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(names,
              ElementsAre("accounts/B", "accounts/a", "accounts/a-", "accounts/a.b", "accounts/b"));
  request.set_page_token("?");
  EXPECT_EQ(CodeOf(admin().accounts.List(kOperator, request)), absl::StatusCode::kInvalidArgument);
}

TEST_F(AccountsTest, ASessionListsItsOwnOnly) {
  CreateAccount("a");
  CreateAccount("b");
  const auto page =
      Value(admin().accounts.List({.account = "accounts/b"}, v1::ListAccountsRequest()));
  ASSERT_EQ(page.accounts_size(), 1);
  EXPECT_EQ(page.accounts(0).name(), "accounts/b");
}

TEST_F(AccountsTest, AnAccountWithProductsIsDeletedByForceOnly) {
  CreateAccount("shop", "ann@shop.example");
  CreateProduct("accounts/shop", "site");
  CreateProduct("accounts/shop", "app");
  const absl::Status refused = Delete("accounts/shop");
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(runtime::ReasonOf(refused), "ACCOUNT_HAS_PRODUCTS");
  EXPECT_TRUE(Delete("accounts/shop", /*force=*/true).ok());
  EXPECT_THAT(admin().purged, ::testing::UnorderedElementsAre("accounts/shop/products/app",
                                                              "accounts/shop/products/site"));
  EXPECT_EQ(Delete("accounts/shop").code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(admin().catalog.ProductNames(), IsEmpty());
  CreateAccount("shop", "ann@shop.example");  // name and e-mail are free
}

TEST_F(AccountsTest, AnAccountDeletedWhileProductsAreCreatedLeavesNoneBehind) {
  for (int round = 0; round < 20; ++round) {
    CreateAccount("shop");
    std::thread creator([&] {
      for (int i = 0; i < 5; ++i) {
        v1::CreateProductRequest request;
        request.set_parent("accounts/shop");
        const auto created = admin().products.Create(kOperator, request);
        EXPECT_TRUE(created.ok() || absl::IsNotFound(created.status())) << created.status();
      }
    });
    absl::Status deleted;
    do {
      deleted = Delete("accounts/shop", /*force=*/true);
    } while (absl::IsAborted(deleted));
    creator.join();
    EXPECT_TRUE(deleted.ok()) << deleted;
    EXPECT_THAT(admin().catalog.ProductNames(), IsEmpty());
  }
}

TEST_F(AccountsTest, WhatTheStoreRefusesIsToldAndNotShown) {
  store_.RefuseWrites(absl::UnavailableError("the disk is full"));
  v1::CreateAccountRequest request;
  request.set_account_id("shop");
  EXPECT_EQ(CodeOf(admin().accounts.Create(kOperator, request)), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOf(Get("accounts/shop")), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace livecounter::admin
