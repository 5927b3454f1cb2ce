// The products as one event loop knows them, and what its streams make of them: each stream works under one
// product by one API key, and sees at once what becomes of both (contract §5).

#ifndef LIVECOUNTER_GATEWAY_LOOP_PRODUCTS_H_
#define LIVECOUNTER_GATEWAY_LOOP_PRODUCTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/node_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/catalog.h"
#include "gateway/loop_door.h"
#include "gateway/loop_link.h"
#include "gateway/product_places.h"
#include "gateway/transport.h"

namespace livecounter::gateway {

// Belongs to its loop's thread; made before the loop runs or on it. Outlives the loop's streams.
class LoopProducts {
  struct Use;

 public:
  // A stream's place in a product. Of the size of a pointer; given back when it is destroyed.
  class Place {
   public:
    ~Place() {
      if (use_ != nullptr) use_->owner.GiveBack(*use_);
    }
    Place(Place&& other) noexcept : use_(std::exchange(other.use_, nullptr)) {}
    Place& operator=(Place&&) = delete;

    // As of now; once the key is revoked, as it was then.
    const ProductPtr& product() const { return use_->product; }
    // Whether the API key is one of the product's still.
    bool is_good() const { return use_->is_good; }

   private:
    friend class LoopProducts;
    explicit Place(Use& use) : use_(&use) {}

    Use* use_;
  };

  // All outlive the products. `on_change` is called after each new table that changes anything for what
  // is in use here; then the table and all places are up to date.
  LoopProducts(EventLoop& loop, Catalog& catalog, LoopLink& link, ProductPlaces& places,
               std::function<void()> on_change);
  ~LoopProducts();
  LoopProducts(const LoopProducts&) = delete;
  LoopProducts& operator=(const LoopProducts&) = delete;

  // False until the first table has come: nobody knows any product.
  bool is_known() const { return table_ != nullptr; }
  // As in ProductTable; null while nothing is known.
  ProductPtr FindByKey(absl::string_view key) const;
  ProductPtr FindByName(absl::string_view name) const;
  ProductPtr PublicProduct() const;

  // A place for one more stream of `product` by `key` ("" where it is the public product); nothing where
  // the product has as many connections as it may. It counts upstream as a connection from now on.
  absl::optional<Place> Take(const ProductPtr& product, absl::string_view key);

  // Products and keys that have streams here.
  size_t in_use() const { return uses_.size(); }

 private:
  // By name of the product, and key.
  using Key = std::pair<std::string, std::string>;
  struct Use {
    LoopProducts& owner;
    Key key;
    ProductPtr product;
    bool is_good = true;
    int64_t streams = 0;
  };

  void Accept(ProductTablePtr table);
  // Whether that changed it.
  bool BringUp(Use& use);
  void GiveBack(Use& use);

  LoopLink& link_;
  ProductPlaces& places_;
  const std::function<void()> on_change_;
  ProductTablePtr table_;
  absl::node_hash_map<Key, Use> uses_;
  const std::shared_ptr<LoopDoor> door_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_LOOP_PRODUCTS_H_
