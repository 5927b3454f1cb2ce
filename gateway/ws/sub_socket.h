// `/sub` over WebSocket (contract §3): the bare decimal number as a text frame, at once and at each
// change.

#ifndef LIVECOUNTER_GATEWAY_WS_SUB_SOCKET_H_
#define LIVECOUNTER_GATEWAY_WS_SUB_SOCKET_H_

#include <cstddef>
#include <utility>

#include "absl/strings/string_view.h"
#include "gateway/counter_stream.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

class SubSocket final : public CounterStream {
 public:
  // What a client may send in all: the protocol needs nothing, and it is not looked at.
  static constexpr size_t kMaxReceived = 1024;

  SubSocket(LoopParts& parts, LoopProducts::Place place, Subscription subscription)
      : CounterStream(parts, std::move(place), std::move(subscription)) {}

  void OnMessage(Connection& connection, absl::string_view payload, bool is_final) override;

 private:
  // A ping for the connection, the number for the page, which cannot see pings.
  void Heartbeat() override;

  size_t received_ = 0;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_WS_SUB_SOCKET_H_
