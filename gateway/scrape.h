// Brings a gateway's metrics up to date that are ages and states, just before they are shown.

#ifndef LIVECOUNTER_GATEWAY_SCRAPE_H_
#define LIVECOUNTER_GATEWAY_SCRAPE_H_

#include "gateway/gateway.h"
#include "gateway/upstream/catalog_client.h"
#include "gateway/upstream/edge_counter_client.h"
#include "observability/gateway_metrics.h"
#include "services/runtime/clock.h"

namespace livecounter::gateway {

// From one thread at a time.
void UpdateMetrics(const Gateway& gateway, const EdgeCounterClient& client,
                   const CatalogClient& catalog, runtime::Clock& clock,
                   observability::GatewayMetrics& metrics);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_SCRAPE_H_
