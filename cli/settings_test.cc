// Where server, token, account and TLS come from, as the server sees them.

#include "cli/settings.h"

#include <string>

#include "cli/cli_fixture.h"
#include "services/runtime/test_certificates.h"

namespace livecounter::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class SettingsTest : public CliTest {
 protected:
  void KeepContext(const std::string& name, const Context& context,
                   const std::string& current = "") {
    Contexts contexts = *LoadContexts(File());
    contexts.by_name[name] = context;
    if (!current.empty()) contexts.current = current;
    ASSERT_TRUE(SaveContexts(File(), contexts).ok());
  }
  std::string File() const { return Path(".config/livecounter/contexts.json"); }
  // The token that a call went with.
  std::string TokenOf(const std::string& line) {
    const int code = Run(line);
    EXPECT_EQ(code, 0) << err_;
    return code == 0 ? server_.calls().back().authorization : err_;
  }
};

TEST_F(SettingsTest, ATypedTokenFileWinsOverTheEnvironmentAndThatOverTheContext) {
  WriteFile("typed", "typed\n");
  WriteFile("named", "named\n");
  KeepContext("a", {.server = server_.address(), .token = "session"}, "a");
  environment_["LIVECOUNTER_TOKEN_FILE"] = Path("named");
  EXPECT_EQ(TokenOf("account list --token_file=" + Path("typed")), "Bearer typed");
  EXPECT_EQ(TokenOf("account list"), "Bearer t0ken");
  environment_.erase("LIVECOUNTER_TOKEN");
  EXPECT_EQ(TokenOf("account list"), "Bearer named");
  environment_.erase("LIVECOUNTER_TOKEN_FILE");
  EXPECT_EQ(TokenOf("account list"), "Bearer session");
}

TEST_F(SettingsTest, WithoutATokenTheErrorSaysHowToGetOne) {
  environment_.erase("LIVECOUNTER_TOKEN");
  EXPECT_EQ(Run("account list"), 1);
  EXPECT_THAT(err_, HasSubstr("--token_file=data/admin-token"));
  EXPECT_THAT(err_, HasSubstr("livecounterctl signin"));
  EXPECT_TRUE(server_.calls().empty());
}

TEST_F(SettingsTest, ATokenFileThatIsNotThereIsNamed) {
  EXPECT_EQ(Run("account list --token_file=nowhere"), 1);
  EXPECT_THAT(err_, HasSubstr("nowhere"));
  EXPECT_THAT(err_, HasSubstr("admin-token"));
}

TEST_F(SettingsTest, ATokenThatNoHeaderTakesIsRefusedAndNotSaidBack) {
  environment_["LIVECOUNTER_TOKEN"] = "two words";
  EXPECT_EQ(Run("account list"), 2);
  EXPECT_THAT(err_, HasSubstr("LIVECOUNTER_TOKEN"));
  EXPECT_THAT(err_, Not(HasSubstr("two words")));
}

TEST_F(SettingsTest, AContextBelongsToItsServer) {
  environment_.erase("LIVECOUNTER_TOKEN");
  KeepContext("a", {.server = "elsewhere.example:1", .token = "session", .account = "demo"}, "a");
  EXPECT_EQ(Run("account list"), 1);
  EXPECT_THAT(err_, HasSubstr("the context a belongs to another server"));
  EXPECT_TRUE(server_.calls().empty()) << "its token went to another server";
}

TEST_F(SettingsTest, AContextIsChosenByFlagOrEnvironment) {
  environment_.erase("LIVECOUNTER_TOKEN");
  environment_.erase("LIVECOUNTER_SERVER");
  KeepContext("a", {.server = "elsewhere.example:1", .token = "a"}, "a");
  KeepContext("b", {.server = server_.address(), .token = "b"});
  EXPECT_EQ(TokenOf("account list --context=b"), "Bearer b");
  environment_["LIVECOUNTER_CONTEXT"] = "b";
  EXPECT_EQ(TokenOf("account list"), "Bearer b");
  environment_["LIVECOUNTER_CONTEXT"] = "c";
  EXPECT_EQ(Run("account list"), 2);
  EXPECT_THAT(err_, HasSubstr("there is no context c"));
}

