// AdminService's methods on accounts (proto/…/admin_service.proto), without gRPC: a request of somebody who
// may make it goes in, the answer or what was wrong comes out, durable. Any thread that may block.

#ifndef LIVECOUNTER_SERVICES_ADMIN_ACCOUNTS_H_
#define LIVECOUNTER_SERVICES_ADMIN_ACCOUNTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "livecounter/v1/admin_service.pb.h"
#include "services/admin/catalog_parts.h"
#include "services/runtime/principal.h"

namespace livecounter::admin {

class Products;

class Accounts {
 public:
  // `products` deletes those of an account; outlives it.
  Accounts(CatalogParts parts, Products& products) : parts_(parts), products_(products) {}

  absl::StatusOr<v1::Account> Create(const runtime::Principal& caller,
                                     const v1::CreateAccountRequest& request);
  absl::StatusOr<v1::Account> Get(const v1::GetAccountRequest& request) const;
  // Of a session: its own account only.
  absl::StatusOr<v1::ListAccountsResponse> List(const runtime::Principal& caller,
                                                const v1::ListAccountsRequest& request) const;
  absl::StatusOr<v1::Account> Update(const v1::UpdateAccountRequest& request);
  absl::StatusOr<v1::Account> Activate(const v1::ActivateAccountRequest& request);
  absl::StatusOr<v1::Account> Deactivate(const v1::DeactivateAccountRequest& request);
  absl::Status Delete(const v1::DeleteAccountRequest& request);

  // Adds what a new account is to `writes`, with its e-mail's entry: for Create() and sign-up.
  // ALREADY_EXISTS where the name or the e-mail is taken.
  static absl::Status AddNew(Records& records, absl::string_view name,
                             const storage::v1::AccountRecord& account,
                             std::vector<counter::RecordWrite>* writes);

 private:
  using Writes = std::vector<counter::RecordWrite>;

  // As the store has it.
  absl::StatusOr<v1::Account> ReadNow(const std::string& name) const;
  absl::StatusOr<v1::Account> Commit(Account account, Writes writes);
  absl::Status MoveEmail(absl::string_view account, absl::string_view from, absl::string_view to,
                         Writes* writes);
  absl::StatusOr<v1::Account> SetActive(const std::string& name, bool active);
  absl::StatusOr<uint64_t> TryDelete(const v1::DeleteAccountRequest& request);

  CatalogParts parts_;
  Products& products_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_ACCOUNTS_H_
