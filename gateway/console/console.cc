#include "gateway/console/console.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gateway/console/console_handler.h"
#include "gateway/console/grpc_upstream.h"
#include "gateway/net/socket_transport.h"

namespace livecounter::gateway::console {
namespace {

TransportLimits Limits() {
  TransportLimits limits;
  limits.connections = 512;
  limits.body = 1 << 20;
  limits.keeps_bodies = true;
  limits.more_headers = kConsoleHeaders;
  // Streams say nothing while nothing changes.
  limits.probe = absl::Seconds(25);
  // Every message of a stream matters, so there is no newest one to wait for room for.
  limits.stream_send_buffer = 64 * 1024;
  // Fewer than the edge leaves: there is a way in for operators when clients have taken all of theirs.
  limits.spare_descriptors = 500;
  return limits;
}

}  // namespace

Console::Console(const Options& options, std::shared_ptr<grpc::Channel> counterd)
    : pages_(EmbeddedPages(), options.tls.enabled(),
             EdgeOrigin(options.public_url, options.http_port, options.tls.enabled())) {
  if (counterd != nullptr) upstream_ = std::make_unique<GrpcUpstream>(std::move(counterd));
}

// The handler's calls are given up before the upstream waits for them, while their loop is there.
Console::~Console() {
  if (transport_ != nullptr) transport_->Stop();
}

absl::StatusOr<std::unique_ptr<Console>> Console::Start(const Options& options,
                                                        std::shared_ptr<grpc::Channel> counterd,
                                                        const observability::Logger& logger,
                                                        Metrics metrics) {
  std::unique_ptr<Console> console(new Console(options, std::move(counterd)));
  if (absl::Status status = console->Open(options, logger, metrics); !status.ok()) return status;
  return console;
}

absl::Status Console::Open(const Options& options, const observability::Logger& logger,
                           Metrics metrics) {
  SocketTransport::Options transport_options;
  transport_options.host = options.listen.host;
  transport_options.port = options.listen.port;
  transport_options.limits = Limits();
  transport_options.tls = options.tls;
  transport_options.on_handshake =
      [gateway = &metrics.gateway](observability::TlsHandshakeResult result) {
        gateway->tls_handshakes(observability::TlsListener::kConsole, result).Increment();
      };
  transport_options.on_tls_change = [&logger, file = options.tls.cert](const absl::Status& result) {
    if (result.ok()) {
      logger.Info("console_tls_certificate_loaded", {{"file", file}});
    } else {
      logger.Warning("console_tls_certificate_kept", {{"reason", result}});
    }
  };
  ApiOptions api_options;
  api_options.own_tls = options.tls.enabled();
  api_options.trusted_proxies = options.trusted_proxies;
  auto transport = SocketTransport::Start(transport_options, [&](EventLoop& loop) {
    auto handler =
        std::make_unique<ConsoleHandler>(api_options, loop, upstream_.get(), pages_, metrics.calls);
    handler_ = handler.get();
    loop_ = &loop;
    return handler;
  });
  if (!transport.ok()) return transport.status();
  transport_ = *std::move(transport);
  return absl::OkStatus();
}

const std::string& Console::address() const { return transport_->address(); }

void Console::Drain(absl::Time deadline) {
  transport_->StopAccepting();
  const auto drained = std::make_shared<absl::Notification>();
  loop_->Post(
      [handler = handler_, drained] { handler->api().Drain([drained] { drained->Notify(); }); });
  drained->WaitForNotificationWithTimeout(deadline - absl::Now());
  transport_->Stop();
}

}  // namespace livecounter::gateway::console
