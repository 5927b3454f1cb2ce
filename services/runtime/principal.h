// Who a call speaks for, and what that lets it do (contract §5): the operator may do everything, an
// account's session sees and touches its own account only. What belongs to another account is NOT_FOUND,
// as if it did not exist; what only operators may do is PERMISSION_DENIED.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_PRINCIPAL_H_
#define LIVECOUNTER_SERVICES_RUNTIME_PRINCIPAL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace livecounter::runtime {

struct Principal {
  bool is_operator = false;
  // Of a session: `accounts/{account}`.
  std::string account = {};
  // Of a session: which one, and when it ends. Not the token.
  std::string session = {};
  absl::Time expire_time = absl::InfiniteFuture();
};

// Knows tokens. Any thread.
class PrincipalResolver {
 public:
  virtual ~PrincipalResolver() = default;
  // UnknownToken() for one that nobody has, or whose time is over. Does not block.
  virtual absl::StatusOr<Principal> Resolve(absl::string_view token) const = 0;
};

// NOT_FOUND: "no account accounts/a", for the reason RESOURCE_NOT_FOUND.
absl::Status NoSuch(absl::string_view what, absl::string_view name);

// PERMISSION_DENIED unless `caller` is the operator.
absl::Status CheckOperator(const Principal& caller);
// NoSuch() unless `name`, of an account or of something in one, is the caller's to see;
// INVALID_ARGUMENT where it names no account.
absl::Status CheckOwner(const Principal& caller, absl::string_view what, absl::string_view name);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_PRINCIPAL_H_
