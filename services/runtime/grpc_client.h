// Channels to other programs of the system, with the limits of design §1: gRPC's own defaults
// (reconnect back-off up to 120 s, DNS again after 30 s) outlive a gateway's lease.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_CLIENT_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/runtime/tls_files.h"

namespace grpc {
class Channel;
}

namespace livecounter::runtime {

struct GrpcClientOptions {
  std::string target;  // "host:port", "dns:///host:port", "unix:path"
  // Enabled: TLS. `ca` empty means the system's roots; `cert` and `key` show a client certificate.
  TlsFiles tls;
  bool use_tls = false;  // TLS with the system's roots and no client certificate
  int max_message_bytes = 4 << 20;
};

// Does not wait for a connection: it is made by the first call, and made anew after every loss,
// within a second of the other side's return. A silent peer is noticed after about 20 s (keep-alive
// ping every 10 s while calls are under way, 10 s for its answer). InvalidArgument for an empty
// target, or what LoadTlsFiles() says.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeGrpcChannel(const GrpcClientOptions& options);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_CLIENT_H_
