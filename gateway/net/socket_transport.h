// The gateway's one real transport: HTTP/1.1, event streams and WebSockets on several event loops, each
// on a thread of its own with its own listening socket on the shared port. How the parts fit:
//
//   Acceptor → [TlsTunnel →] HttpConnection → RequestHandler (the gateway's) → answers, or goes on as
//                                           → EventStream
//                                           → WebSocket

#ifndef LIVECOUNTER_GATEWAY_NET_SOCKET_TRANSPORT_H_
#define LIVECOUNTER_GATEWAY_NET_SOCKET_TRANSPORT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "gateway/net/transport_limits.h"
#include "gateway/transport.h"
#include "observability/tls_handshake_result.h"
#include "services/runtime/tls_files.h"

namespace livecounter::gateway {

namespace net {
class TlsServerContext;
class Worker;
}  // namespace net

class SocketTransport {
 public:
  struct Options {
    std::string host = "127.0.0.1";  // a name or an address, "::" for all of both families
    int port = 0;                    // 0: any free one
    int threads = 1;
    int backlog =
        4096;  // connections that wait to be accepted, for each thread; the kernel caps it
    TransportLimits limits;
    runtime::TlsFiles tls;  // a certificate and its key for TLS, or nothing for none
    // Told of changes of those files, from a loop's thread: net::TlsServerContext::OnChange.
    std::function<void(const absl::Status& result)> on_tls_change = [](const absl::Status&) {};
    // Told how each TLS handshake has ended, on the connection's loop.
    std::function<void(observability::TlsHandshakeResult)> on_handshake =
        [](observability::TlsHandshakeResult) {};
  };

  // Whether `files`, a certificate and its key, can be served with; else names the one that cannot.
  static absl::Status CheckTls(const runtime::TlsFiles& files);

  // Raises how many descriptors the process may open to what `streams` (≥ 1) need, as far as it may. How many
  // streams there is room for: `streams`, or fewer. More are closed without an answer.
  static int64_t MakeRoom(int64_t streams, bool with_tls);

  // Called once for each loop, by Start() on its caller's thread. The handler is used on the loop's
  // thread alone and destroyed there, after OnClosed() of all its streams; the loop outlives it.
  using MakeHandler = std::function<std::unique_ptr<RequestHandler>(EventLoop& loop)>;

  // Listens and serves. Errors name the address or the file.
  static absl::StatusOr<std::unique_ptr<SocketTransport>> Start(const Options& options,
                                                                const MakeHandler& make_handler);
  // Stops.
  ~SocketTransport();
  SocketTransport(const SocketTransport&) = delete;
  SocketTransport& operator=(const SocketTransport&) = delete;

  int port() const { return port_; }
  // "127.0.0.1:8080", "[::1]:8080": what the ready line says.
  const std::string& address() const { return address_; }

  // Both: any thread but the loops'; more calls do nothing.

  // Returns when nothing more is accepted. Streams and requests under way go on. Clients that the kernel
  // had queued are refused.
  void StopAccepting();

  // Drops what is open (OnClosed() is called for each stream), destroys the
  // handlers and returns when all threads have ended. Posting to the loops does nothing from then on.
  void Stop();

 private:
  SocketTransport();
  absl::Status Open(const Options& options, const MakeHandler& make_handler);

  int port_ = 0;
  std::string address_;
  std::unique_ptr<net::TlsServerContext> tls_;  // null without TLS
  absl::Mutex mutex_;
  bool accepting_ ABSL_GUARDED_BY(mutex_) = true;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::unique_ptr<net::Worker>> workers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_NET_SOCKET_TRANSPORT_H_
