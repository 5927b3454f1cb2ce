// TLS and mTLS on a program's gRPC ports, by flag (contract §5): --grpc_tls_cert, --grpc_tls_key,
// --grpc_tls_client_ca. To be called from main(), after ParseCommandLine().

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_TLS_FLAGS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_TLS_FLAGS_H_

#include "absl/status/statusor.h"
#include "services/runtime/flags.h"
#include "services/runtime/tls_files.h"

namespace livecounter::runtime {

FlagGroup GrpcTlsFlags();

// What GrpcServerOptions::tls takes; not enabled() where no flag is given. A BadFlag() that says what
// is wrong with the files or which flag is missing.
absl::StatusOr<TlsFiles> GrpcTlsFilesFromFlags();

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_TLS_FLAGS_H_
