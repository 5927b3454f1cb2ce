#include "services/admin/demo_data.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/admin/products.h"
#include "services/admin/record_access.h"
#include "wire/field.h"
#include "wire/names.h"
#include "wire/origin.h"

namespace livecounter::admin {
namespace {

constexpr absl::string_view kKey = "demo";

using Writes = std::vector<counter::RecordWrite>;

storage::v1::ChildrenRecord ChildrenOf(int count) {
  storage::v1::ChildrenRecord children;
  children.set_count(count);
  return children;
}

Product MakeProduct(absl::string_view name, const std::string& title, const CatalogParts& parts) {
  v1::Product fields;
  fields.set_display_name(title);
  fields.add_allowed_origins(std::string(wire::kAnyOrigin));
  return Products::Make(std::string(name), fields, parts);
}

// The product and its only key, whose ID is the key itself.
void AddProduct(const Product& product, absl::string_view key, Writes* writes) {
  const std::string key_name = absl::StrCat(product.name, "/keys/", key);
  storage::v1::ApiKeyRecord key_record;
  key_record.set_key(std::string(key));
  *key_record.mutable_create_time() = product.data.create_time();
  storage::v1::OwnerRecord owner;
  owner.set_owner(key_name);
  writes->push_back(Put(kProductKind, product.name, product.data, 0));
  writes->push_back(Put(kChildrenKind, product.name, ChildrenOf(1), 0));
  writes->push_back(Put(kApiKeyKind, key_name, key_record, 0));
  writes->push_back(Put(kKeyStringKind, key, owner, 0));
}

}  // namespace

bool CatalogIsEmpty(const Catalog& catalog) { return catalog.ListAccounts("", 1).empty(); }

absl::Status LoadDemoCatalog(const CatalogParts& parts, absl::string_view endpoint_uri) {
  const std::string account_name(wire::AccountOf(kDemoProduct));
  storage::v1::AccountRecord account;
  account.set_display_name("Demo");
  account.set_active(true);
  wire::EncodeTime(parts.clock.Now(), account.mutable_create_time());

  Writes writes = {Put(kAccountKind, account_name, account, 0),
                   Put(kChildrenKind, account_name, ChildrenOf(endpoint_uri.empty() ? 1 : 2), 0)};
  AddProduct(MakeProduct(kDemoProduct, "Demo", parts), kKey, &writes);
  if (!endpoint_uri.empty()) {
    Product verified = MakeProduct(kVerifiedDemoProduct, "Demo, verified users only", parts);
    verified.data.set_endpoint_uri(std::string(endpoint_uri));
    verified.data.set_verification_enabled(true);
    AddProduct(verified, kVerifiedDemoKey, &writes);
  }
  return parts.records.Write(std::move(writes)).status();
}

}  // namespace livecounter::admin
