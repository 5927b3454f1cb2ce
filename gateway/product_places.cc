#include "gateway/product_places.h"

#include "core/connection_report.h"

namespace livecounter::gateway {

bool ProductPlaces::Take(const std::string& product, int64_t max) {
  absl::MutexLock lock(&mutex_);
  Open& open = open_[product];
  // A new entry has nobody elsewhere, so it is not left empty: a bound is at least 1.
  if (!MayConnect(open.here, open.elsewhere, max)) return false;
  ++open.here;
  return true;
}

void ProductPlaces::GiveBack(const std::string& product) {
  absl::MutexLock lock(&mutex_);
  const auto found = open_.find(product);
  if (--found->second.here == 0) open_.erase(found);
}

void ProductPlaces::SetElsewhere(const std::string& product, int64_t connections) {
  absl::MutexLock lock(&mutex_);
  const auto found = open_.find(product);
  if (found != open_.end()) found->second.elsewhere = connections;
}

size_t ProductPlaces::products() const {
  absl::MutexLock lock(&mutex_);
  return open_.size();
}

}  // namespace livecounter::gateway
