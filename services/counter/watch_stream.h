// WatchCounters: one client's stream, handed to the replica, which conflates for it.

#ifndef LIVECOUNTER_SERVICES_COUNTER_WATCH_STREAM_H_
#define LIVECOUNTER_SERVICES_COUNTER_WATCH_STREAM_H_

#include <vector>

#include "absl/status/statusor.h"
#include "core/ids.h"
#include "livecounter/v1/counter_service.grpc.pb.h"
#include "services/counter/replica_loop.h"

namespace livecounter::counter {

// What the method returns: a stream of the current values of `counters` and then their changes, or,
// where they are an error, one that ends with it at once. `loop` outlives the call.
grpc::ServerWriteReactor<v1::WatchCountersResponse>* StartWatch(
    ReplicaLoop& loop, grpc::CallbackServerContext& context,
    const absl::StatusOr<std::vector<CounterId>>& counters);

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_WATCH_STREAM_H_
