#include "gateway/presence_hash.h"

#include <string>

#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

constexpr char kProduct[] = "accounts/demo/products/demo";

PresenceSecret Secret(absl::string_view seed) { return DerivePresenceSecret(seed, kProduct); }

TEST(PresenceHashTest, IsTheSameWhereverTheSecretIsTheSame) {
  EXPECT_EQ(HashPresenceId("visitor", Secret("token")), HashPresenceId("visitor", Secret("token")));
}

TEST(PresenceHashTest, DiffersByPresenceIdAndBySecret) {
  const PresenceHash hash = HashPresenceId("visitor", Secret("token"));
  EXPECT_NE(hash, HashPresenceId("visitor2", Secret("token")));
  EXPECT_NE(hash, HashPresenceId("", Secret("token")));
  EXPECT_NE(hash, HashPresenceId("visitor", Secret("other token")));
}

// A value that other builds must agree with, or one viewer would count twice during an upgrade. From
// Python: blake2b(b"visitor", digest_size=16, key=<the secret>).hexdigest().
TEST(PresenceHashTest, IsKeyedBlake2b) {
  PresenceSecret secret;
  for (size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(HashPresenceId("visitor", secret).ToHex(), "6423e09a014b31d3868ac72e1dab8968");
}

TEST(PresenceSecretTest, DiffersByProductAndBySeedOfAnyLength) {
  EXPECT_NE(DerivePresenceSecret("seed", "accounts/a/products/b"),
            DerivePresenceSecret("seed", "accounts/a/products/c"));
  EXPECT_NE(DerivePresenceSecret(std::string(1000, 'x'), kProduct),
            DerivePresenceSecret(std::string(1001, 'x'), kProduct));
  EXPECT_NE(DerivePresenceSecret("", kProduct), PresenceSecret{});
}

}  // namespace
}  // namespace livecounter::gateway
