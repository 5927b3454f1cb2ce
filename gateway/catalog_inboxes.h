// The loops that a catalog tells, and what it told them last.

#ifndef LIVECOUNTER_GATEWAY_CATALOG_INBOXES_H_
#define LIVECOUNTER_GATEWAY_CATALOG_INBOXES_H_

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/catalog.h"

namespace livecounter::gateway {

// Any thread. Every inbox gets the tables in the order of Tell(): inboxes are called under a lock.
class CatalogInboxes {
 public:
  void Add(Catalog::Inbox inbox) {
    absl::MutexLock lock(&mutex_);
    if (newest_ != nullptr) inbox(newest_);
    inboxes_.push_back(std::move(inbox));
  }

  void Tell(ProductTablePtr table) {
    absl::MutexLock lock(&mutex_);
    newest_ = std::move(table);
    for (const Catalog::Inbox& inbox : inboxes_) inbox(newest_);
  }

  bool has_told() const {
    absl::MutexLock lock(&mutex_);
    return newest_ != nullptr;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<Catalog::Inbox> inboxes_ ABSL_GUARDED_BY(mutex_);
  ProductTablePtr newest_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_CATALOG_INBOXES_H_
