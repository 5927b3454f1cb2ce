#include "gateway/gateway.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gateway/edge_loop.h"
#include "gateway/net/socket_transport.h"

namespace livecounter::gateway {
namespace {

// Counts down from any thread; outlives whoever waits for it.
class Countdown {
 public:
  explicit Countdown(size_t count) : count_(count) {}

  void Done() {
    absl::MutexLock lock(&mutex_);
    --count_;
  }
  // Until the count comes to 0, at most for `patience`.
  void Wait(absl::Duration patience) {
    absl::MutexLock lock(&mutex_);
    const auto is_zero = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return count_ == 0; };
    mutex_.AwaitWithTimeout(absl::Condition(&is_zero), patience);
  }

 private:
  absl::Mutex mutex_;
  size_t count_ ABSL_GUARDED_BY(mutex_);
};

// Options::max_connections, or what the descriptors allow: full is then told to clients, not shown to them.
int64_t RoomFor(const Gateway::Options& options, const observability::Logger& logger) {
  const int64_t room =
      SocketTransport::MakeRoom(options.max_connections, /*with_tls=*/options.tls.enabled());
  if (room < options.max_connections) {
    logger.Warning(
        "max_connections_lowered",
        {{"wanted", options.max_connections},
         {"taken", room},
         {"help",
          "raise the limit of open files (ulimit -n, LimitNOFILE) or lower --max_connections"}});
  }
  return room;
}

}  // namespace

Gateway::Gateway(const Options& options, const Parts& parts)
    : options_(options),
      parts_(parts),
      canary_(parts.client, parts.clock),
      admission_(options.max_connections, options.limits),
      users_({parts.catalog, parts.verifier == nullptr ? no_verifier_ : *parts.verifier,
              parts.metrics, parts.logger, parts.clock, parts.random}),
      assets_(EmbeddedAssets(), options.serve_demo) {}

Gateway::~Gateway() = default;

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(const Options& options,
                                                        const Parts& parts) {
  Options possible = options;
  possible.max_connections = RoomFor(options, parts.logger);
  // Not make_unique: the constructor is private.
  std::unique_ptr<Gateway> gateway(new Gateway(possible, parts));
  if (absl::Status status = gateway->Open(); !status.ok()) return status;
  return gateway;
}

absl::Status Gateway::Open() {
  SocketTransport::Options options;
  options.host = options_.listen.host;
  options.port = options_.listen.port;
  options.threads = options_.threads;
  options.tls = options_.tls;
  options.on_handshake = [this](observability::TlsHandshakeResult result) {
    parts_.metrics.tls_handshakes(observability::TlsListener::kEdge, result).Increment();
  };
  options.on_tls_change = [this](const absl::Status& result) { LogTlsChange(result); };
  auto transport = SocketTransport::Start(options, [this](EventLoop& loop) {
    auto edge_loop =
        std::make_unique<EdgeLoop>(loop, parts_.client, parts_.catalog, users_, parts_.metrics,
                                   admission_, parts_.random, assets_, options_.shared_max_age);
    loops_.push_back(edge_loop.get());
    return edge_loop;
  });
  if (!transport.ok()) return transport.status();
  transport_ = *std::move(transport);
  return absl::OkStatus();
}

void Gateway::LogTlsChange(const absl::Status& result) {
  if (result.ok()) {
    parts_.logger.Info("tls_certificate_loaded", {{"file", options_.tls.cert}});
  } else {
    parts_.logger.Warning("tls_certificate_kept", {{"reason", result}});
  }
}

const std::string& Gateway::address() const { return transport_->address(); }

absl::Status Gateway::Ready() const {
  if (admission_.draining()) return absl::UnavailableError("draining");
  if (!parts_.client.EverConnected()) {
    return absl::UnavailableError("the counter service has not been reached yet");
  }
  if (!parts_.catalog.is_known()) {
    return absl::UnavailableError("the counter service has not told the products yet");
  }
  const absl::Duration lost = parts_.clock.Now() - parts_.client.LostSince();
  if (lost > kMaxLost) {
    return absl::UnavailableError(
        absl::StrCat("the counter service is out of reach for ", absl::FormatDuration(lost)));
  }
  return absl::OkStatus();
}

void Gateway::Drain(absl::Time deadline) {
  admission_.StartDraining();
  parts_.logger.Info("closing_streams", {{"open", admission_.open_streams()}});
  CloseStreams(deadline);
  parts_.logger.Info("closed_streams", {{"left", admission_.open_streams()}});
  transport_->StopAccepting();
  parts_.client.Detach(kDetachedLinger, std::min(deadline, absl::Now() + kDetachPatience));
  transport_->Stop();
}

void Gateway::CloseStreams(absl::Time deadline) {
  const absl::Duration patience = deadline - absl::Now();  // a deadline is by the machine's clock
  const auto loops_left = std::make_shared<Countdown>(loops_.size());
  for (EdgeLoop* loop : loops_) {
    loop->Drain(std::min(options_.drain, patience), [loops_left] { loops_left->Done(); });
  }
  loops_left->Wait(patience);
}

}  // namespace livecounter::gateway
