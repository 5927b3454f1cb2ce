// What every connection of one loop is served with.

#ifndef LIVECOUNTER_GATEWAY_NET_SERVING_H_
#define LIVECOUNTER_GATEWAY_NET_SERVING_H_

#include <functional>

#include "gateway/net/loop.h"
#include "gateway/net/residents.h"
#include "gateway/net/transport_limits.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

// All of it outlives the connections.
struct Serving {
  Loop& loop;
  Residents& residents;
  RequestHandler& handler;
  TransportLimits limits;
  std::function<void(bool ok)> on_handshake;  // a TLS handshake has ended
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_SERVING_H_
