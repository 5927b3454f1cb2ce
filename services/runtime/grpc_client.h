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
  std::string target = {};  // "host:port", "dns:///host:port", "unix:path"
  // TLS to the target: its certificate must be signed by `tls.ca`, or by one of the system's roots
  // where that is empty. `tls.cert` and `tls.key` show a certificate of ours (mTLS). The files are looked at
  // once a second: connections that begin later use what they say then (docs/adr/0021).
  bool use_tls = false;
  TlsFiles tls = {};
  int max_message_bytes = 4 << 20;  // one received message
};

// Does not wait for a connection: the first call makes it. After a loss it is tried again at least
// once a second, with the name resolved anew; a peer that is silent while a call is under way is
// noticed within 10 s. InvalidArgument for an empty target or for TLS files without use_tls; else
// what LoadTlsFiles() says.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeGrpcChannel(const GrpcClientOptions& options);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_CLIENT_H_
