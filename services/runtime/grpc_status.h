// The one mapping between absl::Status, which everything here speaks, and grpc::Status, which goes
// over the wire. Codes map one to one and messages are kept; a code outside the list is UNKNOWN.
//
// Every error goes out with a google.rpc.ErrorInfo of the domain "livecounter" (contract §5), by which
// programs tell apart what shares a code: WithReason() names the reason, the code's name stands where
// nobody did. Any thread.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_GRPC_STATUS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace livecounter::runtime {

grpc::Status ToGrpcStatus(const absl::Status& status);
// With the reason and metadata that ToGrpcStatus() wrote, here or in another of our programs.
absl::Status FromGrpcStatus(const grpc::Status& status);

// `status`, an error, with a reason in UPPER_SNAKE_CASE, at most 63 characters, and facts beside it,
// such as {"resource", "accounts/a"}; in place of those it had.
absl::Status WithReason(
    absl::Status status, absl::string_view reason,
    const std::vector<std::pair<absl::string_view, absl::string_view>>& metadata = {});
// What WithReason() named; else the code's name, "NOT_FOUND". "" for OK.
std::string ReasonOf(const absl::Status& status);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_GRPC_STATUS_H_
