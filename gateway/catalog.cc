#include "gateway/catalog.h"

#include <utility>

namespace livecounter::gateway {

ProductTable::ProductTable(std::vector<ProductPtr> products, const std::string& public_key) {
  for (ProductPtr& product : products) {
    for (const std::string& key : product->api_keys) by_key_[key] = product;
    by_name_[product->name] = std::move(product);
  }
  public_product_ = FindByKey(public_key);
}

ProductPtr ProductTable::Find(const Map& map, absl::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace livecounter::gateway
