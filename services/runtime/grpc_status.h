// The one mapping between absl::Status, which everything here speaks, and grpc::Status, which goes
// over the wire. Codes map one to one and messages are kept; a code outside the list is UNKNOWN.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_STATUS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace livecounter::runtime {

grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_STATUS_H_
