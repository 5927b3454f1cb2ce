#include "services/admin/demo_data.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/admin/products.h"
#include "services/admin/record_access.h"
#include "wire/field.h"
#include "wire/names.h"
#include "wire/origin.h"

namespace livecounter::admin {
namespace {

constexpr char kKey[] = "demo";

}  // namespace

bool CatalogIsEmpty(const Catalog& catalog) { return catalog.ListAccounts("", 1).empty(); }

absl::Status LoadDemoCatalog(const CatalogParts& parts) {
  const std::string account_name(wire::AccountOf(kDemoProduct));
  storage::v1::AccountRecord account;
  account.set_display_name("Demo");
  account.set_active(true);
  wire::EncodeTime(parts.clock.Now(), account.mutable_create_time());
  storage::v1::ChildrenRecord one_child;
  one_child.set_count(1);

  v1::Product fields;
  fields.set_display_name("Demo");
  fields.add_allowed_origins(std::string(wire::kAnyOrigin));
  const Product product = Products::Make(std::string(kDemoProduct), fields, parts);

  const std::string key_name = absl::StrCat(kDemoProduct, "/keys/", kKey);
  storage::v1::ApiKeyRecord key;
  key.set_key(kKey);
  *key.mutable_create_time() = account.create_time();
  storage::v1::OwnerRecord owner;
  owner.set_owner(key_name);

  return parts.records
      .Write({Put(kAccountKind, account_name, account, 0),
              Put(kChildrenKind, account_name, one_child, 0),
              Put(kProductKind, kDemoProduct, product.data, 0),
              Put(kChildrenKind, kDemoProduct, one_child, 0), Put(kApiKeyKind, key_name, key, 0),
              Put(kKeyStringKind, kKey, owner, 0)})
      .status();
}

}  // namespace livecounter::admin
