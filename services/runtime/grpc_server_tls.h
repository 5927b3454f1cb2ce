// TLS of gRPC ports whose certificates are renewed while they serve. gRPC's own watcher of files lets go of the
// certificates that it has when the new ones are no good; here they stay until better ones come.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_TLS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_TLS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "observability/logging.h"
#include "services/runtime/tls_files.h"

namespace grpc {
class ServerCredentials;
}

namespace livecounter::runtime {

// Told what became of files that changed: OK, those who connect from now on are shown the new certificate; else
// why it is still the old one. On any thread; does not block.
using OnTlsChange = std::function<void(const absl::Status& result)>;

// Logs `tls_certificate_loaded` or `tls_certificate_kept`. `logger` outlives it.
OnTlsChange LogTlsChange(const observability::Logger& logger, std::string cert_file);

// For a server that the credentials outlive. `files` are looked at whenever somebody connects: with `ca`, it
// takes a certificate that it signed. InvalidArgument and NotFound as LoadTlsFiles() says, and without `cert`.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerTls(TlsFiles files,
                                                                       OnTlsChange on_change);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_SERVER_TLS_H_
