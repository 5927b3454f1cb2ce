// Names as people write them, and the resource names of the API that they stand for.
//
// A name may be given in full, `accounts/demo/products/shop/counters/a%2Fb`, or short,
// `demo/shop/a/b`: the same ids with `/` between them, the counter's as it is, without
// percent-encoding. With a default account the first id may be left out as long as what remains
// cannot be taken for a name with one: `shop`, `shop/7`. Pure; any thread.

#ifndef LIVECOUNTER_CLI_NAMES_H_
#define LIVECOUNTER_CLI_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::cli {

// Each turns `text` into a full name. `account` is the default account, as an id or a full name, or
// empty. UsageError() says what is accepted.

// `demo`, `accounts/demo`; empty: the default account.
absl::StatusOr<std::string> AccountName(absl::string_view text, absl::string_view account);
// `demo/shop`, `shop`.
absl::StatusOr<std::string> ProductName(absl::string_view text, absl::string_view account);
// `demo/shop/k1`, `shop/k1`.
absl::StatusOr<std::string> ApiKeyName(absl::string_view text, absl::string_view account);
// `demo/shop/7`, `shop/7`; `demo/shop/https://shop.example/page` needs its account.
absl::StatusOr<std::string> CounterName(absl::string_view text, absl::string_view account);

// A parent and the last id of a name, for requests that create: `demo/shop` is the account
// `accounts/demo` and the id `shop`.
struct NewName {
  std::string parent;
  std::string id;  // not encoded
};
absl::StatusOr<NewName> NewProductName(absl::string_view text, absl::string_view account);
absl::StatusOr<NewName> NewCounterName(absl::string_view text, absl::string_view account);

// The short form of a full name, which can be given back: `demo/shop/a/b`. What is no full name stays
// as it is.
std::string ShortName(absl::string_view name);

}  // namespace livecounter::cli

#endif  // LIVECOUNTER_CLI_NAMES_H_
