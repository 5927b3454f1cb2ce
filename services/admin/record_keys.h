// The keys of the records that this folder keeps (their values: proto/livecounter/storage/v1/records.proto).
// Each kind has a prefix of its own, and within it the byte order of the resource names. Pure; any thread.

#ifndef LIVECOUNTER_SERVICES_ADMIN_RECORD_KEYS_H_
#define LIVECOUNTER_SERVICES_ADMIN_RECORD_KEYS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace livecounter::admin {

// A kind of records, and what its keys go on with.
inline constexpr absl::string_view kAccountKind = "account:";       // name of the account
inline constexpr absl::string_view kProductKind = "product:";       // name of the product
inline constexpr absl::string_view kApiKeyKind = "api-key:";        // name of the API key
inline constexpr absl::string_view kChildrenKind = "children:";     // name of an account or product
inline constexpr absl::string_view kKeyStringKind = "key-string:";  // the API key's string
inline constexpr absl::string_view kEmailKind = "email:";           // in lower case
inline constexpr absl::string_view kRequestKind = "request:";       // hash of caller and request id
inline constexpr absl::string_view kPasswordKind = "password:";     // name of the account
inline constexpr absl::string_view kSessionKind = "session:";       // hash of the token
inline constexpr absl::string_view kPurgeKind = "purge:";           // name of the product
inline constexpr absl::string_view kPassedTestKind =
    "passed-test:";                                                // hash of product and endpoint
inline constexpr absl::string_view kTokenSaltKind = "token-salt";  // one record only

inline std::string RecordKey(absl::string_view kind, absl::string_view rest) {
  return absl::StrCat(kind, rest);
}

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_RECORD_KEYS_H_
