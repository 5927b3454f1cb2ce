// What a deployment shows before anybody has created anything (contract §1): the account `demo`, active, with
// a product `demo` that any origin may use, and its API key `demo`.

#ifndef LIVECOUNTER_SERVICES_ADMIN_DEMO_DATA_H_
#define LIVECOUNTER_SERVICES_ADMIN_DEMO_DATA_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/admin/catalog_parts.h"

namespace livecounter::admin {

inline constexpr absl::string_view kDemoProduct = "accounts/demo/products/demo";

// Whether there is no account at all.
bool CatalogIsEmpty(const Catalog& catalog);
// All of it in one write, where none of it is there. Blocks.
absl::Status LoadDemoCatalog(const CatalogParts& parts);

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_DEMO_DATA_H_
