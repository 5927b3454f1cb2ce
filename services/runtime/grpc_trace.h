// The trace that a gRPC call belongs to (observability/trace_context.h), in its metadata.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_TRACE_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_TRACE_H_

#include "absl/types/optional.h"
#include "observability/trace_context.h"

namespace grpc {
class ClientContext;
class ServerContextBase;
}  // namespace grpc

namespace livecounter::runtime {

// What the caller sent; nothing where that is none.
absl::optional<observability::TraceContext> TraceOf(const grpc::ServerContextBase& context);

// Before the call begins.
void PassTrace(const absl::optional<observability::TraceContext>& trace,
               grpc::ClientContext& context);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_TRACE_H_
