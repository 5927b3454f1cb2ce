// The catalog of a deployment that has only the demo product (contract §1, "demo data").

#ifndef LIVECOUNTER_GATEWAY_DEMO_CATALOG_H_
#define LIVECOUNTER_GATEWAY_DEMO_CATALOG_H_

#include <memory>
#include <string>

#include "gateway/catalog.h"

namespace livecounter::gateway {

// The demo product's API key, and its name for --public_product.
inline constexpr char kDemoKey[] = "demo";
inline constexpr char kDemoProduct[] = "accounts/demo/products/demo";

// One product, kDemoProduct, with the key kDemoKey: any origin, no auto_create_counters. Immutable; any
// thread.
class DemoCatalog final : public Catalog {
 public:
  struct Options {
    // What all gateways of the deployment share and keep to themselves, such as the edge token: keys
    // the hash of presence IDs, so that one pId is one presence wherever it connects.
    std::string shared_secret = {};
    // Whether /counters/ serves the demo product without a key.
    bool is_public = true;
    absl::Duration min_update_interval = absl::Milliseconds(100);
  };

  explicit DemoCatalog(const Options& options);

  void AddLoop(Inbox inbox) override { inbox(table_); }
  bool is_known() const override { return true; }

 private:
  ProductTablePtr table_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_DEMO_CATALOG_H_
