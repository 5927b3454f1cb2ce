#include "services/admin/sign_in/sign_in.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "services/admin/catalog_fixture.h"
#include "services/admin/record_access.h"

namespace livecounter::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kEmail[] = "ann@shop.example";
constexpr char kPassword[] = "correct horse";

class SignInTest : public ::testing::Test {
 protected:
  SignInTest() { Start(); }

  void Start(bool sign_up_is_open = true) {
    sign_in_ = nullptr;
    products_ = nullptr;
    sessions_ = nullptr;
    records_ = std::make_unique<Records>(store_);
    catalog_ = std::make_unique<Catalog>(*records_);
    sessions_ = std::make_unique<Sessions>(*records_, operator_token_, clock_, random_);
    ASSERT_TRUE(records_->Open().ok());
    ASSERT_TRUE(sessions_->Open().ok());
    const CatalogParts parts{*records_, *catalog_, clock_, random_};
    products_ = std::make_unique<Products>(parts, [](auto) { return absl::OkStatus(); });
    accounts_ = std::make_unique<Accounts>(parts, *products_);
    sign_in_ = std::make_unique<SignIn>(
        SignIn::Options{.sign_up_is_open = sign_up_is_open, .password_cost = Passwords::kLeast},
        parts, *sessions_);
  }

  absl::StatusOr<v1::Session> SignUp(const std::string& email = kEmail,
                                     const std::string& password = kPassword) {
    v1::SignUpRequest request;
    request.set_email(email);
    request.set_password(password);
    request.set_display_name("Ann");
    return sign_in_->SignUp(request);
  }
  absl::StatusOr<v1::Session> Enter(const std::string& email = kEmail,
                                    const std::string& password = kPassword) {
    v1::SignInRequest request;
    request.set_email(email);
    request.set_password(password);
    if (absl::Status admitted = sign_in_->Admit(request); !admitted.ok()) return admitted;
    return sign_in_->Start(request);
  }
  absl::Status SetPassword(const runtime::Principal& caller, const std::string& name,
                           const std::string& current, const std::string& next) {
    v1::SetPasswordRequest request;
    request.set_name(name);
    request.set_current_password(current);
    request.set_new_password(next);
    return sign_in_->SetPassword(caller, request);
  }
  runtime::Principal Caller(const v1::Session& session) {
    const auto caller = sessions_->Resolve(session.token());
    EXPECT_TRUE(caller.ok()) << caller.status();
    return caller.value_or(runtime::Principal());
  }
  bool IsGood(const v1::Session& session) { return sessions_->Resolve(session.token()).ok(); }
  template <typename T>
  static T Value(const absl::StatusOr<T>& result) {
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : T();
  }

  const runtime::Principal kOperator{.is_operator = true};
  runtime::FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  runtime::SeededRandom random_{1};
  runtime::TokenVerifier operator_token_{"the-operators", random_};
  counter::FakeRecordStore store_{clock_};
  std::unique_ptr<Records> records_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Sessions> sessions_;
  std::unique_ptr<Products> products_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<SignIn> sign_in_;
};

