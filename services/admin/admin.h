// The administration side of a counterd, put together over its engine: the catalog in memory, AdminService,
// who calls, the feed of gateways.

#ifndef LIVECOUNTER_SERVICES_ADMIN_ADMIN_H_
#define LIVECOUNTER_SERVICES_ADMIN_ADMIN_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "observability/logging.h"
#include "services/admin/accounts.h"
#include "services/admin/admin_service.h"
#include "services/admin/api_keys.h"
#include "services/admin/backup_downloads.h"
#include "services/admin/catalog.h"
#include "services/admin/catalog_feed.h"
#include "services/admin/endpoint_tests.h"
#include "services/admin/products.h"
#include "services/admin/records.h"
#include "services/admin/sign_in/sessions.h"
#include "services/admin/sign_in/sign_in.h"
#include "services/counter/engine.h"
#include "services/counter/replica_loop.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/clock.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/random.h"
#include "services/runtime/worker_pool.h"

namespace livecounter::admin {

class Admin {
 public:
  // All of it outlives the Admin; the engine is closed before it ends.
  struct Parts {
    counter::CounterEngine& engine;
    counter::ReplicaLoop& replica;
    const runtime::TokenVerifier& operator_token;
    runtime::Clock& clock;
    runtime::Random& random;
    const observability::Logger& logger;
  };
  struct Options {
    SignIn::Options sign_in = {};
    EndpointTests::Verifier verifier = {};
    // Of BackupDownloads alone, on the disk of the engine's store.
    std::string backup_directory = {};
  };

  // Reads the catalog, and finishes deletions that the last process did not. Errors are the store's.
  static absl::StatusOr<std::unique_ptr<Admin>> Start(Options options, const Parts& parts);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  // The demo account with its product, key and hit counters 1 … 9, where there is no account at all;
  // whether it was so. `endpoint_uri` as in demo_data.h. Blocks.
  absl::StatusOr<bool> LoadDemo(absl::string_view endpoint_uri = "");

  // For EdgeService and CounterService.
  counter::CatalogWatch& catalog_watch() { return feed_; }
  const counter::ProductDirectory& products() const { return catalog_; }
  const runtime::PrincipalResolver& callers() const { return sessions_; }

  // For metrics. Any thread.
  const Catalog& catalog() const { return catalog_; }
  const CatalogFeed& catalog_feed() const { return feed_; }

  // AdminService, for GrpcServer::Start(); ends after that server.
  runtime::GrpcService service() const { return service_.service(); }

  // Ends the streams of gateways, and of a backup. Any thread.
  void Drain();

 private:
  Admin(Options options, const Parts& parts);

  absl::Status Purge(const std::string& product);

  const Parts parts_;
  // Each uses those above it.
  Records records_;
  Catalog catalog_;
  CatalogFeed feed_;
  CatalogParts catalog_parts_;
  Products products_;
  Accounts accounts_;
  ApiKeys api_keys_;
  Sessions sessions_;
  SignIn sign_in_;
  runtime::WorkerPool workers_;
  runtime::WorkerPool password_workers_;
  EndpointTests endpoint_tests_;
  BackupDownloads backup_downloads_;
  AdminService service_;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_ADMIN_H_
