#include "services/admin/sign_in/sign_in.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/admin/accounts.h"
#include "services/admin/checks.h"
#include "services/admin/children.h"
#include "services/admin/record_access.h"
#include "services/admin/secrets.h"
#include "services/runtime/grpc_status.h"
#include "wire/field.h"
#include "wire/names.h"

namespace livecounter::admin {
namespace {

using storage::v1::OwnerRecord;
using storage::v1::PasswordRecord;

// Longer than any that can have been set: not worth a hash.
constexpr size_t kMaxPasswordBytes = 256;

absl::Status Check(const v1::SignUpRequest& request) {
  absl::Status form = CheckEmail("email", request.email());
  if (form.ok()) form = CheckPassword("password", request.password());
  if (form.ok()) form = CheckDisplayName("display_name", request.display_name());
  return form;
}

absl::Status WrongCredentials() {
  return runtime::WithReason(absl::UnauthenticatedError("the e-mail or the password is wrong"),
                             "WRONG_CREDENTIALS");
}

absl::Status SignUpIsClosed() {
  return runtime::WithReason(
      absl::PermissionDeniedError("this deployment takes no sign-ups; ask its operator for an "
                                  "account"),
      "SIGN_UP_CLOSED");
}

v1::Session WithToken(const Sessions::NewSession& made) {
  v1::Session session = SignIn::Get(made.principal);
  session.set_token(made.token);
  return session;
}

PasswordRecord NewPassword(const std::string& hash, runtime::Random& random) {
  PasswordRecord record;
  record.set_hash(hash);
  record.set_id(random.Uint64());
  return record;
}

}  // namespace

absl::Status SignIn::Admit(const v1::SignInRequest& request) {
  if (absl::Status form = CheckEmail("email", request.email()); !form.ok()) return form;
  return throttle_.Take(EmailKey(request.email()));
}

void SignIn::Withdraw(const v1::SignInRequest& request) {
  throttle_.GiveBack(EmailKey(request.email()));
}

absl::StatusOr<v1::Session> SignIn::SignUp(const v1::SignUpRequest& request) {
  if (!options_.sign_up_is_open) return SignUpIsClosed();
  if (absl::Status form = Check(request); !form.ok()) return form;
  const absl::StatusOr<std::string> hash = passwords_.Hash(request.password());
  if (!hash.ok()) return hash.status();

  storage::v1::AccountRecord account;
  account.set_display_name(request.display_name());
  account.set_email(request.email());
  wire::EncodeTime(parts_.clock.Now(), account.mutable_create_time());
  return RetryConflicts([&]() -> absl::StatusOr<v1::Session> {
    const std::string name = absl::StrCat("accounts/", MakeResourceId(parts_.random));
    const PasswordRecord password = NewPassword(*hash, parts_.random);
    Sessions::NewSession session = sessions_.Make(name, password.id());
    std::vector<counter::RecordWrite> writes = std::move(session.writes);
    if (absl::Status added = Accounts::AddNew(parts_.records, name, account, &writes);
        !added.ok()) {
      return added;
    }
    writes.push_back(Put(kPasswordKind, name, password, 0));
    const auto written = parts_.records.Write(std::move(writes));
    if (!written.ok()) return written.status();
    return WithToken(session);
  });
}

absl::StatusOr<v1::Session> SignIn::Start(const v1::SignInRequest& request) {
  const std::string email = EmailKey(request.email());
  const auto owner = Load<OwnerRecord>(parts_.records, kEmailKind, email);
  if (!owner.ok()) return owner.status();
  const std::string account = *owner ? (*owner)->data.owner() : "";
  const auto password = Load<PasswordRecord>(parts_.records, kPasswordKind, account);
  if (!password.ok()) return password.status();
  // As long for an e-mail that nobody has: its answer tells nothing.
  const bool right = request.password().size() <= kMaxPasswordBytes &&
                     (*password ? passwords_.Matches((*password)->data.hash(), request.password())
                                : passwords_.MatchesNobody(request.password()));
  if (!right) return WrongCredentials();
  throttle_.Forget(email);

  Sessions::NewSession session = sessions_.Make(account, (*password)->data.id());
  const auto written = parts_.records.Write(std::move(session.writes));
  if (!written.ok()) return written.status();
  return WithToken(session);
}

absl::Status SignIn::SignOut(const runtime::Principal& caller) {
  if (caller.is_operator) {
    return absl::FailedPreconditionError(
        "the operator's token is not a session; it is good until its file is replaced");
  }
  return parts_.records.Write({Sessions::End(caller.session)}).status();
}

v1::Session SignIn::Get(const runtime::Principal& caller) {
  v1::Session session;
  session.set_account(caller.account);
  session.set_operator_(caller.is_operator);
  if (!caller.is_operator) wire::EncodeTime(caller.expire_time, session.mutable_expire_time());
  return session;
}

absl::Status SignIn::SetPassword(const runtime::Principal& caller,
                                 const v1::SetPasswordRequest& request) {
  const std::string account = request.name().empty() ? caller.account : request.name();
  if (absl::Status form = wire::CheckAccountName(account); !form.ok()) return form;
  if (absl::Status form = CheckPassword("new_password", request.new_password()); !form.ok()) {
    return form;
  }
  if (!caller.is_operator) {
    absl::Status known = CheckCurrent(account, request.current_password());
    if (!known.ok()) return known;
  }
  const absl::StatusOr<std::string> hash = passwords_.Hash(request.new_password());
  if (!hash.ok()) return hash.status();
  return RetryConflicts([&] { return TrySetPassword(caller, account, *hash); }).status();
}

absl::Status SignIn::CheckCurrent(const std::string& account, const std::string& password) {
  if (absl::Status admitted = throttle_.Take(account); !admitted.ok()) return admitted;
  const auto known = Load<PasswordRecord>(parts_.records, kPasswordKind, account);
  if (!known.ok()) return known.status();
  if (!*known || password.size() > kMaxPasswordBytes ||
      !passwords_.Matches((*known)->data.hash(), password)) {
    return runtime::WithReason(absl::UnauthenticatedError("current_password is wrong"),
                               "WRONG_CREDENTIALS");
  }
  throttle_.Forget(account);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SignIn::TrySetPassword(const runtime::Principal& caller,
                                                const std::string& account,
                                                const std::string& hash) {
  // Written too, so that the account cannot be deleted meanwhile and leave its password behind.
  const auto children = LoadChildren(parts_.records, "account", account);
  if (!children.ok()) return children.status();
  const auto known = Load<PasswordRecord>(parts_.records, kPasswordKind, account);
  if (!known.ok()) return known.status();
  const PasswordRecord password = NewPassword(hash, parts_.random);
  std::vector<counter::RecordWrite> writes = {
      Put(kPasswordKind, account, password, *known ? (*known)->version : 0)};
  AddCount(*children, 0, &writes);
  for (const std::string& session : sessions_.Of(account)) {
    writes.push_back(session == caller.session ? sessions_.Keep(caller, password.id())
                                               : Sessions::End(session));
  }
  return parts_.records.Write(std::move(writes));
}

}  // namespace livecounter::admin
