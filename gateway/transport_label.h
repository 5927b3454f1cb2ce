// What the metrics call a kind of connection.

#ifndef LIVECOUNTER_GATEWAY_TRANSPORT_LABEL_H_
#define LIVECOUNTER_GATEWAY_TRANSPORT_LABEL_H_

#include "gateway/transport.h"
#include "observability/metrics.h"

namespace livecounter::gateway {

inline observability::Transport TransportOf(Connection::Kind kind) {
  return kind == Connection::Kind::kWebSocket ? observability::Transport::kWebSocket
                                              : observability::Transport::kSse;
}

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TRANSPORT_LABEL_H_
