// Passwords as salted, slow hashes: argon2id by libsodium. A hash takes tens of milliseconds of a core and
// as much memory as is said, so calls belong on a WorkerPool. Any thread.

#ifndef LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_PASSWORDS_H_
#define LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_PASSWORDS_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::admin {

class Passwords {
 public:
  // What one hash costs. The defaults are what libsodium recommends for interactive sign-in.
  struct Cost {
    unsigned long long operations = 2;  // NOLINT(google-runtime-int): libsodium's type
    size_t memory_bytes = size_t{64} << 20;
  };
  // The least that libsodium takes: for tests.
  static constexpr Cost kLeast = {.operations = 1, .memory_bytes = size_t{8} << 10};

  explicit Passwords(Cost cost);

  // With a salt of its own. RESOURCE_EXHAUSTED without the memory.
  absl::StatusOr<std::string> Hash(absl::string_view password) const;
  // Whether it is the password of that hash.
  bool Matches(const std::string& hash, absl::string_view password) const;
  // Takes as long as Matches(), and is false: for who has no hash.
  bool MatchesNobody(absl::string_view password) const;

 private:
  const Cost cost_;
  const std::string nobodys_hash_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_PASSWORDS_H_
