#include "gateway/presence_hash.h"

#include "sodium.h"

namespace livecounter::gateway {

PresenceHash HashPresenceId(absl::string_view presence_id, const PresenceSecret& secret) {
  std::array<uint8_t, 16> hash;
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(presence_id.data()), presence_id.size(),
                     secret.data(), secret.size());
  return *PresenceHash::FromBytes(
      absl::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

}  // namespace livecounter::gateway
