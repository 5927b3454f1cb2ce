#include "gateway/net/worker.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gateway/net/http_connection.h"
#include "gateway/net/tls_tunnel.h"

namespace livecounter::gateway::net {
namespace {

// A connection with TLS is two residents: the tunnel, and what it carries bytes for.
bool IsFull(const Residents& residents, const TransportLimits& limits, bool has_tls) {
  return limits.connections != 0 && residents.size() >= limits.connections * (has_tls ? 2 : 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Worker>> Worker::Create(
    const TransportLimits& limits, const SocketTransport::MakeHandler& make_handler,
    std::function<void(observability::TlsHandshakeResult)> on_handshake) {
  std::unique_ptr<Worker> worker(new Worker);
  absl::StatusOr<std::unique_ptr<Loop>> loop = Loop::Create(absl::Now());
  if (!loop.ok()) return loop.status();
  worker->loop_ = *std::move(loop);
  worker->handshakes_ = std::make_unique<TlsHandshakes>(*worker->loop_);
  worker->residents_ = std::make_unique<Residents>(*worker->loop_);
  worker->handler_ = make_handler(*worker->loop_);
  worker->serving_ = std::make_unique<Serving>(Serving{
      *worker->loop_, *worker->residents_, *worker->handler_, limits, std::move(on_handshake)});
  return worker;
}

Worker::~Worker() = default;

void Worker::Start(FileDescriptor listening, TlsServerContext* tls) {
  acceptor_ = std::make_unique<Acceptor>(
      *loop_, std::move(listening), serving_->limits.spare_descriptors,
      [this, tls](FileDescriptor socket, const SocketAddress& peer) {
        if (IsFull(*residents_, serving_->limits, tls != nullptr)) return;
        if (tls == nullptr) return HttpConnection::Start(*serving_, std::move(socket), peer);
        TlsTunnel::Start(*serving_, *tls, *handshakes_, std::move(socket), peer);
      });
  thread_ = std::thread([this] {
    loop_->Run();
    TearDown();
  });
}

void Worker::WatchCertificates(TlsServerContext& tls) {
  reload_timer_ = std::make_unique<TlsReloadTimer>(*loop_, tls);
}

// What is open tells the handler that it is gone, so the handler goes after it.
void Worker::TearDown() {
  acceptor_.reset();
  reload_timer_.reset();
  residents_->EvictAll();
  serving_.reset();
  handler_.reset();
}

void Worker::StopAccepting() {
  absl::Notification closed;
  loop_->Post([this, &closed] {
    acceptor_->Close();
    closed.Notify();
  });
  closed.WaitForNotification();
}

void Worker::Stop() {
  loop_->Stop();
  thread_.join();
}

}  // namespace livecounter::gateway::net
