#include "gateway/client_limits.h"

#include <algorithm>

#include "gateway/client_address.h"

namespace livecounter::gateway {

namespace {

absl::optional<TokenBucket::Rate> OwnRate(const Product& product) {
  if (product.max_hits_per_second <= 0) return absl::nullopt;
  return TokenBucket::PerSecond(product.max_hits_per_second);
}

}  // namespace

ClientLimits::ClientLimits(const Options& options) : options_(options) {}

absl::optional<AddressConnections::Place> ClientLimits::TakePlace(const Request& request,
                                                                  const Product& product) {
  const runtime::IpAddress address = ClientAddress(request, options_.trusted_proxies);
  const int64_t of_all = options_.max_connections_per_ip;
  const int64_t own = product.max_connections_per_ip;
  if (own <= 0) return connections_.Take(address, "", of_all);
  return connections_.Take(address, product.name, of_all > 0 ? std::min(own, of_all) : own);
}

absl::optional<ClientLimits::TooManyHits> ClientLimits::TakeHit(const Request& request,
                                                                const Product& product,
                                                                absl::Time now) {
  const runtime::IpAddress site = ClientAddress(request, options_.trusted_proxies).Site();
  // The client first: one that sends too much takes nothing of what the product has for all.
  absl::Duration wait = hits_per_ip_.Take(site, options_.hits_per_ip, now);
  if (wait > absl::ZeroDuration()) return TooManyHits{/*of_product=*/false, wait};
  const absl::optional<TokenBucket::Rate> own = OwnRate(product);
  wait = hits_per_product_.Take(product.name, own ? own : options_.hits_per_product, now);
  if (wait > absl::ZeroDuration()) return TooManyHits{/*of_product=*/true, wait};
  return absl::nullopt;
}

}  // namespace livecounter::gateway
