// EdgeService over gRPC: the streams of gateways, each handed to the replica, and their watches of the
// catalog (proto/…/edge_service.proto tells the story). Nothing is decided here.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EDGE_SERVICE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EDGE_SERVICE_H_

#include <memory>

#include "services/counter/replica_loop.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/grpc_server.h"

namespace livecounter::counter {

class CatalogWatch;

class EdgeService {
 public:
  // All outlive it. `token` is what gateways show.
  EdgeService(ReplicaLoop& loop, CatalogWatch& catalog, const runtime::TokenVerifier& token);
  // After the server that serves it.
  ~EdgeService();

  // For GrpcServer::Start().
  runtime::GrpcService service() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_EDGE_SERVICE_H_
