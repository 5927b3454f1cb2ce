#include "gateway/demo_catalog.h"

#include <utility>

#include "gateway/presence_hash.h"

namespace livecounter::gateway {

DemoCatalog::DemoCatalog(const Options& options) : is_public_(options.is_public) {
  Product demo;
  demo.name = kDemoProduct;
  demo.allowed_origins = {"*"};
  demo.min_update_interval = options.min_update_interval;
  demo.presence_secret = DerivePresenceSecret(options.shared_secret, demo.name);
  demo_ = std::make_shared<const Product>(std::move(demo));
}

std::shared_ptr<const Product> DemoCatalog::FindByKey(absl::string_view key) const {
  return key == kDemoKey ? demo_ : nullptr;
}

std::shared_ptr<const Product> DemoCatalog::PublicProduct() const {
  return is_public_ ? demo_ : nullptr;
}

}  // namespace livecounter::gateway
