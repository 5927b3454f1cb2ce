// What every connection of one loop is served with.

#ifndef LIVECOUNTER_GATEWAY_NET_SERVING_H_
#define LIVECOUNTER_GATEWAY_NET_SERVING_H_

#include <functional>

#include "gateway/net/loop.h"
#include "gateway/net/residents.h"
#include "gateway/net/transport_limits.h"
#include "gateway/transport.h"
#include "observability/tls_handshake_result.h"

namespace livecounter::gateway::net {

// All of it outlives the connections.
struct Serving {
  Loop& loop;
  Residents& residents;
  RequestHandler& handler;
  TransportLimits limits;
  // A TLS handshake has ended.
  std::function<void(observability::TlsHandshakeResult)> on_handshake;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_SERVING_H_
