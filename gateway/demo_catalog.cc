#include "gateway/demo_catalog.h"

#include <utility>
#include <vector>

#include "gateway/presence_hash.h"

namespace livecounter::gateway {

DemoCatalog::DemoCatalog(const Options& options) {
  Product demo;
  demo.name = kDemoProduct;
  demo.api_keys = {kDemoKey};
  demo.allowed_origins = {"*"};
  demo.min_update_interval = options.min_update_interval;
  demo.presence_secret = DerivePresenceSecret(options.shared_secret, demo.name);
  table_ = std::make_shared<const ProductTable>(
      std::vector<ProductPtr>{std::make_shared<const Product>(std::move(demo))},
      options.is_public ? kDemoKey : "");
}

}  // namespace livecounter::gateway
