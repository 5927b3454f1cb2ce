#include <string>

#include "absl/strings/str_cat.h"
#include "cli/cli_fixture.h"
#include "cli/fake_gateway.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

// Moves on whenever it is looked at, and to the end of any trial once viewers have tried again: so they have
// heard why, however slow the machine is.
class TrialClock final : public runtime::Clock {
 public:
  explicit TrialClock(const FakeGateway& gateway) : gateway_(gateway) {}
  absl::Time Now() override {
    constexpr size_t kFirstTries = 2;
    now_ += gateway_.targets().size() > kFirstTries ? absl::Hours(24) : absl::Milliseconds(10);
    return now_;
  }

 private:
  const FakeGateway& gateway_;
  absl::Time now_ = absl::UnixEpoch();
};

class DeploymentTest : public CliTest {
 protected:
  std::string Url() const { return absl::StrCat("--url=http://", gateway_.address()); }
  std::vector<std::string> CalledMethods() const {
    std::vector<std::string> methods;
    for (const FakeServer::Call& call : server_.calls()) methods.push_back(call.method);
    return methods;
  }

  FakeGateway gateway_;
};

TEST_F(DeploymentTest, HealthIsTheProgramsAnswer) {
  EXPECT_EQ(Run("health " + gateway_.address()), 0) << err_;
  gateway_.SetReady(false);
  EXPECT_EQ(Run("health " + gateway_.address()), 1);
  EXPECT_THAT(err_, AllOf(HasSubstr("503"), HasSubstr("draining")));
  EXPECT_EQ(Run("health " + gateway_.address() + " --alive"), 0) << "draining, but alive";
  EXPECT_THAT(gateway_.targets(), ElementsAre("/readyz", "/readyz", "/healthz"));
}

TEST_F(DeploymentTest, HealthOfWhatDoesNotListenIsBad) {
  EXPECT_EQ(Run("health 127.0.0.1:1"), 1);
  EXPECT_THAT(err_, HasSubstr("http://127.0.0.1:1/readyz"));
}

TEST_F(DeploymentTest, WaitTakesADuration) {
  EXPECT_EQ(Run("wait 5s"), 0) << err_;
  EXPECT_THAT(slept_, ElementsAre(absl::Seconds(5)));
  for (const char* line : {"wait", "wait 5", "wait -5s", "wait inf", "wait soon"}) {
    EXPECT_EQ(Run(line), 2) << line;
  }
  EXPECT_EQ(slept_.size(), 1u);
}

TEST_F(DeploymentTest, TryWithAKeyNeedsNoServer) {
  ASSERT_EQ(Run("try --key=a%20key --viewers=3 " + Url()), 0) << err_;
  EXPECT_THAT(out_, MatchesRegex("3 viewers of one page: each saw 3 after .*\n"));
  EXPECT_THAT(gateway_.targets(),
              Contains(MatchesRegex("/sub\\?urlId=try-[0-9a-f]{16}&key=a%2520key&pId=viewer-[123]"))
                  .Times(3));
  EXPECT_THAT(server_.calls(), IsEmpty());
}

TEST_F(DeploymentTest, TryWithoutAKeyMakesAProductAndDeletesIt) {
  v1::ApiKey key;
  key.set_key("made");
  server_.Answer("AdminService/CreateApiKey", key);
  ASSERT_EQ(Run("try " + Url()), 0) << err_;
  EXPECT_THAT(gateway_.targets(), Contains(HasSubstr("&key=made&")).Times(2));
  EXPECT_THAT(CalledMethods(),
              ElementsAre("AdminService/CreateAccount", "AdminService/ActivateAccount",
                          "AdminService/CreateProduct", "AdminService/CreateApiKey",
                          "AdminService/DeleteAccount"));
  EXPECT_THAT(server_.RequestsOf("AdminService/DeleteAccount"),
              ElementsAre(HasSubstr("force: true")));
}

TEST_F(DeploymentTest, TryGoesOnUntilTheGatewaysKnowTheKey) {
  gateway_.RefuseStreams(3);
  ASSERT_EQ(Run("try --key=new " + Url()), 0) << err_;
  EXPECT_EQ(gateway_.targets().size(), 5u);
}

TEST_F(DeploymentTest, TryThatFailsSaysWhyAndLeavesNothingBehind) {
  gateway_.RefuseStreams(1'000'000);
  TrialClock clock(gateway_);
  clock_used_ = &clock;
  EXPECT_EQ(Run("try --within=1h " + Url()), 1);
  EXPECT_THAT(err_, AllOf(HasSubstr("status 401: unknown key"), HasSubstr("after 1h")));
  EXPECT_EQ(server_.RequestsOf("AdminService/DeleteAccount").size(), 1u);
}

TEST_F(DeploymentTest, TryOfTooManyIsBadUsage) {
  EXPECT_EQ(Run("try --key=demo --viewers=0 " + Url()), 2);
  EXPECT_EQ(Run("try --key=demo --viewers=1001 " + Url()), 2);
  EXPECT_THAT(gateway_.targets(), IsEmpty());
}

TEST_F(DeploymentTest, TryDialsAnotherAddressThanTheUrls) {
  ASSERT_EQ(Run("try --key=demo --url=http://counters.example --connect_to=" + gateway_.address()),
            0)
      << err_;
}

}  // namespace
}  // namespace livecounter::cli
