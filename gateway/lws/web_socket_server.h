// The WebSockets of one loop: a libwebsockets context on it, which speaks the protocol (RFC 6455) from
// the handshake on. The loop's thread only.
//
// libwebsockets sees no client's request: HttpConnection has read it, and the socket is adopted together
// with a request of a few headers that we write. Its own parser takes no more than about 80 query
// parameters, turns `+` in a path into a space, answers some requests by itself, and spins on input that
// comes before an answer. Ours does none of this, and an event stream needs no `struct lws`.

#ifndef LIVECOUNTER_GATEWAY_LWS_WEB_SOCKET_SERVER_H_
#define LIVECOUNTER_GATEWAY_LWS_WEB_SOCKET_SERVER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/lws/file_descriptor.h"
#include "gateway/lws/loop.h"
#include "gateway/lws/residents.h"
#include "gateway/lws/transport_limits.h"
#include "gateway/transport.h"

struct lws;
struct lws_context;
struct lws_vhost;

namespace livecounter::gateway::net {

class WebSocket;

class WebSocketServer {
 public:
  // Internal when libwebsockets or its libev plugin (package libwebsockets-evlib-ev) does not load. The
  // connections live among `residents`, which outlive the server.
  static absl::StatusOr<std::unique_ptr<WebSocketServer>> Create(Loop& loop, Residents& residents,
                                                                 const TransportLimits& limits);
  // Drops every connection; their OnClosed() is called.
  ~WebSocketServer();
  WebSocketServer(const WebSocketServer&) = delete;
  WebSocketServer& operator=(const WebSocketServer&) = delete;

  struct Handshake {
    std::string key;          // Sec-WebSocket-Key, checked
    std::string early_bytes;  // what the client sent after its request
  };
  // Answers 101 on `socket` and opens `handler` on it; when that fails, `handler` is destroyed.
  void Open(FileDescriptor socket, const Handshake& handshake,
            std::unique_ptr<StreamHandler> handler);

  Loop& loop() { return loop_; }
  const TransportLimits& limits() const { return limits_; }

 private:
  friend class WebSocketEvents;

  WebSocketServer(Loop& loop, Residents& residents, const TransportLimits& limits)
      : loop_(loop), residents_(residents), limits_(limits) {}
  absl::Status Start();
  void Adopt(lws* wsi);
  void Forget(WebSocket& web_socket);

  Loop& loop_;
  Residents& residents_;
  const TransportLimits limits_;
  lws_context* context_ = nullptr;
  lws_vhost* vhost_ = nullptr;
  WebSocket* adopting_ = nullptr;  // until libwebsockets has made its own side of it
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_LWS_WEB_SOCKET_SERVER_H_
