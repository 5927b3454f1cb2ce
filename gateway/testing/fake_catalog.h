// A catalog (gateway/catalog.h) that a test fills.

#ifndef LIVECOUNTER_GATEWAY_TESTING_FAKE_CATALOG_H_
#define LIVECOUNTER_GATEWAY_TESTING_FAKE_CATALOG_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "gateway/catalog.h"
#include "gateway/catalog_inboxes.h"

namespace livecounter::gateway {

// Any thread. Every change is told to the loops at once.
class FakeCatalog final : public Catalog {
 public:
  // A product with this key, besides its others; in place of one of the same name.
  void Add(const std::string& key, Product product) {
    product.api_keys.push_back(key);
    Set(std::move(product));
  }
  void Set(Product product) {
    absl::MutexLock lock(&mutex_);
    const std::string name = product.name;
    products_[name] = std::make_shared<const Product>(std::move(product));
    Tell();
  }
  void Remove(const std::string& name) {
    absl::MutexLock lock(&mutex_);
    products_.erase(name);
    Tell();
  }
  // The key of the public product; "" for none.
  void SetPublic(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    public_key_ = key;
    Tell();
  }

  ProductPtr FindByKey(absl::string_view key) const {
    absl::MutexLock lock(&mutex_);
    return Table()->FindByKey(key);
  }

  void AddLoop(Inbox inbox) override { inboxes_.Add(std::move(inbox)); }
  bool is_known() const override { return inboxes_.has_told(); }

 private:
  void Tell() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { inboxes_.Tell(Table()); }
  ProductTablePtr Table() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::vector<ProductPtr> products;
    for (const auto& [name, product] : products_) products.push_back(product);
    return std::make_shared<const ProductTable>(std::move(products), public_key_);
  }

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, ProductPtr> products_ ABSL_GUARDED_BY(mutex_);
  std::string public_key_ ABSL_GUARDED_BY(mutex_);
  CatalogInboxes inboxes_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TESTING_FAKE_CATALOG_H_
