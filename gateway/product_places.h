// How many connections each product has open, here and elsewhere, so that its bound holds over all gateways
// (contract §3: to within a second).

#ifndef LIVECOUNTER_GATEWAY_PRODUCT_PLACES_H_
#define LIVECOUNTER_GATEWAY_PRODUCT_PLACES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::gateway {

// Any thread. Knows the products that have something open here, and no others.
class ProductPlaces {
 public:
  // One more connection of `product`, where that keeps it within `max` (0 for no bound) over all gateways
  // as of their last word. Exact for this gateway, however many ask at once.
  bool Take(const std::string& product, int64_t max);
  // It has gone. Once for each Take() that was true.
  void GiveBack(const std::string& product);

  // The other gateways have `connections` open of `product`. Of no effect where none is open here: it is
  // told again with the next one.
  void SetElsewhere(const std::string& product, int64_t connections);

  // Products that have anything open here.
  size_t products() const;

 private:
  struct Open {
    int64_t here = 0;
    int64_t elsewhere = 0;
  };

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Open> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_PRODUCT_PLACES_H_
