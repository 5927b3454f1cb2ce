// Secrets and public identifiers that are made up here. Pure but for the randomness; any thread.

#ifndef LIVECOUNTER_SERVICES_ADMIN_SECRETS_H_
#define LIVECOUNTER_SERVICES_ADMIN_SECRETS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/runtime/random.h"

namespace livecounter::admin {

// 32 random bytes: keys a hash or a signature.
std::string MakeSecret(runtime::Random& random);
// As Standard Webhooks writes it: `whsec_` and base64.
std::string FormatSigningSecret(absl::string_view secret);

// The id of a resource whose creator named none: 16 lower-case letters and digits, 82 random bits.
std::string MakeResourceId(runtime::Random& random);
// The string of an API key: 24 lower-case letters and digits, 124 random bits. Public, but not to be
// guessed either.
std::string MakeKeyString(runtime::Random& random);

// BLAKE2b of both (libsodium), in hexadecimal: `salt` is 16 to 64 bytes, or "" for none.
std::string HashHex(absl::string_view text, absl::string_view salt = "");

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_SECRETS_H_
