// Counts the calls of a gRPC server under the go-grpc-middleware names, and logs those whose end somebody will
// ask for: at level warning the ones that failed by our doing (Unknown, Internal, DataLoss), at info the others
// of a trace that is sampled (grpc_trace.h), at debug the rest.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_METRICS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_METRICS_H_

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <string>
#include <vector>

#include "observability/grpc_server_metrics.h"
#include "observability/logging.h"

namespace livecounter::runtime {

// An interceptor for all methods of the services named in full, whose series it makes at once. A call
// counts under the status that its method ended it with, also where the client no longer listened.
// Calls of other services (health, reflection) are neither counted nor logged. `metrics` and `logger` outlive
// it; a null `logger` logs nothing.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeMetricsInterceptorFactory(const std::vector<std::string>& services,
                              observability::GrpcServerMetrics& metrics,
                              const observability::Logger* logger);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_METRICS_H_
