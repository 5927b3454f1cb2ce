// A gRPC server as all our ports are: metrics under the go-grpc-middleware names, reflection,
// grpc.health.v1 bound to the process' Health, bounded messages, keep-alive limits, optional TLS or
// mTLS, a clear error for a port that is taken, a drain with a deadline.
//
// Health names: "alive", "ready", and "" which is the same as "ready". Authorisation is not done
// here: gRPC 1.51 lets neither an interceptor nor (on ports without TLS) a metadata processor
// refuse a call, so each method calls CheckBearer() (bearer_token.h) and the service's tests walk
// over all of its methods without a token.
//
// This header names gRPC's classes without including them.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "observability/metrics.h"
#include "services/runtime/flag_types.h"
#include "services/runtime/health.h"
#include "services/runtime/tls_files.h"

namespace grpc {
class Channel;
class Server;
class Service;
}  // namespace grpc

namespace livecounter::runtime {

// A service and its full name, livecounter::v1::CounterService::service_full_name().
struct GrpcService {
  std::string full_name;
  grpc::Service* service = nullptr;  // not owned; outlives the server
};

struct GrpcServerOptions {
  // Not enabled: no port at all, only InProcessChannel().
  ListenAddress listen;
  TlsFiles tls;
  int max_message_bytes = 4 << 20;  // one received message; larger: RESOURCE_EXHAUSTED
  bool reflection = true;
  observability::GrpcServerMetrics* metrics = nullptr;  // not owned; null: none
  Health* health = nullptr;                             // not owned; null: always serving
};

class GrpcServer {
 public:
  // Serves when it returns. Errors say which address or file, and why.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const GrpcServerOptions& options, const std::vector<GrpcService>& services);
  // As Shutdown() with no time left.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // "host:port" with the port that was bound; "" if there is none.
  const std::string& address() const { return address_; }

  // A channel to this server without a socket. Usable until Shutdown().
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // Refuses new calls, lets running ones finish until `deadline`, then cancels them; returns when
  // none is left. Long-lived streams should be ended by their service first. Idempotent.
  void Shutdown(absl::Time deadline);

 private:
  GrpcServer();

  struct HealthLink;
  std::shared_ptr<HealthLink> health_link_;  // what outlives us in the Health's listeners
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  int max_message_bytes_ = 0;
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_H_
