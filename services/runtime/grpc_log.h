// What gRPC's own code has to say, as events of our log: standard error holds JSON lines only
// (contract §7).

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_LOG_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_LOG_H_

#include "observability/logging.h"

namespace livecounter::runtime {

// From now on gRPC logs into `logger`, which must live as long as the process: gRPC takes one
// function for the whole process and no data with it. Errors come as warnings, as nearly all of
// them are what became of one connection. Once, from main().
void SendGrpcLogsTo(const observability::Logger& logger);

// The same for all libraries that would write to standard error by themselves. What Protobuf would say of
// bytes that it cannot parse is dropped: their sender is told.
void SendLogsOfLibrariesTo(const observability::Logger& logger);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_LOG_H_
