#include "gateway/net/socket_transport.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/net/descriptor_budget.h"
#include "gateway/net/listen_sockets.h"
#include "gateway/net/tls_server_context.h"
#include "gateway/net/worker.h"

namespace livecounter::gateway {
namespace {

// The client's socket and a pair (net::TlsTunnel).
constexpr int kDescriptorsATlsConnection = 3;

}  // namespace

absl::StatusOr<std::unique_ptr<SocketTransport>> SocketTransport::Start(
    const Options& options, const MakeHandler& make_handler) {
  std::unique_ptr<SocketTransport> transport(new SocketTransport);
  if (absl::Status status = transport->Open(options, make_handler); !status.ok()) return status;
  return transport;
}

absl::Status SocketTransport::CheckTls(const runtime::TlsFiles& files) {
  return net::TlsServerContext::Load(files, nullptr).status();
}

int64_t SocketTransport::MakeRoom(int64_t streams, bool with_tls) {
  constexpr int64_t kMost = std::numeric_limits<int>::max();
  const TransportLimits limits;
  const int each = with_tls ? kDescriptorsATlsConnection : 1;
  const int64_t wanted =
      std::min(streams, kMost / each) * each + limits.spare_descriptors + net::kDescriptorsOfOthers;
  net::RaiseDescriptorLimit(static_cast<int>(std::min(wanted, kMost)));
  return std::min<int64_t>(streams, net::StreamsThatFit(limits.spare_descriptors, each));
}

SocketTransport::SocketTransport() = default;

SocketTransport::~SocketTransport() { Stop(); }

absl::Status SocketTransport::Open(const Options& options, const MakeHandler& make_handler) {
  TransportLimits limits = options.limits;
  if (options.tls.enabled()) {
    limits.wanted_descriptors *= kDescriptorsATlsConnection;
    auto tls = net::TlsServerContext::Load(options.tls, options.on_tls_change);
    if (!tls.ok()) return tls.status();
    tls_ = *std::move(tls);
  }
  net::RaiseDescriptorLimit(limits.wanted_descriptors);
  absl::StatusOr<net::ListenSockets> listening =
      net::OpenListenSockets(options.host, options.port, options.threads, options.backlog);
  if (!listening.ok()) return listening.status();
  std::vector<std::unique_ptr<net::Worker>> workers;
  for (int i = 0; i < options.threads; ++i) {
    absl::StatusOr<std::unique_ptr<net::Worker>> worker =
        net::Worker::Create(limits, make_handler, options.on_handshake);
    if (!worker.ok()) return worker.status();
    workers.push_back(*std::move(worker));
  }

  port_ = listening->port;
  address_ = listening->address;
  if (tls_ != nullptr) workers.front()->WatchCertificates(*tls_);
  for (int i = 0; i < options.threads; ++i) {
    workers[i]->Start(std::move(listening->sockets[i]), tls_.get());
  }
  absl::MutexLock lock(&mutex_);
  workers_ = std::move(workers);
  return absl::OkStatus();
}

void SocketTransport::StopAccepting() {
  absl::MutexLock lock(&mutex_);
  if (!std::exchange(accepting_, false)) return;
  for (const std::unique_ptr<net::Worker>& worker : workers_) worker->StopAccepting();
}

void SocketTransport::Stop() {
  absl::MutexLock lock(&mutex_);
  accepting_ = false;
  if (std::exchange(stopped_, true)) return;
  for (const std::unique_ptr<net::Worker>& worker : workers_) worker->Stop();
}

}  // namespace livecounter::gateway
