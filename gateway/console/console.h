// The console of a gateway (contract §5): the dashboard, and every method of CounterService and AdminService
// over HTTP and JSON, on a port and an event loop of its own (docs/adr/0013). All methods may be called from
// any thread but the loop's.

#ifndef LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_H_
#define LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/console/api.h"
#include "gateway/console/pages.h"
#include "observability/gateway_metrics.h"
#include "observability/logging.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/ip_address.h"
#include "services/runtime/tls_files.h"

namespace grpc {
class Channel;
}

namespace livecounter::gateway {
class SocketTransport;
}

namespace livecounter::gateway::console {

class ConsoleHandler;

class Console {
 public:
  struct Options {
    runtime::ListenAddress listen;
    runtime::TlsFiles tls = {};  // nothing for plain HTTP
    runtime::IpRanges trusted_proxies = {};
    // Where browsers reach the gateways (edge_origin.h).
    std::string public_url = "";
    int http_port = 0;
  };

  // Outlive the console.
  struct Metrics {
    observability::ConsoleMetrics& calls;
    observability::GatewayMetrics& gateway;  // TLS handshakes
  };

  // Listens and serves when it returns. `counterd` leads to counterd's --grpc_listen, or into the same
  // process; null: calls are answered UNAVAILABLE. `logger` outlives the console, and is told of changes of
  // the files of Options::tls. Errors name the address that cannot be had, or the file.
  static absl::StatusOr<std::unique_ptr<Console>> Start(const Options& options,
                                                        std::shared_ptr<grpc::Channel> counterd,
                                                        const observability::Logger& logger,
                                                        Metrics metrics);
  // Stops: connections are dropped, calls cancelled.
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // "127.0.0.1:8081", with the port that was bound.
  const std::string& address() const;

  // Accepts nothing more, ends streams with UNAVAILABLE, lets other calls finish, and stops. Returns then, at
  // latest at `deadline`. Once.
  void Drain(absl::Time deadline);

 private:
  Console(const Options& options, std::shared_ptr<grpc::Channel> counterd);

  absl::Status Open(const Options& options, const observability::Logger& logger, Metrics metrics);

  const Pages pages_;
  std::unique_ptr<SocketTransport> transport_;
  std::unique_ptr<Upstream> upstream_;  // null where there is none; waits for the loop's calls
  // Owned by the transport.
  ConsoleHandler* handler_ = nullptr;
  EventLoop* loop_ = nullptr;
};

}  // namespace livecounter::gateway::console

#endif  // LIVECOUNTER_GATEWAY_CONSOLE_CONSOLE_H_
