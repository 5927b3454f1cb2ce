// SEAM: what the gateway needs to know of products. A fixed demo catalog stands behind it today.

#ifndef LIVECOUNTER_GATEWAY_CATALOG_H_
#define LIVECOUNTER_GATEWAY_CATALOG_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace livecounter::gateway {

// One product as of a moment; immutable, shared by the connections that were made under it.
struct Product {
  std::string name;                          // accounts/{a}/products/{p}
  std::vector<std::string> allowed_origins;  // "*" allows any
  bool auto_create_counters = false;
  absl::Duration min_update_interval = absl::Milliseconds(100);
  absl::Duration clean_leave_grace = absl::Seconds(1);
  absl::Duration lost_leave_grace = absl::Seconds(10);
  std::array<uint8_t, 32>
      presence_secret{};  // keys the hash of presence IDs (design §6); never logged
};

// Thread-safe.
class Catalog {
 public:
  virtual ~Catalog() = default;
  // The product of an active API key; null for an unknown or revoked one.
  virtual std::shared_ptr<const Product> FindByKey(absl::string_view key) const = 0;
  // The product that /counters/ serves without a key; null where the deployment has none.
  virtual std::shared_ptr<const Product> PublicProduct() const = 0;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_CATALOG_H_