TEST_F(SettingsTest, TheContextsAccountStandsBeforeShortNames) {
  KeepContext("a", {.server = server_.address(), .account = "shop"}, "a");
  ASSERT_EQ(Run("product get web"), 0) << err_;
  EXPECT_THAT(server_.RequestsOf("AdminService/GetProduct"),
              testing::ElementsAre("name: \"accounts/shop/products/web\""));
}

TEST_F(SettingsTest, FlagsComeFromTheLineElseTheEnvironmentElseAFile) {
  WriteFile("flags", "--output=json\n--account=of-file\n");
  ASSERT_EQ(Run("product get web --flagfile=" + Path("flags")), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("{"));
  environment_["LIVECOUNTER_ACCOUNT"] = "of-environment";
  ASSERT_EQ(Run("product get web --flagfile=" + Path("flags")), 0) << err_;
  ASSERT_EQ(Run("product get web --account=typed --flagfile=" + Path("flags")), 0) << err_;
  EXPECT_THAT(
      server_.RequestsOf("AdminService/GetProduct"),
      testing::ElementsAre(HasSubstr("of-file"), HasSubstr("of-environment"), HasSubstr("typed")));
}

TEST_F(SettingsTest, BadValuesInTheEnvironmentNameTheVariable) {
  environment_["LIVECOUNTER_OUTPUT"] = "xml";
  EXPECT_EQ(Run("account list"), 2);
  EXPECT_THAT(err_, HasSubstr("LIVECOUNTER_OUTPUT got \"xml\"; it takes one of table, json"));
}

TEST_F(SettingsTest, TlsFilesThatAreNotThereAreBadUsage) {
  EXPECT_EQ(Run("account list --tls_ca=nowhere.pem"), 2);
  EXPECT_THAT(err_, HasSubstr("nowhere.pem"));
}

TEST_F(SettingsTest, TlsTrustsTheGivenAuthorityAndNoOther) {
  const runtime::TestCertificates certificates;
  const FakeServer server(
      {.cert = certificates.Path("server.pem"), .key = certificates.Path("server.key")});
  const std::string line = "account list --server=" + server.address();
  EXPECT_EQ(Run(line + " --tls_ca=" + certificates.Path("ca.pem")), 0) << err_;
  EXPECT_EQ(Run(line + " --tls_ca=" + certificates.Path("other-ca.pem")), 1);
  EXPECT_EQ(Run(line + " --tls"), 1) << "the system's authorities";
  EXPECT_EQ(Run(line), 1);
  EXPECT_THAT(err_, HasSubstr("--tls_ca=FILE"));
  EXPECT_EQ(server.calls().size(), 1u);
}

TEST_F(SettingsTest, MutualTlsShowsOnesOwnCertificateAlsoFromTheContext) {
  const runtime::TestCertificates certificates;
  const FakeServer server({.cert = certificates.Path("server.pem"),
                           .key = certificates.Path("server.key"),
                           .ca = certificates.Path("ca.pem")});
  const std::string authority = " --tls_ca=" + certificates.Path("ca.pem");
  environment_["LIVECOUNTER_SERVER"] = server.address();
  EXPECT_EQ(Run("account list" + authority), 1) << "without a certificate";
  ASSERT_EQ(Run("context set mutual --tls_cert=" + certificates.Path("client.pem") +
                " --tls_key=" + certificates.Path("client.key") + authority),
            0)
      << err_;
  EXPECT_EQ(Run("account list"), 0) << err_;
  EXPECT_EQ(server.calls().size(), 1u);
}

TEST_F(SettingsTest, CheckConfigTellsWhetherTheServerAnswers) {
  EXPECT_EQ(Run("account list --check_config"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr(server_.address()));
  EXPECT_EQ(Run("account list --check_config --server=127.0.0.1:1 --timeout=100ms"), 1);
  EXPECT_THAT(err_, HasSubstr("cannot reach 127.0.0.1:1"));
}

}  // namespace
}  // namespace livecounter::cli
