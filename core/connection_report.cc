#include "core/connection_report.h"

#include <algorithm>

#include "core/check.h"

namespace livecounter {

void ConnectionReport::Add(const std::string& product, int64_t difference) {
  products_[product].open += difference;
  Settle(product);
}

void ConnectionReport::Settle(const std::string& product) {
  const auto found = products_.find(product);
  const Numbers& numbers = found->second;
  if (numbers.open != numbers.told) {
    untold_.insert(product);
    return;
  }
  untold_.erase(product);
  if (numbers.open == 0) products_.erase(found);
}

std::vector<ProductConnections> ConnectionReport::TakeChanged(absl::Time now, size_t limit) {
  std::vector<ProductConnections> changed;
  while (!untold_.empty() && changed.size() < limit) {
    const std::string product = *untold_.begin();
    Numbers& numbers = products_.at(product);
    numbers.told = numbers.open;
    changed.push_back({.product = product, .connections = numbers.open});
    Settle(product);
  }
  // What did not fit does not wait.
  next_ = untold_.empty() ? now + interval_ : now;
  return changed;
}

void ConnectionReport::TellAll() {
  next_ = absl::InfinitePast();
  untold_.clear();
  for (auto it = products_.begin(); it != products_.end();) {
    it->second.told = 0;
    if (it->second.open == 0) {
      it = products_.erase(it);
    } else {
      untold_.insert(it->first);
      ++it;
    }
  }
}

int64_t ConnectionReport::Elsewhere(const ProductConnections& total) const {
  const auto found = products_.find(total.product);
  const int64_t told = found == products_.end() ? 0 : found->second.told;
  return std::max<int64_t>(0, total.connections - told);
}

void ConnectionReport::CheckInvariants() const {
  for (const auto& [product, numbers] : products_) {
    CheckInvariant(numbers.open >= 0, "no product has fewer than no connections");
    CheckInvariant(numbers.open > 0 || numbers.told > 0, "only what there is to tell of is kept");
    CheckInvariant(untold_.contains(product) == (numbers.open != numbers.told),
                   "what is another than was told is to be told");
  }
}

}  // namespace livecounter
