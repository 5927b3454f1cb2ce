#include "services/runtime/principal.h"

#include "absl/strings/str_cat.h"
#include "services/runtime/grpc_status.h"
#include "wire/names.h"

namespace livecounter::runtime {

absl::Status NoSuch(absl::string_view what, absl::string_view name) {
  return WithReason(absl::NotFoundError(absl::StrCat("no ", what, " ", name)), "RESOURCE_NOT_FOUND",
                    {{"resource", name}});
}

absl::Status CheckOperator(const Principal& caller) {
  if (caller.is_operator) return absl::OkStatus();
  return WithReason(absl::PermissionDeniedError("only operators may do this; call it with the "
                                                "operator's token"),
                    "OPERATOR_ONLY");
}

absl::Status CheckOwner(const Principal& caller, absl::string_view what, absl::string_view name) {
  const absl::string_view account = wire::AccountOf(name);
  if (caller.is_operator) return absl::OkStatus();
  if (absl::Status form = wire::CheckAccountName(account); !form.ok()) return form;
  return account == caller.account ? absl::OkStatus() : NoSuch(what, name);
}

}  // namespace livecounter::runtime
