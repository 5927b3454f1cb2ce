// TLS and mTLS towards the programs that this one calls, by flag (contract §5): --upstream_tls_ca,
// --upstream_tls_cert, --upstream_tls_key. The other side of grpc_tls_flags.h. To be called from main(),
// after ParseCommandLine().

#ifndef LIVECOUNTER_SERVICES_RUNTIME_UPSTREAM_TLS_FLAGS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_UPSTREAM_TLS_FLAGS_H_

#include "absl/status/statusor.h"
#include "services/runtime/flags.h"
#include "services/runtime/tls_files.h"

namespace livecounter::runtime {

FlagGroup UpstreamTlsFlags();

// What GrpcClientOptions::tls takes; not enabled() where no flag is given. A BadFlag() that says what
// is wrong with the files or which flag is missing.
absl::StatusOr<TlsFiles> UpstreamTlsFilesFromFlags();

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_UPSTREAM_TLS_FLAGS_H_
