#include "services/admin/secrets.h"

#include <sodium.h>

#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace livecounter::admin {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr size_t kResourceIdLength = 16;
constexpr size_t kKeyStringLength = 24;
constexpr absl::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string MakeText(size_t length, runtime::Random& random) {
  std::string text;
  while (text.size() < length) text.push_back(kAlphabet[random.Below(kAlphabet.size())]);
  return text;
}

}  // namespace

std::string MakeSecret(runtime::Random& random) { return random.Bytes(kSecretBytes); }

std::string FormatSigningSecret(absl::string_view secret) {
  return absl::StrCat("whsec_", absl::Base64Escape(secret));
}

std::string MakeResourceId(runtime::Random& random) { return MakeText(kResourceIdLength, random); }

std::string MakeKeyString(runtime::Random& random) { return MakeText(kKeyStringLength, random); }

std::string HashHex(absl::string_view text, absl::string_view salt) {
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(), Bytes(text),
                     text.size(), Bytes(salt), salt.size());
  return absl::BytesToHexString(hash);
}

}  // namespace livecounter::admin
