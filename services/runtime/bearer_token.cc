#include "services/runtime/bearer_token.h"

#include <sodium.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/runtime/files.h"

namespace livecounter::runtime {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr size_t kMaxTokenFileBytes = 4096;
constexpr absl::string_view kScheme = "Bearer ";

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string SaltedHash(absl::string_view token, absl::string_view salt) {
  std::string hash(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(), Bytes(token),
                     token.size(), Bytes(salt), salt.size());
  return hash;
}

}  // namespace

TokenVerifier::TokenVerifier(absl::string_view token, Random& random)
    : salt_(random.Bytes(crypto_generichash_KEYBYTES)), hash_(SaltedHash(token, salt_)) {}

bool TokenVerifier::Matches(absl::string_view candidate) const {
  const std::string hash = SaltedHash(candidate, salt_);
  return sodium_memcmp(hash.data(), hash_.data(), hash_.size()) == 0;
}

absl::StatusOr<absl::string_view> ParseAuthorization(absl::string_view header) {
  if (header.empty()) {
    return absl::UnauthenticatedError(
        "send the header \"authorization: Bearer <token>\"; it is missing");
  }
  if (!absl::StartsWithIgnoreCase(header, kScheme)) {
    return absl::UnauthenticatedError(
        "send the header \"authorization: Bearer <token>\"; this one is of another scheme");
  }
  return absl::StripAsciiWhitespace(header.substr(kScheme.size()));
}

absl::Status UnknownToken() {
  return absl::UnauthenticatedError(
      "send the header \"authorization: Bearer <token>\"; this token is not valid here");
}

absl::Status CheckAuthorization(absl::string_view header, const TokenVerifier& verifier) {
  const absl::StatusOr<absl::string_view> token = ParseAuthorization(header);
  if (!token.ok()) return token.status();
  return verifier.Matches(*token) ? absl::OkStatus() : UnknownToken();
}

std::string AuthorizationHeader(absl::string_view token) { return absl::StrCat(kScheme, token); }

std::string MakeToken(Random& random) {
  return absl::WebSafeBase64Escape(random.Bytes(kTokenBytes));
}

absl::StatusOr<std::string> LoadToken(const std::string& path) {
  absl::StatusOr<std::string> content = ReadSmallFile(path, kMaxTokenFileBytes);
  if (!content.ok()) return content;
  const absl::string_view token = absl::StripAsciiWhitespace(*content);
  if (token.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("cannot use ", path, ": it holds no token"));
  }
  if (!std::all_of(token.begin(), token.end(), absl::ascii_isgraph)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot use ", path, ": a token is one line of printable ASCII without blanks"));
  }
  return std::string(token);
}

absl::StatusOr<std::string> LoadOrCreateToken(const std::string& path, Random& random) {
  absl::StatusOr<std::string> token = LoadToken(path);
  if (!absl::IsNotFound(token.status())) return token;
  const absl::Status created = CreatePrivateFile(path, absl::StrCat(MakeToken(random), "\n"));
  // Whoever was first, what stands in the file is the token.
  if (!created.ok() && !absl::IsAlreadyExists(created)) return created;
  return LoadToken(path);
}

}  // namespace livecounter::runtime
