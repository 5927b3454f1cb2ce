#include "gateway/client_limits.h"

#include "gateway/client_address.h"

namespace livecounter::gateway {

ClientLimits::ClientLimits(const Options& options)
    : trusted_proxies_(options.trusted_proxies),
      connections_(options.max_connections_per_ip),
      hits_per_ip_(options.hits_per_ip),
      hits_per_product_(options.hits_per_product) {}

absl::optional<AddressConnections::Place> ClientLimits::TakePlace(const Request& request) {
  return connections_.Take(ClientAddress(request, trusted_proxies_));
}

absl::optional<ClientLimits::TooManyHits> ClientLimits::TakeHit(const Request& request,
                                                                const Product& product,
                                                                absl::Time now) {
  const runtime::IpAddress site = ClientAddress(request, trusted_proxies_).Site();
  // The client first: one that sends too much takes nothing of what the product has for all.
  absl::Duration wait = hits_per_ip_.Take(site, now);
  if (wait > absl::ZeroDuration()) return TooManyHits{/*of_product=*/false, wait};
  wait = hits_per_product_.Take(product.name, now);
  if (wait > absl::ZeroDuration()) return TooManyHits{/*of_product=*/true, wait};
  return absl::nullopt;
}

}  // namespace livecounter::gateway
