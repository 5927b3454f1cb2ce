#include "verifier/user_question.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "verifier/signature.h"

namespace livecounter::verifier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

UserQuestion Good() {
  return {"accounts/a/products/p", "x", {"https://shop.example/verify", {"key"}, kSecret}};
}

TEST(UserQuestionTest, AGoodOneIsTaken) {
  EXPECT_TRUE(CheckQuestion(Good()).ok());
  UserQuestion longest = Good();
  longest.presence_id = std::string(256, 'x');
  EXPECT_TRUE(CheckQuestion(longest).ok());
}

TEST(UserQuestionTest, ABadFieldIsNamedAndAPresenceIdNeverRepeated) {
  std::vector<std::pair<UserQuestion, std::string>> cases(8, {Good(), ""});
  cases[0].first.product = "p";
  cases[0].second = "product: ";
  cases[1].first.presence_id = "";
  cases[1].second = "presence_id: ";
  cases[2].first.presence_id = absl::StrCat("cookie", std::string(251, 'x'));
  cases[2].second = "presence_id: ";
  cases[3].first.presence_id = "cookie\xff";
  cases[3].second = "presence_id: ";
  cases[4].first.endpoint.uri = "ftp://shop.example/";
  cases[4].second = "endpoint.uri: ";
  cases[5].first.endpoint.api_keys = {};
  cases[5].second = "endpoint.api_keys: ";
  cases[6].first.endpoint.signing_secret = "secret";
  cases[6].second = "endpoint.signing_secret: ";
  cases[7].first.endpoint.api_keys = std::vector<std::string>(1001, "key");
  cases[7].second = "endpoint.api_keys: ";
  for (const auto& [question, message] : cases) {
    const absl::Status status = CheckQuestion(question);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_THAT(std::string(status.message()), StartsWith(message));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("cookie")));
  }
}

TEST(UserQuestionTest, TheCallIsTheIdInJsonSigned) {
  runtime::SeededRandom random(1);
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  const EndpointCall call =
      MakeCall(Good().endpoint, "a\"b\\c\n\xc3\xa9", absl::nullopt, now, random);
  EXPECT_EQ(call.uri, "https://shop.example/verify");
  EXPECT_EQ(call.body, "{\"pId\":\"a\\\"b\\\\c\\n\xc3\xa9\"}");
  ASSERT_EQ(call.headers.size(), 3u);
  EXPECT_THAT(call.headers[0], StartsWith("webhook-id: msg_"));
  EXPECT_EQ(call.headers[1], "webhook-timestamp: 1700000000");
  const std::string id = call.headers[0].substr(std::string("webhook-id: ").size());
  EXPECT_EQ(call.headers[2],
            absl::StrCat("webhook-signature: ",
                         Signature(*DecodeSigningSecret(kSecret), id, now, call.body)));
}

TEST(UserQuestionTest, EachCallHasAnIdOfItsOwn) {
  runtime::SeededRandom random(1);
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    ids.insert(MakeCall(Good().endpoint, "x", absl::nullopt, absl::UnixEpoch(), random).headers[0]);
  }
  EXPECT_EQ(ids.size(), 100u);
}

}  // namespace
}  // namespace livecounter::verifier
