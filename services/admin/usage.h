// GetUsage (proto/…/admin_service.proto), without gRPC: what to read, and what was read.

#ifndef LIVECOUNTER_SERVICES_ADMIN_USAGE_H_
#define LIVECOUNTER_SERVICES_ADMIN_USAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/usage.h"
#include "livecounter/v1/admin_service.pb.h"

namespace livecounter::admin {

// As CounterEngine::ReadUsage() takes it.
struct UsageRange {
  std::string name;
  int64_t from = 0;  // an hour's begin, in seconds since 1970
  int64_t to = 0;
};

// INVALID_ARGUMENT for a name or times that are not of their form, and for more than 400 days.
absl::StatusOr<UsageRange> CheckUsage(const v1::GetUsageRequest& request, absl::Time now);

v1::GetUsageResponse ToMessage(const std::vector<UsageEntry>& usage);

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_USAGE_H_
