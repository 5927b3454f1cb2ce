// WatchCounters: one client's stream, handed to the replica, which conflates for it.

#ifndef LIVECOUNTER_SERVICES_COUNTER_WATCH_STREAM_H_
#define LIVECOUNTER_SERVICES_COUNTER_WATCH_STREAM_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "core/ids.h"
#include "livecounter/v1/counter_service.grpc.pb.h"
#include "services/counter/replica_loop.h"

namespace livecounter::counter {

// Whether the caller may still see what they watch. Called on the loop, as long as the call lasts; does not
// block.
using WatchAccess = std::function<absl::Status()>;

// What the method returns: a stream of the current values of `counters` and then their changes, which ends
// with the error of `access` in place of a message that the caller may not see any more. `loop` outlives it.
grpc::ServerWriteReactor<v1::WatchCountersResponse>* StartWatch(
    ReplicaLoop& loop, grpc::CallbackServerContext& context, const std::vector<CounterId>& counters,
    WatchAccess access);

// One that ends with this at once.
grpc::ServerWriteReactor<v1::WatchCountersResponse>* RefuseWatch(const absl::Status& why);

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_WATCH_STREAM_H_
