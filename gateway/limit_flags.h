// The flags that say what one client, and one product, may have of a gateway (client_limits.h).

#ifndef LIVECOUNTER_GATEWAY_LIMIT_FLAGS_H_
#define LIVECOUNTER_GATEWAY_LIMIT_FLAGS_H_

#include "gateway/client_limits.h"
#include "services/runtime/flags.h"

namespace livecounter::gateway {

// --trusted_proxies, --max_connections_per_ip, and how many hits come in: --max_hits_per_second_per_ip,
// --max_hits_burst_per_ip, --max_hits_per_second, --max_hits_burst.
runtime::FlagGroup LimitFlags();

// What they say. After runtime::ParseCommandLine().
ClientLimits::Options ClientLimitsFromFlags();

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_LIMIT_FLAGS_H_
