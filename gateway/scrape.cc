#include "gateway/scrape.h"

#include <algorithm>

#include "observability/program_metrics.h"

namespace livecounter::gateway {
namespace {

// Seconds since then: 0 for InfiniteFuture, and where the clock was set back.
double SecondsSince(absl::Time since, absl::Time now) {
  return std::max(absl::ToDoubleSeconds(now - since), 0.0);
}

}  // namespace

void UpdateMetrics(const Gateway& gateway, const EdgeCounterClient& client,
                   const CatalogClient& catalog, runtime::Clock& clock,
                   observability::GatewayMetrics& metrics) {
  const absl::Time now = clock.Now();
  metrics.canary_age().Set(absl::ToDoubleSeconds(gateway.CanaryAge()));
  metrics.upstream_connected().Set(client.LostSince() == absl::InfiniteFuture() ? 1 : 0);
  const EdgeCounterClient::UsageStatus usage = client.Usage();
  metrics.usage_unsent_age().Set(SecondsSince(usage.uncounted_since, now));
  metrics.usage_unsent_connections().Set(static_cast<double>(usage.uncounted));
  observability::RaiseTo(static_cast<double>(usage.journal_failures),
                         metrics.usage_journal_failures());
  metrics.catalog_products().Set(static_cast<double>(catalog.products()));
  metrics.catalog_lost().Set(SecondsSince(catalog.LostSince(), now));
  observability::RaiseTo(static_cast<double>(catalog.changes()), metrics.catalog_changes());
}

}  // namespace livecounter::gateway
