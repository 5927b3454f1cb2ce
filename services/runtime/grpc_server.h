// A gRPC server as all our ports are: metrics under the go-grpc-middleware names, reflection,
// grpc.health.v1 bound to the process' Health, bounded messages, keep-alive limits, optional TLS or
// mTLS, a clear error for a port that is taken, a drain with a deadline.
//
// Health names: "alive", "ready", and "" which is the same as "ready". Who may call is checked by
// each method (call_authorization.h), not here.
//
// This header names gRPC's classes without including them. All methods but the destructor may be
// called from any thread.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "observability/metrics.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/grpc_server_tls.h"
#include "services/runtime/health.h"
#include "services/runtime/tls_files.h"

namespace grpc {
class Channel;
class HealthCheckServiceInterface;
class Server;
class ServerCredentials;
class Service;
}  // namespace grpc

namespace livecounter::runtime {

// A service and its full name, as in {CounterService::service_full_name(), &service}.
struct GrpcService {
  std::string full_name = {};
  grpc::Service* service = nullptr;  // not owned; outlives the server
};

struct GrpcServerOptions {
  // Not enabled: no port at all, only InProcessChannel().
  ListenAddress listen = {};
  // With `cert` and `key` TLS; with `ca` too, clients must show a certificate that it signed. Files
  // that change are taken for connections that come after, if they are good; `on_tls_change` is told.
  TlsFiles tls = {};
  OnTlsChange on_tls_change = [](const absl::Status& /*result*/) {};
  int max_message_bytes = 4 << 20;  // one received message; larger: RESOURCE_EXHAUSTED
  observability::GrpcServerMetrics* metrics = nullptr;  // not owned; null: none
  const observability::Logger* logger = nullptr;        // not owned; null: calls are not logged
  Health* health = nullptr;  // not owned, outlives the server; null: always serving
};

class GrpcServer {
 public:
  // Serves when it returns. InvalidArgument or NotFound for TLS files, Unavailable for an address
  // that cannot be listened on; the message says which and why.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const GrpcServerOptions& options, const std::vector<GrpcService>& services);
  // As Shutdown() with no time left.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // "host:port" with the port that was bound; "" if there is none.
  const std::string& address() const { return address_; }

  // A new channel to this server without a socket. Calls on it fail after Shutdown().
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // Refuses new calls, lets running ones finish until `deadline`, then cancels them; returns when
  // none is left. Services end their long-lived streams first, or the deadline does. Idempotent.
  void Shutdown(absl::Time deadline);

 private:
  class HealthLink;

  GrpcServer() = default;

  std::string address_;
  int max_message_bytes_ = 0;
  std::shared_ptr<HealthLink> health_link_;  // also held by the Health, which may outlive us
  std::shared_ptr<grpc::ServerCredentials> credentials_;  // outlive the server
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_H_
