// A catalog (gateway/catalog.h) that a test fills.

#ifndef LIVECOUNTER_GATEWAY_TESTING_FAKE_CATALOG_H_
#define LIVECOUNTER_GATEWAY_TESTING_FAKE_CATALOG_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "gateway/catalog.h"

namespace livecounter::gateway {

// To be filled before other threads use it.
class FakeCatalog final : public Catalog {
 public:
  void Add(const std::string& key, Product product) {
    products_[key] = std::make_shared<const Product>(std::move(product));
  }
  // The key of the public product; "" for none.
  void SetPublic(const std::string& key) { public_key_ = key; }

  std::shared_ptr<const Product> FindByKey(absl::string_view key) const override {
    const auto found = products_.find(key);
    return found == products_.end() ? nullptr : found->second;
  }
  std::shared_ptr<const Product> PublicProduct() const override { return FindByKey(public_key_); }

 private:
  absl::flat_hash_map<std::string, std::shared_ptr<const Product>> products_;
  std::string public_key_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TESTING_FAKE_CATALOG_H_
