// CounterService over gRPC (proto/…/counter_service.proto): each method checks its request, asks the
// engine, and answers in the resource's words. Watches go to the replica.

#ifndef LIVECOUNTER_SERVICES_COUNTER_COUNTER_SERVICE_H_
#define LIVECOUNTER_SERVICES_COUNTER_COUNTER_SERVICE_H_

#include <memory>

#include "services/counter/engine.h"
#include "services/counter/increments.h"
#include "services/counter/replica_loop.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/clock.h"
#include "services/runtime/grpc_server.h"

namespace livecounter::counter {

class CounterService {
 public:
  // All outlive it. `token` is the operator's. `increments` counts what has no request id.
  CounterService(CounterEngine& engine, Increments& increments, ReplicaLoop& loop,
                 const runtime::TokenVerifier& token, runtime::Clock& clock);
  // After the server that serves it.
  ~CounterService();

  // For GrpcServer::Start().
  runtime::GrpcService service() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_COUNTER_SERVICE_H_
