// Counts the calls of a gRPC server under the go-grpc-middleware names.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_METRICS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_METRICS_H_

#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <string>
#include <vector>

#include "observability/metrics.h"

namespace livecounter::runtime {

// An interceptor for all methods of the services named in full, whose series it makes at once. A call
// counts under the status that its method ended it with, also where the client no longer listened.
// Calls of other services (health, reflection) are not counted. `metrics` outlives it.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
MakeMetricsInterceptorFactory(const std::vector<std::string>& services,
                              observability::GrpcServerMetrics& metrics);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_METRICS_H_
