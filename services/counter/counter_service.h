// CounterService over gRPC (proto/…/counter_service.proto): each method checks who calls and what is asked,
// asks the engine, and answers in the resource's words. Watches go to the replica.

#ifndef LIVECOUNTER_SERVICES_COUNTER_COUNTER_SERVICE_H_
#define LIVECOUNTER_SERVICES_COUNTER_COUNTER_SERVICE_H_

#include <memory>

#include "services/counter/engine.h"
#include "services/counter/increments.h"
#include "services/counter/product_directory.h"
#include "services/counter/replica_loop.h"
#include "services/runtime/clock.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/principal.h"

namespace livecounter::counter {

class CounterService {
 public:
  // All outlive it.
  struct Parts {
    CounterEngine& engine;
    Increments& increments;  // counts what has no request id
    ReplicaLoop& loop;
    const ProductDirectory& products;
    const runtime::PrincipalResolver& callers;
    runtime::Clock& clock;
  };
  explicit CounterService(const Parts& parts);
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