TEST_F(SignInTest, SigningUpMakesAnInactiveAccountAndASession) {
  const v1::Session session = Value(SignUp());
  EXPECT_EQ(session.token().size(), 43u);
  EXPECT_FALSE(session.operator_());
  EXPECT_EQ(session.expire_time().seconds(), 1'700'000'000 + 30 * 24 * 3600);
  const auto account = catalog_->FindAccount(session.account());
  ASSERT_NE(account, nullptr);
  EXPECT_EQ(account->data.email(), kEmail);
  EXPECT_FALSE(account->data.active());
  EXPECT_EQ(Caller(session).account, session.account());
  EXPECT_EQ(ReasonOf(SignUp("ANN@shop.example")), "EMAIL_TAKEN");
}

TEST_F(SignInTest, SignUpMayBeClosed) {
  Start(/*sign_up_is_open=*/false);
  const auto refused = SignUp();
  EXPECT_EQ(CodeOf(refused), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(refused), "SIGN_UP_CLOSED");
}

TEST_F(SignInTest, PasswordsHave10To256Bytes) {
  EXPECT_EQ(CodeOf(SignUp("a@b", "ninebytes")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(SignUp("a@b", std::string(257, 'p'))), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(SignUp("a@b", std::string(256, 'p')).ok());
  EXPECT_TRUE(SignUp("c@d", "ten bytes.").ok());
  EXPECT_THAT(std::string(SignUp("e@f", "s3cret").status().message()), Not(HasSubstr("s3cret")));
}

TEST_F(SignInTest, TheRightPasswordStartsASessionAlsoAfterARestart) {
  const v1::Session first = Value(SignUp());
  const v1::Session second = Value(Enter("ANN@shop.example"));
  EXPECT_NE(second.token(), first.token());
  EXPECT_EQ(second.account(), first.account());
  Start();
  EXPECT_TRUE(IsGood(first));
  EXPECT_TRUE(IsGood(second));
  EXPECT_TRUE(Enter().ok());
}

TEST_F(SignInTest, WhatWasWrongIsNotTold) {
  Value(SignUp());
  const auto wrong = Enter(kEmail, "incorrect horse");
  const auto unknown = Enter("bob@shop.example", kPassword);
  const auto endless = Enter(kEmail, std::string(100'000, 'p'));
  EXPECT_EQ(CodeOf(wrong), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(unknown.status(), wrong.status());
  EXPECT_EQ(endless.status(), wrong.status());
}

TEST_F(SignInTest, WhoHasNoPasswordIsMatchedByNone) {
  Passwords passwords(Passwords::kLeast);
  EXPECT_FALSE(passwords.MatchesNobody(kPassword));
  EXPECT_FALSE(passwords.MatchesNobody("nobody's"));
  EXPECT_NE(*passwords.Hash(kPassword), *passwords.Hash(kPassword));  // salted
}

TEST_F(SignInTest, FailuresAreThrottledAndASuccessForgivesThem) {
  Value(SignUp());
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(CodeOf(Enter(kEmail, "wrong")), absl::StatusCode::kUnauthenticated);
  }
  EXPECT_TRUE(Enter().ok());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(CodeOf(Enter(kEmail, "wrong")), absl::StatusCode::kUnauthenticated);
  }
  EXPECT_EQ(CodeOf(Enter()), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOf(Enter("Ann@Shop.Example")), absl::StatusCode::kResourceExhausted);
  clock_.Advance(absl::Seconds(10));
  EXPECT_TRUE(Enter().ok());
}

TEST_F(SignInTest, ASignOutEndsThisSessionOnly) {
  const v1::Session one = Value(SignUp());
  const v1::Session two = Value(Enter());
  EXPECT_TRUE(sign_in_->SignOut(Caller(one)).ok());
  EXPECT_FALSE(IsGood(one));
  EXPECT_TRUE(IsGood(two));
  EXPECT_EQ(sign_in_->SignOut(kOperator).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(SignInTest, ASessionEndsAfter30Days) {
  const v1::Session session = Value(SignUp());
  clock_.Advance(absl::Hours(24 * 30) - absl::Seconds(1));
  EXPECT_TRUE(IsGood(session));
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(IsGood(session));
}

TEST_F(SignInTest, ANewPasswordEndsTheOtherSessions) {
  const v1::Session mine = Value(SignUp());
  const v1::Session other = Value(Enter());
  EXPECT_EQ(SetPassword(Caller(mine), "", "wrong", "battery staple").code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(SetPassword(Caller(mine), "", kPassword, "short").code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(IsGood(other));
  EXPECT_TRUE(SetPassword(Caller(mine), "", kPassword, "battery staple").ok());
  EXPECT_TRUE(IsGood(mine));
  EXPECT_FALSE(IsGood(other));
  EXPECT_FALSE(Enter().ok());
  EXPECT_TRUE(Enter(kEmail, "battery staple").ok());
  Start();
  EXPECT_TRUE(IsGood(mine));
  EXPECT_FALSE(IsGood(other));
}

TEST_F(SignInTest, AnOperatorSetsAnyPasswordWithoutTheOldOne) {
  v1::CreateAccountRequest request;
  request.set_account_id("shop");
  request.mutable_account()->set_email(kEmail);
  ASSERT_TRUE(accounts_->Create(kOperator, request).ok());
  EXPECT_FALSE(Enter().ok());
  EXPECT_TRUE(SetPassword(kOperator, "accounts/shop", "", kPassword).ok());
  const v1::Session session = Value(Enter());
  EXPECT_EQ(session.account(), "accounts/shop");
  EXPECT_TRUE(SetPassword(kOperator, "accounts/shop", "", "battery staple").ok());
  EXPECT_FALSE(IsGood(session));
  EXPECT_EQ(SetPassword(kOperator, "accounts/other", "", kPassword).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(SetPassword(kOperator, "", "", kPassword).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SignInTest, ASessionThatBeganWithTheOldPasswordMeanwhileIsOver) {
  const v1::Session mine = Value(SignUp());
  const auto old = Load<storage::v1::PasswordRecord>(*records_, kPasswordKind, mine.account());
  EXPECT_TRUE(SetPassword(Caller(mine), "", kPassword, "battery staple").ok());
  // A sign-in that had read the old password before, and writes after.
  Sessions::NewSession late = sessions_->Make(mine.account(), (*old)->data.id());
  ASSERT_TRUE(records_->Write(std::move(late.writes)).ok());
  EXPECT_FALSE(sessions_->Resolve(late.token).ok());
}

TEST_F(SignInTest, ADeletedAccountsSessionsAreOver) {
  const v1::Session session = Value(SignUp());
  v1::DeleteAccountRequest request;
  request.set_name(session.account());
  EXPECT_TRUE(accounts_->Delete(request).ok());
  EXPECT_FALSE(IsGood(session));
  EXPECT_FALSE(Enter().ok());
  EXPECT_TRUE(SignUp().ok());
  EXPECT_FALSE(IsGood(session));
}

TEST_F(SignInTest, AnAccountHasAHundredSessionsAndThenItsOldestEnds) {
  const v1::Session first = Value(SignUp());
  clock_.Advance(absl::Seconds(1));
  for (int i = 0; i < 99; ++i) Value(Enter());
  EXPECT_TRUE(IsGood(first));
  Value(Enter());
  EXPECT_FALSE(IsGood(first));
  EXPECT_EQ(sessions_->Of(first.account()).size(), 100u);
  clock_.Advance(absl::Hours(24 * 31));
  const v1::Session last = Value(Enter());
  EXPECT_EQ(sessions_->Of(first.account()).size(), 1u);  // those that are over are dropped
  EXPECT_TRUE(IsGood(last));
}

TEST_F(SignInTest, TheOperatorsTokenIsTheOperatorsAndOthersAreNobodys) {
  const v1::Session session = SignIn::Get(*sessions_->Resolve("the-operators"));
  EXPECT_TRUE(session.operator_());
  EXPECT_FALSE(session.has_expire_time());
  EXPECT_EQ(session.account(), "");
  for (const char* token : {"", "the-operator", "the-operatorsx"}) {
    EXPECT_EQ(CodeOf(sessions_->Resolve(token)), absl::StatusCode::kUnauthenticated) << token;
  }
}

TEST_F(SignInTest, NoRecordHoldsATokenOrAPassword) {
  const v1::Session session = Value(SignUp());
  const auto all = records_->List("");
  ASSERT_TRUE(all.ok());
  for (const counter::Record& record : *all) {
    EXPECT_THAT(record.key + record.value, Not(HasSubstr(session.token())));
    EXPECT_THAT(record.key + record.value, Not(HasSubstr(kPassword)));
  }
  EXPECT_EQ(all->size(), 6u);
}

TEST_F(SignInTest, OfManyWhoSignUpWithOneEmailAtOnceOneDoes) {
  std::vector<absl::StatusCode> codes(6);
  std::vector<std::thread> racers;
  for (absl::StatusCode& code : codes) {
    racers.emplace_back([&] { code = CodeOf(SignUp()); });
  }
  for (std::thread& racer : racers) racer.join();
  EXPECT_EQ(std::count(codes.begin(), codes.end(), absl::StatusCode::kOk), 1);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), absl::StatusCode::kAlreadyExists), 5);
}

}  // namespace
}  // namespace livecounter::admin
