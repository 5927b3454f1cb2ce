#include "gateway/presence_hash.h"

#include <string>

#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

PresenceSecret Secret(uint8_t byte) {
  PresenceSecret secret;
  secret.fill(byte);
  return secret;
}

TEST(PresenceHashTest, IsTheSameWhereverTheSecretIsTheSame) {
  EXPECT_EQ(HashPresenceId("visitor", Secret(1)), HashPresenceId("visitor", Secret(1)));
}

TEST(PresenceHashTest, DiffersByPresenceIdAndBySecret) {
  const PresenceHash hash = HashPresenceId("visitor", Secret(1));
  EXPECT_NE(hash, HashPresenceId("visitor2", Secret(1)));
  EXPECT_NE(hash, HashPresenceId("", Secret(1)));
  EXPECT_NE(hash, HashPresenceId("visitor", Secret(2)));
}

// A value that other builds must agree with, or one viewer would count twice during an upgrade. From
// Python: blake2b(b"visitor", digest_size=16, key=<the secret>).hexdigest().
TEST(PresenceHashTest, IsKeyedBlake2b) {
  PresenceSecret secret;
  for (size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(HashPresenceId("visitor", secret).ToHex(), "6423e09a014b31d3868ac72e1dab8968");
}

}  // namespace
}  // namespace livecounter::gateway
