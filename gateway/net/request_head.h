// The head of an HTTP/1.x request (RFC 9112): found in a stream of bytes, read strictly, and what the
// transport does about its body and its upgrade decided. Pure; any thread.

#ifndef LIVECOUNTER_GATEWAY_NET_REQUEST_HEAD_H_
#define LIVECOUNTER_GATEWAY_NET_REQUEST_HEAD_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "absl/types/variant.h"
#include "gateway/net/refusal.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

// Contract §7 and §2.
inline constexpr size_t kMaxRequestLine = 8 * 1024;
inline constexpr size_t kMaxHead = 16 * 1024;

// The headers that are kept (Request::headers). Others are checked for their form and dropped.
inline constexpr absl::string_view kKeptHeaders[] = {
    "accept",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "connection",
    "content-length",
    "expect",
    "host",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "origin",
    "sec-websocket-key",
    "sec-websocket-version",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-for",
};

// Where the first head ends in `bytes`, what is to be skipped before it (blank lines, RFC 9112 §2.2)
// included; 0 while it is not whole; or 414 or 431 where it is already too long to become one.
absl::variant<size_t, Refusal> FindHeadEnd(absl::string_view bytes);

struct RequestHead {
  Request request;         // without peer_address
  bool keep_alive = true;  // what the client wants of the connection afterwards
  bool is_http_1_0 = false;
  size_t body_size = 0;           // at most what the rules say
  bool is_chunked = false;        // the body's size is not known yet
  bool expects_continue = false;  // waits for "100 Continue" before it sends the body
  bool wants_web_socket = false;  // by its method, Upgrade and Connection; see CheckHandshake()
  // Set: the request is to be answered with this, and what follows on the connection not to be read.
  absl::optional<Refusal> refusal;
};

struct HeadRules {
  size_t max_body = 1024;
  absl::Span<const absl::string_view> more_headers = {};  // kept besides kKeptHeaders
};

// Reads a whole head. A Refusal where it cannot be understood, so that there is no request.
absl::variant<RequestHead, Refusal> ParseRequestHead(absl::string_view head,
                                                     const HeadRules& rules = {});

// What is wrong with the rest of a handshake (RFC 6455 §4.2.1), for a head that wants a WebSocket and is to get
// one; nothing for nothing.
absl::optional<Refusal> CheckHandshake(const RequestHead& head);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_REQUEST_HEAD_H_
