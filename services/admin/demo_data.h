// What a deployment shows before anybody has created anything (contract §1): the account `demo`, active, with
// a product `demo` that any origin may use, and its API key `demo`. Where the process has a customer's server
// for it, also a product `verified`, which counts that customer's users only, and its API key `demo-verified`.

#ifndef LIVECOUNTER_SERVICES_ADMIN_DEMO_DATA_H_
#define LIVECOUNTER_SERVICES_ADMIN_DEMO_DATA_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/admin/catalog_parts.h"

namespace livecounter::admin {

inline constexpr absl::string_view kDemoProduct = "accounts/demo/products/demo";
inline constexpr absl::string_view kVerifiedDemoProduct = "accounts/demo/products/verified";
inline constexpr absl::string_view kVerifiedDemoKey = "demo-verified";

// Whether there is no account at all.
bool CatalogIsEmpty(const Catalog& catalog);
// All of it in one write, where none of it is there. `endpoint_uri` is where the product `verified` asks; empty:
// there is no such product. Blocks.
absl::Status LoadDemoCatalog(const CatalogParts& parts, absl::string_view endpoint_uri = "");

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_DEMO_DATA_H_
