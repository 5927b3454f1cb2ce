#include "services/runtime/grpc_trace.h"

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include "absl/strings/string_view.h"

namespace livecounter::runtime {

using observability::TraceContext;

absl::optional<TraceContext> TraceOf(const grpc::ServerContextBase& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(observability::kTraceparent);
  if (found == metadata.end() || metadata.count(observability::kTraceparent) > 1) {
    return absl::nullopt;
  }
  return TraceContext::Parse(absl::string_view(found->second.data(), found->second.size()));
}

void PassTrace(const absl::optional<TraceContext>& trace, grpc::ClientContext& context) {
  if (trace.has_value()) context.AddMetadata(observability::kTraceparent, trace->header());
}

}  // namespace livecounter::runtime
