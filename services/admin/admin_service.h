// AdminService over gRPC (proto/…/admin_service.proto): each method says who may call it (access.h), where it
// runs, and who answers. What blocks runs on workers; what hashes passwords on workers of its own, so that
// no flood of sign-ins keeps anybody else waiting, and no flood of sign-ups those who sign in.

#ifndef LIVECOUNTER_SERVICES_ADMIN_ADMIN_SERVICE_H_
#define LIVECOUNTER_SERVICES_ADMIN_ADMIN_SERVICE_H_

#include <memory>

#include "services/runtime/clock.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/principal.h"
#include "services/runtime/worker_pool.h"

namespace livecounter::counter {
class CounterEngine;
class ReplicaLoop;
}  // namespace livecounter::counter

namespace livecounter::admin {

class Accounts;
class ApiKeys;
class BackupDownloads;
class Catalog;
class EndpointTests;
class Products;
class SignIn;

class AdminService {
 public:
  // All outlive it.
  struct Parts {
    Accounts& accounts;
    Products& products;
    ApiKeys& api_keys;
    SignIn& sign_in;
    EndpointTests& endpoint_tests;
    BackupDownloads& backup_downloads;
    const Catalog& catalog;
    counter::CounterEngine& engine;
    counter::ReplicaLoop& replica;
    const runtime::PrincipalResolver& callers;
    runtime::Clock& clock;
    runtime::WorkerPool& workers;
    runtime::WorkerPool& password_workers;
  };
  explicit AdminService(const Parts& parts);
  // After the server that serves it.
  ~AdminService();

  // For GrpcServer::Start().
  runtime::GrpcService service() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_ADMIN_SERVICE_H_
