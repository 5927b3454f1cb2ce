// What one client, and one product, may have of this gateway, over all event loops (contract §2, §3).
// Everything is without a limit unless it is given one.

#ifndef LIVECOUNTER_GATEWAY_CLIENT_LIMITS_H_
#define LIVECOUNTER_GATEWAY_CLIENT_LIMITS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/token_bucket.h"
#include "gateway/address_connections.h"
#include "gateway/catalog.h"
#include "gateway/rate_limiter.h"
#include "gateway/transport.h"
#include "services/runtime/ip_address.h"

namespace livecounter::gateway {

// Any thread. A client is an address as ClientAddress() finds it, of IPv6 the /64.
class ClientLimits {
 public:
  struct Options {
    runtime::IpRanges trusted_proxies = {};
    int64_t max_connections_per_ip = 0;  // open streams; 0 for no limit
    absl::optional<TokenBucket::Rate> hits_per_ip = {};
    absl::optional<TokenBucket::Rate> hits_per_product = {};
  };
  explicit ClientLimits(const Options& options);

  // A place for a stream of the request's client; nothing where it has as many as it may: of all
  // products together, or of this one where that has a limit of its own, which may be lower than
  // Options::max_connections_per_ip and counts as that where it is higher.
  absl::optional<AddressConnections::Place> TakePlace(const Request& request,
                                                      const Product& product);

  struct TooManyHits {
    bool of_product;      // else of the client
    absl::Duration wait;  // until one more may come
  };
  // Takes a hit of the request's client, and of the product if the client may. Or says why not. A rate of
  // the product's own goes before Options::hits_per_product.
  absl::optional<TooManyHits> TakeHit(const Request& request, const Product& product,
                                      absl::Time now);

 private:
  const Options options_;
  AddressConnections connections_;
  RateLimiter<runtime::IpAddress> hits_per_ip_;
  RateLimiter<std::string> hits_per_product_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_CLIENT_LIMITS_H_
