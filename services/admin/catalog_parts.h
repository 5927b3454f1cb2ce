// What the methods on accounts, products and API keys are made of; all of it outlives them.

#ifndef LIVECOUNTER_SERVICES_ADMIN_CATALOG_PARTS_H_
#define LIVECOUNTER_SERVICES_ADMIN_CATALOG_PARTS_H_

#include "services/admin/catalog.h"
#include "services/admin/records.h"
#include "services/runtime/clock.h"
#include "services/runtime/random.h"

namespace livecounter::admin {

struct CatalogParts {
  Records& records;
  const Catalog& catalog;
  runtime::Clock& clock;
  runtime::Random& random;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_CATALOG_PARTS_H_
