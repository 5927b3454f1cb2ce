// GetUsage (proto/…/admin_service.proto), without gRPC: what to read, and what was read.

#ifndef LIVECOUNTER_SERVICES_ADMIN_USAGE_H_
#define LIVECOUNTER_SERVICES_ADMIN_USAGE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/usage.h"
#include "livecounter/v1/admin_service.pb.h"
#include "services/admin/catalog.h"
#include "services/counter/engine.h"

namespace livecounter::admin {

// What to read for a page: one entry more than it holds, which tells whether there is another page.
// `own` is the account of the session that asks, null for an operator: it sees nothing older than its account,
// whose id may have been another customer's before, and `accounts/-` means its own. INVALID_ARGUMENT for a
// name, times or a page that are not of their form, and for more than 400 days.
absl::StatusOr<counter::UsageQuery> CheckUsage(const v1::GetUsageRequest& request,
                                               const Account* own, absl::Time now);

// Whatever there is of `name` in all time that the same caller may see: one entry of it.
counter::UsageQuery AnyUsage(const std::string& name, const Account* own);

// The page of what was read for `query`.
v1::GetUsageResponse ToMessage(const counter::UsageQuery& query,
                               const std::vector<UsageEntry>& usage);

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_USAGE_H_
