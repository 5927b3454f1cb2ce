// EdgeService.WatchCatalog: tells gateways the products they may serve, all of them first, then each change
// of the catalog. Between the catalog and a gateway that is slow stands one slot per product, which holds
// that it changed and not how often: what is sent is the product as it is then (design §4).

#ifndef LIVECOUNTER_SERVICES_ADMIN_CATALOG_FEED_H_
#define LIVECOUNTER_SERVICES_ADMIN_CATALOG_FEED_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "services/admin/catalog.h"
#include "services/counter/catalog_watch.h"
#include "services/runtime/clock.h"
#include "services/runtime/loop_thread.h"

namespace livecounter::admin {

class CatalogFeed final : public counter::CatalogWatch {
 public:
  // Takes the catalog's listener, so it is made before the catalog is filled. Both outlive it, and the
  // catalog changes no more when it ends.
  CatalogFeed(Catalog& catalog, runtime::Clock& clock);
  // After the server whose calls it serves.
  ~CatalogFeed() override;

  grpc::ServerWriteReactor<v1::WatchCatalogResponse>* Start() override;

  // Streams that are open; changes of products told to them so far. Any thread.
  size_t watchers() const { return watchers_.load(); }
  int64_t changes() const { return changes_.load(); }

  // Ends all streams, and those that are to come, with UNAVAILABLE. Any thread.
  void Drain();

 private:
  class Stream;

  // --- On the loop, which owns all below. ---

  void Open(std::unique_ptr<Stream> stream);
  void Close(const Stream& stream);
  void OnChanged(const std::vector<std::string>& products);
  // Writes to every stream that can take more. When to come again: never, but for a change.
  absl::Time Flush();

  Catalog& catalog_;
  std::atomic<size_t> watchers_{0};
  std::atomic<int64_t> changes_{0};
  bool draining_ = false;
  absl::flat_hash_map<const Stream*, std::unique_ptr<Stream>> streams_;
  runtime::LoopThread loop_;  // last: it uses all of the above
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_CATALOG_FEED_H_
