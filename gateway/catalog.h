// SEAM: what the gateway knows of products (contract §5), and where it learns of them. The real one is
// gateway/upstream/catalog_client.h; tests have a fake.

#ifndef LIVECOUNTER_GATEWAY_CATALOG_H_
#define LIVECOUNTER_GATEWAY_CATALOG_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace livecounter::gateway {

// Whom to ask whether a user may count (contract §4).
struct Verification {
  std::string endpoint_uri = {};
  std::string signing_secret = {};  // never logged

  friend bool operator==(const Verification&, const Verification&) = default;
};

// One product as of a moment; immutable, shared by all that work under it.
struct Product {
  std::string name = {};  // accounts/{a}/products/{p}
  bool active = true;     // whether its account is; if not, numbers are example data (contract §3)
  std::vector<std::string> api_keys = {};         // the active ones
  std::vector<std::string> allowed_origins = {};  // "*" allows any
  bool auto_create_counters = false;
  absl::Duration min_update_interval = absl::Milliseconds(100);
  absl::Duration clean_leave_grace = absl::Seconds(1);
  absl::Duration lost_leave_grace = absl::Seconds(10);
  int64_t max_connections = 0;         // over all gateways; 0 for no bound
  int64_t max_connections_per_ip = 0;  // at this gateway; 0 for the gateway's own
  double max_hits_per_second = 0;      // at this gateway; 0 for the gateway's own
  // Keys the hash of presence IDs (design §6); never logged. Stays the same for the product's life.
  std::array<uint8_t, 32> presence_secret = {};
  absl::optional<Verification> verification = {};  // nothing: everybody counts
  uint64_t life = 0;  // tells it from another that has its name when it is deleted; 0: not known

  friend bool operator==(const Product&, const Product&) = default;
};

using ProductPtr = std::shared_ptr<const Product>;

// All products at one moment. Immutable; any thread.
class ProductTable {
 public:
  // `public_key`: the API key of the product that /counters/ serves without a key; "" for none.
  explicit ProductTable(std::vector<ProductPtr> products, const std::string& public_key = "");

  // The product of an active API key; null for an unknown or revoked one.
  ProductPtr FindByKey(absl::string_view key) const { return Find(by_key_, key); }
  // The product of this name; null for none.
  ProductPtr FindByName(absl::string_view name) const { return Find(by_name_, name); }
  // The product that /counters/ serves without a key; null where the deployment has none.
  const ProductPtr& PublicProduct() const { return public_product_; }

 private:
  // Keyed by strings of the products.
  using Map = absl::flat_hash_map<absl::string_view, ProductPtr>;

  static ProductPtr Find(const Map& map, absl::string_view key);

  Map by_key_;
  Map by_name_;
  ProductPtr public_product_;
};

using ProductTablePtr = std::shared_ptr<const ProductTable>;

// Thread-safe.
class Catalog {
 public:
  // Called on any thread, must only enqueue and wake. Products that did not change are the same objects
  // in every table.
  using Inbox = std::function<void(ProductTablePtr)>;

  virtual ~Catalog() = default;
  // Tells `inbox` the newest table, once there is one, and each that follows.
  virtual void AddLoop(Inbox inbox) = 0;
  // Whether there was one yet.
  virtual bool is_known() const = 0;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_CATALOG_H_
