// SEAM: EdgeService's WatchCatalog, which somebody else serves (services/admin/catalog_feed.h).

#ifndef LIVECOUNTER_SERVICES_COUNTER_CATALOG_WATCH_H_
#define LIVECOUNTER_SERVICES_COUNTER_CATALOG_WATCH_H_

#include <grpcpp/support/server_callback.h>

#include "livecounter/v1/edge_service.pb.h"

namespace livecounter::counter {

class CatalogWatch {
 public:
  virtual ~CatalogWatch() = default;
  // Serves one gateway's call, whose credential was checked. What it returns deletes itself. Any thread.
  virtual grpc::ServerWriteReactor<v1::WatchCatalogResponse>* Start() = 0;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_CATALOG_WATCH_H_
