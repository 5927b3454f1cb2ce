#include "services/admin/sign_in/passwords.h"

#include <sodium.h>

#include <cstdlib>

namespace livecounter::admin {
namespace {

// "" without the memory.
std::string HashOf(absl::string_view password, const Passwords::Cost& cost) {
  // Fails only where the kernel gives no randomness: nothing can be secure then.
  if (sodium_init() < 0) std::abort();
  char hash[crypto_pwhash_STRBYTES];
  const int failed =
      crypto_pwhash_str(hash, password.data(), password.size(), cost.operations, cost.memory_bytes);
  return failed == 0 ? std::string(hash) : "";
}

}  // namespace

Passwords::Passwords(Cost cost) : cost_(cost), nobodys_hash_(HashOf("nobody's", cost)) {}

absl::StatusOr<std::string> Passwords::Hash(absl::string_view password) const {
  std::string hash = HashOf(password, cost_);
  if (!hash.empty()) return hash;
  return absl::ResourceExhaustedError("there is no memory to hash a password now; try again");
}

bool Passwords::Matches(const std::string& hash, absl::string_view password) const {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool Passwords::MatchesNobody(absl::string_view password) const {
  Matches(nobodys_hash_, password);
  return false;
}

}  // namespace livecounter::admin
