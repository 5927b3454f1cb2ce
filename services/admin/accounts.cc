#include "services/admin/accounts.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/admin/checks.h"
#include "services/admin/children.h"
#include "services/admin/products.h"
#include "services/admin/record_access.h"
#include "services/admin/request_log.h"
#include "services/admin/resources.h"
#include "services/admin/secrets.h"
#include "services/runtime/grpc_status.h"
#include "wire/field.h"
#include "wire/names.h"
#include "wire/page_token.h"

namespace livecounter::admin {
namespace {

using storage::v1::AccountRecord;
using storage::v1::ChildrenRecord;
using storage::v1::OwnerRecord;
using Writes = std::vector<counter::RecordWrite>;

constexpr absl::string_view kPrefix = "accounts/";

absl::Status CheckFields(const v1::Account& account) {
  absl::Status form = CheckDisplayName("account.display_name", account.display_name());
  if (form.ok() && !account.email().empty()) form = CheckEmail("account.email", account.email());
  return form;
}

absl::Status Check(const v1::CreateAccountRequest& request) {
  absl::Status form = CheckNewId("account_id", request.account_id());
  if (form.ok()) form = CheckFields(request.account());
  if (form.ok()) form = CheckRequestId(request.request_id());
  return form;
}

absl::StatusOr<Account> LoadAccount(Records& records, const std::string& name) {
  auto account = Load<AccountRecord>(records, kAccountKind, name);
  if (!account.ok()) return account.status();
  if (!*account) return runtime::NoSuch("account", name);
  return **std::move(account);
}

absl::Status EmailTaken() {
  return runtime::WithReason(
      absl::AlreadyExistsError("email: another account has it; each signs in with its own"),
      "EMAIL_TAKEN");
}

// Makes the e-mail lead to the account.
absl::Status AddEmail(Records& records, absl::string_view email, absl::string_view account,
                      Writes* writes) {
  const std::string key = EmailKey(email);
  const auto taken = Load<OwnerRecord>(records, kEmailKind, key);
  if (!taken.ok()) return taken.status();
  if (*taken) return EmailTaken();
  OwnerRecord owner;
  owner.set_owner(std::string(account));
  writes->push_back(Put(kEmailKind, key, owner, 0));
  return absl::OkStatus();
}

absl::Status HasProducts(const Children& children) {
  return runtime::WithReason(
      absl::FailedPreconditionError(absl::StrCat(children.name, " has ", children.data.count(),
                                                 " product(s); delete them first, or set force")),
      "ACCOUNT_HAS_PRODUCTS");
}

absl::Status RemoveIfThere(Records& records, absl::string_view kind, absl::string_view rest,
                           Writes* writes) {
  const auto record = records.Find(RecordKey(kind, rest));
  if (!record.ok()) return record.status();
  if (*record) writes->push_back(Remove(kind, rest, (*record)->version));
  return absl::OkStatus();
}

}  // namespace

absl::Status Accounts::AddNew(Records& records, absl::string_view name,
                              const AccountRecord& account, Writes* writes) {
  const auto taken = Load<AccountRecord>(records, kAccountKind, name);
  if (!taken.ok()) return taken.status();
  if (*taken) {
    return runtime::WithReason(
        absl::AlreadyExistsError(absl::StrCat(name, " exists already; take another account_id")),
        "ACCOUNT_EXISTS", {{"resource", name}});
  }
  writes->push_back(Put(kAccountKind, name, account, 0));
  writes->push_back(Put(kChildrenKind, name, ChildrenRecord(), 0));
  if (account.email().empty()) return absl::OkStatus();
  return AddEmail(records, account.email(), name, writes);
}

absl::StatusOr<v1::Account> Accounts::Create(const runtime::Principal& caller,
                                             const v1::CreateAccountRequest& request) {
  if (absl::Status form = Check(request); !form.ok()) return form;
  const RepeatableCall call(caller, request.request_id(), request);
  return RetryConflicts([&]() -> absl::StatusOr<v1::Account> {
    const absl::StatusOr<std::string> made = call.FindMade(parts_.records);
    if (!made.ok()) return made.status();
    if (!made->empty()) return ReadNow(*made);

    Account account;
    account.name =
        absl::StrCat(kPrefix, request.account_id().empty() ? MakeResourceId(parts_.random)
                                                           : request.account_id());
    account.data.set_display_name(request.account().display_name());
    account.data.set_email(request.account().email());
    wire::EncodeTime(parts_.clock.Now(), account.data.mutable_create_time());
    Writes writes;
    absl::Status added = AddNew(parts_.records, account.name, account.data, &writes);
    if (!added.ok()) return added;
    if (request.validate_only()) return ToMessage(account);
    call.AddRecord(account.name, parts_.clock.Now(), &writes);
    return Commit(std::move(account), std::move(writes));
  });
}

absl::StatusOr<v1::Account> Accounts::Get(const v1::GetAccountRequest& request) const {
  if (absl::Status form = wire::CheckAccountName(request.name()); !form.ok()) return form;
  const std::shared_ptr<const Account> account = parts_.catalog.FindAccount(request.name());
  if (account == nullptr) return runtime::NoSuch("account", request.name());
  return ToMessage(*account);
}

absl::StatusOr<v1::ListAccountsResponse> Accounts::List(
    const runtime::Principal& caller, const v1::ListAccountsRequest& request) const {
  const auto page = CheckPage(kPrefix, request.page_size(), request.page_token());
  if (!page.ok()) return page.status();
  v1::ListAccountsResponse response;
  if (!caller.is_operator) {
    const auto own = parts_.catalog.FindAccount(caller.account);
    if (own != nullptr && own->name > page->after) *response.add_accounts() = ToMessage(*own);
    return response;
  }
  const auto found = parts_.catalog.ListAccounts(page->after, page->limit + 1);
  for (const auto& account : found) {
    if (static_cast<size_t>(response.accounts_size()) == page->limit) {
      response.set_next_page_token(
          wire::MakePageToken(kPrefix, response.accounts().rbegin()->name()));
      break;
    }
    *response.add_accounts() = ToMessage(*account);
  }
  return response;
}

absl::StatusOr<v1::Account> Accounts::Update(const v1::UpdateAccountRequest& request) {
  const v1::Account& wanted = request.account();
  if (absl::Status form = wire::CheckAccountName(wanted.name()); !form.ok()) return form;
  const auto fields = CheckMask(request.update_mask(), wanted, {"display_name", "email"});
  if (!fields.ok()) return fields.status();
  if (absl::Status form = CheckFields(Only(*fields, wanted)); !form.ok()) return form;
  return RetryConflicts([&]() -> absl::StatusOr<v1::Account> {
    auto account = LoadAccount(parts_.records, wanted.name());
    if (!account.ok()) return account.status();
    if (absl::Status etag = CheckEtag(wanted.etag(), account->version); !etag.ok()) return etag;
    Writes writes;
    for (absl::string_view field : *fields) {
      if (field == "display_name") account->data.set_display_name(wanted.display_name());
      if (field != "email") continue;
      absl::Status moved = MoveEmail(account->name, account->data.email(), wanted.email(), &writes);
      if (!moved.ok()) return moved;
      account->data.set_email(wanted.email());
    }
    if (request.validate_only()) return ToMessage(*account);
    writes.push_back(Put(kAccountKind, account->name, account->data, account->version));
    return Commit(*std::move(account), std::move(writes));
  });
}

absl::StatusOr<v1::Account> Accounts::Activate(const v1::ActivateAccountRequest& request) {
  return SetActive(request.name(), /*active=*/true);
}

absl::StatusOr<v1::Account> Accounts::Deactivate(const v1::DeactivateAccountRequest& request) {
  return SetActive(request.name(), /*active=*/false);
}

absl::Status Accounts::Delete(const v1::DeleteAccountRequest& request) {
  if (absl::Status form = wire::CheckAccountName(request.name()); !form.ok()) return form;
  return RetryConflicts([&] { return TryDelete(request); }).status();
}

absl::StatusOr<v1::Account> Accounts::ReadNow(const std::string& name) const {
  const auto account = LoadAccount(parts_.records, name);
  if (!account.ok()) return account.status();
  return ToMessage(*account);
}

absl::StatusOr<v1::Account> Accounts::Commit(Account account, Writes writes) {
  const absl::StatusOr<uint64_t> version = parts_.records.Write(std::move(writes));
  if (!version.ok()) return version.status();
  account.version = *version;
  return ToMessage(account);
}

absl::Status Accounts::MoveEmail(absl::string_view account, absl::string_view from,
                                 absl::string_view to, Writes* writes) {
  if (EmailKey(from) == EmailKey(to)) return absl::OkStatus();
  if (!to.empty()) {
    if (absl::Status added = AddEmail(parts_.records, to, account, writes); !added.ok()) {
      return added;
    }
  }
  return from.empty() ? absl::OkStatus()
                      : RemoveIfThere(parts_.records, kEmailKind, EmailKey(from), writes);
}

absl::StatusOr<v1::Account> Accounts::SetActive(const std::string& name, bool active) {
  if (absl::Status form = wire::CheckAccountName(name); !form.ok()) return form;
  return RetryConflicts([&]() -> absl::StatusOr<v1::Account> {
    auto account = LoadAccount(parts_.records, name);
    if (!account.ok()) return account.status();
    if (account->data.active() == active) return ToMessage(*account);
    account->data.set_active(active);
    Writes writes = {Put(kAccountKind, name, account->data, account->version)};
    return Commit(*std::move(account), std::move(writes));
  });
}

absl::StatusOr<uint64_t> Accounts::TryDelete(const v1::DeleteAccountRequest& request) {
  const auto account = LoadAccount(parts_.records, request.name());
  if (!account.ok()) return account.status();
  if (absl::Status etag = CheckEtag(request.etag(), account->version); !etag.ok()) return etag;
  auto children = LoadChildren(parts_.records, "account", account->name);
  if (!children.ok()) return children.status();
  if (children->data.count() > 0 && !request.force()) return HasProducts(*children);
  if (request.validate_only()) return account->version;

  if (children->data.count() > 0) {
    absl::Status deleted = products_.DeleteAll(account->name);
    if (!deleted.ok()) return deleted;
    children = LoadChildren(parts_.records, "account", account->name);
    if (!children.ok()) return children.status();
    if (children->data.count() > 0) {
      return absl::AbortedError("a product was created meanwhile; delete the account again");
    }
  }
  Writes writes = {Remove(kAccountKind, account->name, account->version),
                   Remove(kChildrenKind, account->name, children->version)};
  absl::Status added = RemoveIfThere(parts_.records, kPasswordKind, account->name, &writes);
  if (added.ok() && !account->data.email().empty()) {
    added = RemoveIfThere(parts_.records, kEmailKind, EmailKey(account->data.email()), &writes);
  }
  if (!added.ok()) return added;
  return parts_.records.Write(std::move(writes));
}

}  // namespace livecounter::admin
