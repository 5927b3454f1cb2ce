// SEAM: which products there are, for whoever serves their counters (services/admin/catalog.h).

#ifndef LIVECOUNTER_SERVICES_COUNTER_PRODUCT_DIRECTORY_H_
#define LIVECOUNTER_SERVICES_COUNTER_PRODUCT_DIRECTORY_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace livecounter::counter {

// Any thread.
class ProductDirectory {
 public:
  virtual ~ProductDirectory() = default;
  // The life of the product of this name, which tells it from others that had the name before, or will have
  // it; 0 where that is not known. Nothing where there is no product.
  virtual absl::optional<uint64_t> LifeOf(absl::string_view name) const = 0;

  // Whether it has auto_create_counters; false where there is no product.
  virtual bool CreatesCounters(absl::string_view name) const = 0;

  // Whether there is a product of this name.
  bool HasProduct(absl::string_view name) const { return LifeOf(name).has_value(); }
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_PRODUCT_DIRECTORY_H_
