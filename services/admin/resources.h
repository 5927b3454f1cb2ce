// Resources as clients see them. Pure; any thread.

#ifndef LIVECOUNTER_SERVICES_ADMIN_RESOURCES_H_
#define LIVECOUNTER_SERVICES_ADMIN_RESOURCES_H_

#include "livecounter/v1/admin_service.pb.h"
#include "services/admin/catalog.h"

namespace livecounter::admin {

v1::Account ToMessage(const Account& account);
v1::Product ToMessage(const Product& product);
v1::ApiKey ToMessage(const ApiKey& key);

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_RESOURCES_H_
