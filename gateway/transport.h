// SEAM: what the gateway knows of sockets. One event loop a thread; a connection belongs to one
// loop for life, and everything below is called on that loop's thread unless it says otherwise.
// gateway/net is the one real implementation; tests have a fake.
//
// The life of a request: the head is complete → RequestHandler decides. An upgrade is decided in
// the call. Anything else gets an Exchange, which is answered once, now or later: with a whole
// response or by turning into an event stream. WebSocket and event streams are both a Connection,
// written to with frames that are encoded once and sent to many.
//
// What the transport answers by itself, with a problem (RFC 9457): heads it cannot read (400, 505),
// a request line over 8 KiB (414), heads over 16 KiB (431), bodies over 1 KiB or what it was told
// (413), requests not complete within 10 s (408), `Upgrade: h2c` (400), broken WebSocket handshakes
// (400, 426). OnRefused() sees those with a readable head before they go out.

#ifndef LIVECOUNTER_GATEWAY_TRANSPORT_H_
#define LIVECOUNTER_GATEWAY_TRANSPORT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"

namespace livecounter::gateway {

// The head of a request, decoded once: paths and query values are bytes as the client meant them.
struct Request {
  std::string method;  // as sent, "GET"
  // Decoded, without the query: "/counters/2/". "%2F" is a slash here, "+" a plus sign. No NUL.
  std::string path;
  // One of the path's slashes was sent as "%2F": it separates nothing.
  bool has_escaped_slash = false;
  // Decoded ("+" is a space), in order, repeats kept; a name without "=" has an empty value. Where a value
  // holds a "%" that does not start an escape, or an escaped NUL, the INVALID_ARGUMENT that says so stands in
  // its place, for whoever reads the parameter.
  std::vector<std::pair<std::string, absl::StatusOr<std::string>>> query;
  // Lower-case names, those the gateway reads (gateway/net/request_head.h lists them). One that is
  // sent several times stands here once, its values joined by ", " (RFC 9110 §5.3).
  std::vector<std::pair<std::string, std::string>> headers;
  std::string peer_address;  // of the socket, without port; IPv4 in its own form
  std::string body;          // where the transport keeps bodies (TransportLimits), else empty

  // The value of a header (lower-case name), or nothing.
  absl::optional<absl::string_view> header(absl::string_view name) const;
};

struct Response {
  int status = 200;
  // In order. content-length, connection and date are added; control characters are left out.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // not sent to HEAD
};

// How a stream ends from our side.
struct CloseReason {
  uint16_t code = 1000;  // WebSocket close code
  std::string text;      // ≤ 123 bytes
  // What an event stream is sent at last, even where it is behind; nothing for nothing.
  std::string last_event = {};
};

class Connection;

// The gateway's side of one open stream. Owned by the Connection; destroyed right after OnClosed(),
// or without any call when the socket went before the stream was open. None of these is called from
// inside a method of the Connection.
class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // The stream is open. Sending is allowed from here: the 101 or the event stream's head goes out before, in one
  // piece with the first frame if that is sent before this returns.
  virtual void OnOpen(Connection& connection) = 0;
  // A Send() that returned false can be tried again: write the newest value now.
  virtual void OnWritable(Connection& connection) = 0;
  // A whole message, or the next piece of one, of a WebSocket client: text or binary, not checked
  // to be UTF-8. A piece has at most 4 KiB. Not called after Close().
  virtual void OnMessage(Connection& connection, absl::string_view payload, bool is_final) = 0;
  // The socket is gone. `client_code`: the close code that the *client* sent, if it sent one.
  virtual void OnClosed(Connection& connection, absl::optional<uint16_t> client_code) = 0;
};

class Connection {
 public:
  enum class Kind { kWebSocket, kEventStream };
  virtual ~Connection() = default;
  virtual Kind kind() const = 0;
  // Hands `frame`, encoded for this kind (EncodeText / an SSE event), to the kernel. True: it has
  // it all. False: nothing of it was taken, the connection is behind; OnWritable() follows, once,
  // or OnClosed() when it goes first. A connection that stays behind for 30 s is dropped (contract
  // §3).
  virtual bool Send(absl::string_view frame) = 0;
  // Pings a WebSocket (no effect on event streams). A peer that does not pong within 10 s is
  // dropped (contract §3).
  virtual void Ping() = 0;
  // Closes after what is already on its way; OnClosed() follows, later. More calls change nothing.
  virtual void Close(const CloseReason& reason) = 0;
};

// One request that is not an upgrade, answered once. May outlive its socket: answers then go
// nowhere. Destroyed without an answer, it answers 500.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const Request& request() const = 0;
  virtual void Respond(Response response) = 0;
  // Answers 200 text/event-stream, or the content-type among `headers`, and goes on as a stream;
  // `opening` are the first bytes of its body. A HEAD gets the head alone, and `handler` is
  // destroyed without a call.
  virtual void StartEventStream(std::vector<std::pair<std::string, std::string>> headers,
                                std::string opening, std::unique_ptr<StreamHandler> handler) = 0;
  // Called once if the client goes before the answer, which may destroy the exchange. A client that
  // closed only its sending side looks the same; an answer still reaches that one.
  virtual void OnAbandoned(std::function<void()> callback) = 0;
};

// What the gateway does with requests; one per loop.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  // A request whose body has been read, and dropped unless bodies are kept. The handler may keep the
  // exchange.
  virtual void OnRequest(std::unique_ptr<Exchange> exchange) = 0;
  // Whether there is a WebSocket where `request`, a handshake, leads. Where there is none the upgrade is left
  // alone (RFC 9110 §7.8): the request is one as any other.
  virtual bool HasWebSocket(const Request& /*request*/) { return true; }
  // A WebSocket upgrade, its handshake checked: the stream's handler accepts it, a response refuses it.
  // Precondition: HasWebSocket(request).
  virtual absl::variant<Response, std::unique_ptr<StreamHandler>> OnUpgrade(
      const Request& request) = 0;
  // The transport refuses `request` by itself with `response`: to count it and to add headers
  // (CORS).
  virtual void OnRefused(const Request& /*request*/, Response& /*response*/) {}
};

// The loop itself.
class EventLoop {
 public:
  virtual ~EventLoop() = default;
  // The wall clock's time when the loop was made plus the time since: it never steps.
  virtual absl::Time Now() const = 0;
  // Runs `task` on the loop's thread, in the order of the calls. From any thread; wakes the loop
  // once for many. A task posted by a task runs in the loop's next turn. What is left when the loop
  // stops is destroyed without being run.
  virtual void Post(std::function<void()> task) = 0;
  // Calls `callback` once at `deadline` on the loop; a new call replaces the one before. One timer
  // a loop: the hub multiplexes.
  virtual void SetTimer(absl::Time deadline, std::function<void()> callback) = 0;
};

// A text message (≤ 125 bytes need 2 more) as an unmasked, final WebSocket frame (RFC 6455 §5.2).
std::string EncodeText(absl::string_view payload);

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TRANSPORT_H_
