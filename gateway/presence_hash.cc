#include "gateway/presence_hash.h"

#include "sodium.h"

namespace livecounter::gateway {
namespace {

template <size_t kSize>
std::array<uint8_t, kSize> Blake2b(absl::string_view message, const uint8_t* key, size_t key_size) {
  std::array<uint8_t, kSize> hash;
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(message.data()), message.size(), key,
                     key_size);
  return hash;
}

}  // namespace

PresenceHash HashPresenceId(absl::string_view presence_id, const PresenceSecret& secret) {
  const std::array<uint8_t, 16> hash = Blake2b<16>(presence_id, secret.data(), secret.size());
  return *PresenceHash::FromBytes(
      absl::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

PresenceSecret DerivePresenceSecret(absl::string_view seed, absl::string_view product) {
  // The seed may be longer than a key can be, so the key is its hash.
  const std::array<uint8_t, 32> key = Blake2b<32>(seed, nullptr, 0);
  return Blake2b<32>(product, key.data(), key.size());
}

}  // namespace livecounter::gateway
