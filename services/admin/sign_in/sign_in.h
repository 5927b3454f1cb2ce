// AdminService's methods on sessions and passwords (proto/…/admin_service.proto), without gRPC, as
// ../accounts.h. SignUp(), SignIn() and SetPassword() compute for tens of milliseconds.

#ifndef LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_SIGN_IN_H_
#define LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_SIGN_IN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "livecounter/v1/admin_service.pb.h"
#include "services/admin/catalog_parts.h"
#include "services/admin/sign_in/failure_throttle.h"
#include "services/admin/sign_in/passwords.h"
#include "services/admin/sign_in/sessions.h"
#include "services/runtime/principal.h"

namespace livecounter::admin {

class SignIn {
 public:
  struct Options {
    bool sign_up_is_open = true;
    Passwords::Cost password_cost = {};
  };

  // `sessions` outlives it.
  SignIn(Options options, CatalogParts parts, Sessions& sessions)
      : options_(options),
        parts_(parts),
        sessions_(sessions),
        passwords_(options.password_cost),
        throttle_(parts.clock) {}

  // Whether a sign-in with this e-mail may be tried now. Does not compute: asked before it waits for its
  // turn.
  absl::Status Admit(const v1::SignInRequest& request);
  // In place of Start(), where there was no turn for it: costs none of the e-mail's attempts.
  void Withdraw(const v1::SignInRequest& request);

  absl::StatusOr<v1::Session> SignUp(const v1::SignUpRequest& request);
  // After Admit().
  absl::StatusOr<v1::Session> Start(const v1::SignInRequest& request);
  absl::Status SignOut(const runtime::Principal& caller);
  static v1::Session Get(const runtime::Principal& caller);
  absl::Status SetPassword(const runtime::Principal& caller, const v1::SetPasswordRequest& request);

 private:
  // UNAUTHENTICATED unless it is the account's password.
  absl::Status CheckCurrent(const std::string& account, const std::string& password);
  absl::StatusOr<uint64_t> TrySetPassword(const runtime::Principal& caller,
                                          const std::string& account, const std::string& hash);

  const Options options_;
  CatalogParts parts_;
  Sessions& sessions_;
  Passwords passwords_;
  FailureThrottle throttle_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_SIGN_IN_H_
