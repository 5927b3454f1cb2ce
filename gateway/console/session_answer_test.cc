#include "gateway/console/session_answer.h"

#include <string>

#include "gateway/console/method_table.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::gateway::console {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

const google::protobuf::MethodDescriptor& Method(const std::string& name) {
  return *ConsoleMethods().Find("/livecounter.v1.AdminService/" + name);
}

Request BrowsersRequest() {
  Request request;
  request.headers = {{"sec-fetch-site", "same-origin"}};
  return request;
}

std::string Session() {
  v1::Session session;
  session.set_token("t0ken");
  session.set_account("accounts/a");
  session.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(kNow) + 60);
  return session.SerializeAsString();
}

TEST(SessionAnswerTest, ABrowsersTokenGoesIntoTheCookieAndNowhereElse) {
  for (const char* method : {"SignIn", "SignUp"}) {
    std::string message = Session();
    const auto cookie =
        TakeSession(Method(method), BrowsersRequest(), absl::OkStatus(), kNow, false, message);
    ASSERT_TRUE(cookie.has_value());
    EXPECT_THAT(*cookie, StartsWith("livecounter_session=t0ken; "));
    EXPECT_THAT(*cookie, HasSubstr("Max-Age=60"));
    v1::Session left;
    ASSERT_TRUE(left.ParseFromString(message));
    EXPECT_EQ(left.token(), "");
    EXPECT_EQ(left.account(), "accounts/a");
  }
}

TEST(SessionAnswerTest, AProgramGetsTheToken) {
  std::string message = Session();
  EXPECT_FALSE(
      TakeSession(Method("SignIn"), Request(), absl::OkStatus(), kNow, false, message).has_value());
  EXPECT_EQ(message, Session());
}

TEST(SessionAnswerTest, OtherMethodsAndFailuresLeaveTheCookieAlone) {
  std::string message = Session();
  const auto cookie = [&](const char* method, const absl::Status& status) {
    return TakeSession(Method(method), BrowsersRequest(), status, kNow, false, message);
  };
  EXPECT_FALSE(cookie("GetSession", absl::OkStatus()).has_value());
  EXPECT_FALSE(cookie("SignIn", absl::UnauthenticatedError("")).has_value());
  EXPECT_FALSE(cookie("SignOut", absl::UnavailableError("")).has_value());
  EXPECT_FALSE(cookie("GetAccount", absl::UnauthenticatedError("")).has_value());
  EXPECT_EQ(message, Session());
}

TEST(SessionAnswerTest, ABrowserWithAGoodTokenOfItsOwnGetsItAsACookieUntilItIsClosed) {
  v1::Session session;
  session.set_operator_(true);
  std::string message = session.SerializeAsString();
  Request request = BrowsersRequest();
  request.headers.emplace_back("authorization", "Bearer 0perator");
  const auto cookie =
      TakeSession(Method("GetSession"), request, absl::OkStatus(), kNow, false, message);
  ASSERT_TRUE(cookie.has_value());
  EXPECT_THAT(*cookie, StartsWith("livecounter_session=0perator; "));
  EXPECT_THAT(*cookie, HasSubstr("HttpOnly"));
  EXPECT_THAT(*cookie, Not(HasSubstr("Max-Age")));
  EXPECT_EQ(message, session.SerializeAsString());
  EXPECT_FALSE(TakeSession(Method("GetSession"), request, absl::UnauthenticatedError("unknown"),
                           kNow, false, message)
                   .has_value());
  EXPECT_FALSE(TakeSession(Method("GetAccount"), request, absl::OkStatus(), kNow, false, message)
                   .has_value());
}

TEST(SessionAnswerTest, SigningOutRemovesTheCookie) {
  std::string message;
  for (const absl::Status& status : {absl::OkStatus(), absl::UnauthenticatedError("over"),
                                     absl::FailedPreconditionError("the operator's")}) {
    const auto cookie =
        TakeSession(Method("SignOut"), BrowsersRequest(), status, kNow, true, message);
    ASSERT_TRUE(cookie.has_value());
    EXPECT_THAT(*cookie, StartsWith("__Host-livecounter_session=; "));
    EXPECT_THAT(*cookie, HasSubstr("Max-Age=0"));
    EXPECT_THAT(*cookie, HasSubstr("Secure"));
  }
}

TEST(SessionAnswerTest, TellsWhatCanBeGuessedAt) {
  EXPECT_TRUE(BeginsSession(Method("SignIn")));
  EXPECT_TRUE(BeginsSession(Method("SignUp")));
  EXPECT_FALSE(BeginsSession(Method("GetSession")));
}

}  // namespace
}  // namespace livecounter::gateway::console
