#include "verifier/signature.h"

#include <sodium.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace livecounter::verifier {
namespace {

constexpr absl::string_view kPrefix = "whsec_";
constexpr size_t kMinKeyBytes = 24;
constexpr size_t kMaxKeyBytes = 64;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

absl::StatusOr<std::string> DecodeSigningSecret(absl::string_view secret) {
  std::string key;
  if (!absl::ConsumePrefix(&secret, kPrefix) || !absl::Base64Unescape(secret, &key) ||
      key.size() < kMinKeyBytes || key.size() > kMaxKeyBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a signing secret is \"", kPrefix,
                                                   "\" and the base64 of ", kMinKeyBytes, " to ",
                                                   kMaxKeyBytes, " bytes"));
  }
  return key;
}

std::string Signature(absl::string_view key, absl::string_view id, absl::Time timestamp,
                      absl::string_view body) {
  const std::string head = absl::StrCat(id, ".", absl::ToUnixSeconds(timestamp), ".");
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, Bytes(key), key.size());
  crypto_auth_hmacsha256_update(&state, Bytes(head), head.size());
  crypto_auth_hmacsha256_update(&state, Bytes(body), body.size());
  std::string hash(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(hash.data()));
  return absl::StrCat("v1,", absl::Base64Escape(hash));
}

std::vector<std::string> SignatureHeaders(absl::string_view key, absl::string_view id,
                                          absl::Time timestamp, absl::string_view body) {
  return {absl::StrCat("webhook-id: ", id),
          absl::StrCat("webhook-timestamp: ", absl::ToUnixSeconds(timestamp)),
          absl::StrCat("webhook-signature: ", Signature(key, id, timestamp, body))};
}

}  // namespace livecounter::verifier
