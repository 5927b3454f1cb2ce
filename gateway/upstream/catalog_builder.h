// The catalog as it comes over EdgeService.WatchCatalog, put together: what is in force stays in force until
// all of a new stream's has come.

#ifndef LIVECOUNTER_GATEWAY_UPSTREAM_CATALOG_BUILDER_H_
#define LIVECOUNTER_GATEWAY_UPSTREAM_CATALOG_BUILDER_H_

#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/catalog.h"
#include "livecounter/v1/edge_service.pb.h"

namespace livecounter::gateway {

// Not thread-safe.
class CatalogBuilder {
 public:
  struct Options {
    std::string public_key = {};  // as for ProductTable
    // Of products that keep the default of 100 ms; where it is longer than that, the least of any product.
    absl::Duration min_update_interval = absl::Milliseconds(100);
  };
  explicit CatalogBuilder(Options options) : options_(std::move(options)) {}

  // A new stream begins: what it sends is all there is.
  void Restart();
  // Takes in what came. INVALID_ARGUMENT says what was wrong of a product that is left out; the others are
  // taken all the same.
  absl::Status Apply(const v1::WatchCatalogResponse& message);

  // Whether all of the stream's products have come, so that its changes are in force as they come.
  bool is_complete() const { return is_complete_; }
  // What is in force. Products that are as they were are the same objects in every table.
  ProductTablePtr Build() const;
  size_t products() const { return products_.size(); }

 private:
  using Products = absl::flat_hash_map<std::string, ProductPtr>;

  absl::Duration IntervalOf(absl::Duration of_product) const;
  absl::StatusOr<Product> Decode(const v1::EdgeProduct& message) const;
  // The product as an object: the one in force where it is the same.
  ProductPtr Share(Product product) const;

  const Options options_;
  Products products_;  // in force
  Products staged_;    // of a stream that is not complete
  bool is_complete_ = false;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_UPSTREAM_CATALOG_BUILDER_H_
