// SEAM: which products there are, for whoever serves their counters (services/admin/catalog.h).

#ifndef LIVECOUNTER_SERVICES_COUNTER_PRODUCT_DIRECTORY_H_
#define LIVECOUNTER_SERVICES_COUNTER_PRODUCT_DIRECTORY_H_

#include "absl/strings/string_view.h"

namespace livecounter::counter {

// Any thread.
class ProductDirectory {
 public:
  virtual ~ProductDirectory() = default;
  // Whether there is a product of this name.
  virtual bool HasProduct(absl::string_view name) const = 0;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_PRODUCT_DIRECTORY_H_
