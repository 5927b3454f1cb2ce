#include <string>

#include "cli/cli_fixture.h"
#include "cli/contexts.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kPassword[] = "correct horse battery";

class SignInTest : public CliTest {
 protected:
  SignInTest() {
    environment_.erase("LIVECOUNTER_TOKEN");
    v1::Session session;
    session.set_token("session-token");
    session.set_account("accounts/shop");
    session.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(Start()) + 30 * 86400 + 60);
    server_.Answer("AdminService/SignIn", session);
    server_.Answer("AdminService/SignUp", session);
    session.clear_token();
    server_.Answer("AdminService/GetSession", session);
    WriteFile("password", std::string(kPassword) + "\n");
  }
  Contexts Load() { return *LoadContexts(Path(".config/livecounter/contexts.json")); }
};

TEST_F(SignInTest, KeepsTheSessionForTheCallsThatFollow) {
  ASSERT_EQ(Run("signin owner@shop.example --password_file=" + Path("password")), 0) << err_;
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("as shop"));
  EXPECT_THAT(server_.RequestsOf("AdminService/SignIn"),
              ElementsAre("email: \"owner@shop.example\" password: \"correct horse battery\""));
  EXPECT_EQ(Load().by_name.at("default").account, "shop");
  ASSERT_EQ(Run("product get web"), 0) << err_;
  EXPECT_EQ(server_.calls().back().authorization, "Bearer session-token");
  EXPECT_THAT(server_.calls().back().request, HasSubstr("accounts/shop/products/web"));
}

TEST_F(SignInTest, TheTokenIsNeverPrinted) {
  for (const char* line :
       {"signin a@b.example --password_file=-", "signup a@b.example --password_file=- -o json",
        "whoami", "whoami -o json", "context list", "context list -o json"}) {
    ASSERT_EQ(Run(line, std::string(kPassword) + "\n"), 0) << line << err_;
    EXPECT_THAT(out_ + err_, Not(HasSubstr("session-token"))) << line;
    EXPECT_THAT(out_ + err_, Not(HasSubstr("horse"))) << line;
  }
}

TEST_F(SignInTest, ThePasswordIsAskedForOnATerminalAndANewOneTwice) {
  terminal_.can_ask = true;
  terminal_.answers = {kPassword};
  ASSERT_EQ(Run("signin a@b.example"), 0) << err_;
  EXPECT_THAT(terminal_.prompts, ElementsAre("Password: "));
  ASSERT_EQ(Run("signup a@b.example --display_name=Shop"), 0) << err_;
  EXPECT_THAT(terminal_.prompts, ElementsAre("Password: ", "Password: ", "Password once more: "));
  EXPECT_THAT(server_.RequestsOf("AdminService/SignUp"),
              ElementsAre(HasSubstr("display_name: \"Shop\"")));
  terminal_.answers = {kPassword, "something else"};
  EXPECT_EQ(Run("signup a@b.example"), 2);
  EXPECT_THAT(err_, HasSubstr("not the same"));
  terminal_.answers.clear();
  EXPECT_EQ(Run("signin a@b.example"), 1) << "Ctrl-C";
  EXPECT_EQ(server_.RequestsOf("AdminService/SignUp").size(), 1u);
}

TEST_F(SignInTest, AWrongPasswordIsNotTakenForAWrongToken) {
  FakeServer server;
  server.Refuse("AdminService/SignIn", absl::UnauthenticatedError("the password is wrong"));
  environment_["LIVECOUNTER_SERVER"] = server.address();
  EXPECT_EQ(Run("signin a@b.example --password_file=" + Path("password")), 1);
  EXPECT_EQ(err_, "livecounterctl: the password is wrong\n");
}

TEST_F(SignInTest, WithoutATerminalTheErrorSaysWhereThePasswordMayCome) {
  EXPECT_EQ(Run("signin a@b.example"), 2);
  EXPECT_THAT(err_, HasSubstr("--password_file=FILE"));
  EXPECT_EQ(Run("signin a@b.example --password_file=nowhere"), 2);
  EXPECT_THAT(err_, HasSubstr("nowhere"));
  EXPECT_EQ(Run("signin a@b.example --password_file=-", "\n"), 2);
  EXPECT_THAT(err_, HasSubstr("holds nothing"));
  EXPECT_TRUE(server_.calls().empty());
}

TEST_F(SignInTest, AContextOfAnotherServerIsNotOverwritten) {
  ASSERT_EQ(Run("context set mine --server=elsewhere.example:1"), 0) << err_;
  EXPECT_EQ(Run("signin a@b.example --password_file=" + Path("password")), 2);
  EXPECT_THAT(err_, HasSubstr("--context=NAME"));
  EXPECT_TRUE(server_.calls().empty());
  ASSERT_EQ(Run("signin a@b.example --context=here --password_file=" + Path("password")), 0)
      << err_;
  EXPECT_EQ(Load().current, "here");
  EXPECT_EQ(Load().by_name.at("here").server, server_.address());
}

TEST_F(SignInTest, SignOutForgetsTheSessionAlsoOneThatHasEnded) {
  for (const absl::Status& ended : {absl::OkStatus(), absl::UnauthenticatedError("ended")}) {
    if (!ended.ok()) server_.Refuse("AdminService/SignOut", ended);
    ASSERT_EQ(Run("signin a@b.example --password_file=" + Path("password")), 0) << err_;
    ASSERT_EQ(Run("signout"), 0) << err_;
    EXPECT_EQ(Load().by_name.at("default").token, "");
    EXPECT_EQ(Run("whoami"), 1) << "there is no token any more";
  }
}

TEST_F(SignInTest, SignOutThatFailsKeepsTheSession) {
  server_.Refuse("AdminService/SignOut", absl::UnavailableError("busy"));
  ASSERT_EQ(Run("signin a@b.example --password_file=" + Path("password")), 0) << err_;
  EXPECT_EQ(Run("signout"), 1);
  EXPECT_EQ(Load().by_name.at("default").token, "session-token");
}

TEST_F(SignInTest, WhoAmIShowsAccountServerAndHowLong) {
  environment_["LIVECOUNTER_TOKEN"] = kToken;
  ASSERT_EQ(Run("whoami"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("account  shop\n"));
  EXPECT_THAT(out_, HasSubstr("server   " + server_.address()));
  EXPECT_THAT(out_, HasSubstr("2026-12-22 10:01:00 UTC (in 30 d)"));
}

TEST_F(SignInTest, OnesOwnPasswordTakesTheCurrentOneFirst) {
  environment_["LIVECOUNTER_TOKEN"] = kToken;
  ASSERT_EQ(Run("password --current_password_file=- --password_file=-", "old secret\nnew secret\n"),
            0)
      << err_;
  EXPECT_THAT(server_.RequestsOf("AdminService/SetPassword"),
              ElementsAre("current_password: \"old secret\" new_password: \"new secret\""));
}

TEST_F(SignInTest, AnOperatorResetsThatOfAnAccount) {
  environment_["LIVECOUNTER_TOKEN"] = kToken;
  FakeServer server;
  v1::Session session;
  session.set_operator_(true);
  server.Answer("AdminService/GetSession", session);
  environment_["LIVECOUNTER_SERVER"] = server.address();
  EXPECT_EQ(Run("password --password_file=-", "new secret\n"), 2) << "whose?";
  ASSERT_EQ(Run("password shop --password_file=-", "new secret\n"), 0) << err_;
  EXPECT_THAT(server.RequestsOf("AdminService/SetPassword"),
              ElementsAre("name: \"accounts/shop\" new_password: \"new secret\""));
}

}  // namespace
}  // namespace livecounter::cli
