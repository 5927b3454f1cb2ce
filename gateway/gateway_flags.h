// The flags of a gateway, for the programs that have one: livecounter-gateway and livecounter.

#ifndef LIVECOUNTER_GATEWAY_GATEWAY_FLAGS_H_
#define LIVECOUNTER_GATEWAY_GATEWAY_FLAGS_H_

#include <string>

#include "absl/flags/declare.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gateway/gateway.h"
#include "gateway/upstream/catalog_client.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/flags.h"

ABSL_DECLARE_FLAG(livecounter::runtime::ListenAddress, http_listen);

namespace livecounter::gateway {

// --http_listen, for a program's group of listeners.
runtime::FlagSpec HttpListenFlag();
// --threads, --max_connections, --min_update_interval, --public_product, --shared_cache_max_age,
// --tls_cert, --tls_key, --drain_seconds.
runtime::FlagGroup GatewayFlags();

// Whether --tls_cert and --tls_key name a certificate and its key, or nothing; else a runtime::BadFlag().
absl::Status CheckTlsFlags();

// What they say, and LimitFlags(). After runtime::ParseCommandLine().
Gateway::Options GatewayOptionsFromFlags();
// What --public_product and --min_update_interval say; `token` as in CatalogClient::Options.
CatalogClient::Options CatalogOptionsFromFlags(const std::string& token);

// How long ServerRunner::Serve() gives Gateway::Drain(): --drain_seconds, and what ends a session.
absl::Duration DrainLimitFromFlags();

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_GATEWAY_FLAGS_H_
