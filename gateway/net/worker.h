// One thread of the transport: a loop and all that lives on it. Not thread-safe: made, started and stopped
// by one thread at a time, never by its own.

#ifndef LIVECOUNTER_GATEWAY_NET_WORKER_H_
#define LIVECOUNTER_GATEWAY_NET_WORKER_H_

#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "gateway/net/acceptor.h"
#include "gateway/net/file_descriptor.h"
#include "gateway/net/loop.h"
#include "gateway/net/residents.h"
#include "gateway/net/serving.h"
#include "gateway/net/socket_transport.h"
#include "gateway/net/tls_handshakes.h"
#include "gateway/net/tls_server_context.h"
#include "gateway/net/transport_limits.h"

namespace livecounter::gateway::net {

class Worker {
 public:
  static absl::StatusOr<std::unique_ptr<Worker>> Create(
      const TransportLimits& limits, const SocketTransport::MakeHandler& make_handler,
      std::function<void(observability::TlsHandshakeResult)> on_handshake);
  // Stopped, or never started.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Starts the thread, which accepts from `listening`, and speaks TLS where `tls` is given, which outlives
  // the worker.
  void Start(FileDescriptor listening, TlsServerContext* tls);
  // Before Start(): has this worker look after the certificates of all.
  void WatchCertificates(TlsServerContext& tls);
  // Between Start() and Stop(); returns when the listening socket is closed.
  void StopAccepting();
  // Once, after Start(); returns when the thread has ended.
  void Stop();

 private:
  Worker() = default;
  void TearDown();

  std::unique_ptr<Loop> loop_;
  // The loop's thread's, from Start() on. In the order in which they need each other.
  std::unique_ptr<TlsHandshakes> handshakes_;
  std::unique_ptr<Residents> residents_;
  std::unique_ptr<RequestHandler> handler_;
  std::unique_ptr<Serving> serving_;
  std::unique_ptr<TlsReloadTimer> reload_timer_;  // of one worker, with TLS
  std::unique_ptr<Acceptor> acceptor_;

  std::thread thread_;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_WORKER_H_
