#include "verifier/signature.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::verifier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// The example of the Standard Webhooks specification.
constexpr char kSecret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr char kId[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr char kBody[] = "{\"test\": 2432232314}";
const absl::Time kTimestamp = absl::FromUnixSeconds(1614265330);

TEST(SignatureTest, IsThatOfTheStandardsExample) {
  const auto key = DecodeSigningSecret(kSecret);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(Signature(*key, kId, kTimestamp, kBody),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(SignatureTest, IsSentInThreeHeaders) {
  EXPECT_THAT(
      SignatureHeaders(*DecodeSigningSecret(kSecret), kId, kTimestamp, kBody),
      ElementsAre("webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                  "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
}

TEST(SignatureTest, DependsOnEachOfItsParts) {
  const std::string key = *DecodeSigningSecret(kSecret);
  const std::string signature = Signature(key, kId, kTimestamp, kBody);
  EXPECT_NE(Signature(key + "x", kId, kTimestamp, kBody), signature);
  EXPECT_NE(Signature(key, "msg_2", kTimestamp, kBody), signature);
  EXPECT_NE(Signature(key, kId, kTimestamp + absl::Seconds(1), kBody), signature);
  EXPECT_NE(Signature(key, kId, kTimestamp, "{}"), signature);
}

TEST(SignatureTest, ABadSecretIsRefusedAndNotRepeated) {
  for (const std::string& secret :
       {std::string(""), std::string("whsec_"), std::string("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        std::string("whsec_secret?"), std::string("whsec_c2hvcnQ="),
        absl::StrCat("whsec_", std::string(88, 'A'))}) {
    const absl::Status status = DecodeSigningSecret(secret).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << secret;
    EXPECT_THAT(std::string(status.message()), HasSubstr("24 to 64 bytes"));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret?")));
  }
}

}  // namespace
}  // namespace livecounter::verifier
