#include "gateway/loop_products.h"

namespace livecounter::gateway {

LoopProducts::LoopProducts(EventLoop& loop, Catalog& catalog, LoopLink& link, ProductPlaces& places,
                           std::function<void()> on_change)
    : link_(link),
      places_(places),
      on_change_(std::move(on_change)),
      door_(std::make_shared<LoopDoor>(loop)) {
  catalog.AddLoop([this, door = door_](ProductTablePtr table) {
    door->Post([this, table = std::move(table)] { Accept(table); });
  });
}

LoopProducts::~LoopProducts() { door_->Close(); }

ProductPtr LoopProducts::FindByKey(absl::string_view key) const {
  return table_ == nullptr ? nullptr : table_->FindByKey(key);
}

ProductPtr LoopProducts::FindByName(absl::string_view name) const {
  return table_ == nullptr ? nullptr : table_->FindByName(name);
}

ProductPtr LoopProducts::PublicProduct() const {
  return table_ == nullptr ? nullptr : table_->PublicProduct();
}

absl::optional<LoopProducts::Place> LoopProducts::Take(const ProductPtr& product,
                                                       absl::string_view key) {
  if (!places_.Take(product->name, product->max_connections)) return absl::nullopt;
  const Key name(product->name, std::string(key));
  const auto [it, is_new] = uses_.try_emplace(name, Use{*this, name, product});
  Use& use = it->second;
  // The product may be from before a change that came while the request waited.
  if (is_new) BringUp(use);
  ++use.streams;
  link_.ConnectionsChanged(product->name, +1);
  return Place(use);
}

void LoopProducts::GiveBack(Use& use) {
  const std::string& product = use.key.first;
  places_.GiveBack(product);
  link_.ConnectionsChanged(product, -1);
  if (--use.streams > 0) return;
  const Key key = use.key;  // the use goes while it is being erased
  uses_.erase(key);
}

void LoopProducts::Accept(ProductTablePtr table) {
  table_ = std::move(table);
  bool is_changed = false;
  for (auto& [key, use] : uses_) is_changed |= BringUp(use);
  if (is_changed) on_change_();
}

bool LoopProducts::BringUp(Use& use) {
  if (!use.is_good) return false;
  const auto& [name, key] = use.key;
  const ProductPtr newest = key.empty() ? table_->PublicProduct() : table_->FindByKey(key);
  use.is_good = newest != nullptr && newest->name == name;
  if (!use.is_good) return true;
  return std::exchange(use.product, newest) != newest;
}

}  // namespace livecounter::gateway
