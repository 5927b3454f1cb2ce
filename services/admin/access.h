// What a method asks of its caller (contract §5): the one place that says who may call what.

#ifndef LIVECOUNTER_SERVICES_ADMIN_ACCESS_H_
#define LIVECOUNTER_SERVICES_ADMIN_ACCESS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/runtime/principal.h"

namespace livecounter::admin {

// Made for one call: what it names outlives it.
class Access {
 public:
  static Access Operator() { return Access(Kind::kOperator, "", ""); }
  // The operator, and the sessions of the account that `name` stands in; `what` it names, for errors.
  static Access Owner(absl::string_view what, absl::string_view name) {
    return Access(Kind::kOwner, what, name);
  }
  static Access AnyCaller() { return Access(Kind::kAnyCaller, "", ""); }

  // Errors of principal.h.
  absl::Status Check(const runtime::Principal& caller) const {
    if (kind_ == Kind::kOperator) return runtime::CheckOperator(caller);
    if (kind_ == Kind::kOwner) return runtime::CheckOwner(caller, what_, name_);
    return absl::OkStatus();
  }

 private:
  enum class Kind { kOperator, kOwner, kAnyCaller };
  Access(Kind kind, absl::string_view what, absl::string_view name)
      : kind_(kind), what_(what), name_(name) {}

  Kind kind_;
  absl::string_view what_;
  absl::string_view name_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_ACCESS_H_
