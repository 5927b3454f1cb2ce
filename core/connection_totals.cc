#include "core/connection_totals.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace livecounter {
namespace {

// Of one product at one holder: far more than there can be, and sums of it stay within 63 bits.
constexpr int64_t kMostConnections = int64_t{1} << 40;

}  // namespace

void ConnectionTotals::OnAttached(HolderId holder) {
  Holder& of = holders_[holder];
  of.attached = true;
  of.resend.reset();  // of the stream before
}

void ConnectionTotals::OnStreamClosed(HolderId holder) {
  const auto found = holders_.find(holder);
  if (found == holders_.end()) return;
  found->second.attached = false;
  found->second.resend.reset();
  found->second.untold.clear();
  waiting_.erase(holder);
}

void ConnectionTotals::Remove(HolderId holder) {
  const auto found = holders_.find(holder);
  if (found == holders_.end()) return;
  OnStreamClosed(holder);
  const Share share = found->second.share;
  for (const auto& [product, connections] : share) {
    Set(holder, product, 0);
    Drop(holder, product);
  }
  holders_.erase(holder);
}

void ConnectionTotals::OnFrame(HolderId holder, const HolderFrame& frame) {
  Holder& of = holders_[holder];
  if (frame.resend_begin) of.resend.emplace();
  for (const ProductConnections& told : frame.connections) {
    const int64_t connections = std::clamp<int64_t>(told.connections, 0, kMostConnections);
    if (of.resend) {
      (*of.resend)[told.product] = connections;
    } else {
      Set(holder, told.product, connections);
    }
  }
  if (frame.resend_end && of.resend) FinishResend(holder, &of);
}

void ConnectionTotals::FinishResend(HolderId id, Holder* holder) {
  Share share = *std::exchange(holder->resend, absl::nullopt);
  for (const auto& [product, connections] : holder->share) share.try_emplace(product, 0);
  for (const auto& [product, connections] : share) Set(id, product, connections);
}

void ConnectionTotals::Set(HolderId holder, const std::string& product, int64_t connections) {
  Product& of = products_[product];
  of.holders.insert(holder);
  int64_t& mine = holders_.at(holder).share[product];
  const int64_t difference = connections - mine;
  mine = connections;
  of.total += difference;
  if (difference == 0) {
    Tell(holder, product);
  } else {
    TellAll(of, product);
  }
}

void ConnectionTotals::Drop(HolderId holder, const std::string& product) {
  holders_.at(holder).share.erase(product);
  const auto found = products_.find(product);
  found->second.holders.erase(holder);
  if (found->second.holders.empty()) products_.erase(found);
}

void ConnectionTotals::TellAll(const Product& product, const std::string& name) {
  for (const HolderId holder : product.holders) Tell(holder, name);
}

void ConnectionTotals::Tell(HolderId holder, const std::string& product) {
  Holder& to = holders_.at(holder);
  if (!to.attached) return;
  to.untold.insert(product);
  waiting_.insert(holder);
}

std::vector<ProductConnections> ConnectionTotals::Take(HolderId holder, size_t limit) {
  std::vector<ProductConnections> totals;
  const auto found = holders_.find(holder);
  if (found == holders_.end()) return totals;
  Holder& of = found->second;
  while (!of.untold.empty() && totals.size() < limit) {
    const std::string product = *of.untold.begin();
    of.untold.erase(of.untold.begin());
    const int64_t total = Total(product);
    totals.push_back({.product = product, .connections = total});
    // Nobody has any: there is nothing to follow.
    if (total == 0) Drop(holder, product);
  }
  if (of.untold.empty()) waiting_.erase(holder);
  return totals;
}

int64_t ConnectionTotals::Total(const std::string& product) const {
  const auto found = products_.find(product);
  return found == products_.end() ? 0 : found->second.total;
}

int64_t ConnectionTotals::Held(HolderId holder) const {
  const auto found = holders_.find(holder);
  if (found == holders_.end()) return 0;
  int64_t sum = 0;
  for (const auto& [product, connections] : found->second.share) sum += connections;
  return sum;
}

void ConnectionTotals::CheckInvariants() const {
  absl::btree_map<std::string, Product> all;
  for (const auto& [id, holder] : holders_) {
    for (const auto& [product, connections] : holder.share) {
      all[product].total += connections;
      all[product].holders.insert(id);
    }
    CheckInvariant(waiting_.contains(id) == !holder.untold.empty(), "who has news waits");
    CheckInvariant(Implies(!holder.attached, holder.untold.empty() && !holder.resend),
                   "news and resends need a stream");
    for (const std::string& product : holder.untold) {
      CheckInvariant(holder.share.contains(product), "who is told of a product told of it");
    }
  }
  CheckInvariant(all.size() == products_.size(), "every product is somebody's");
  for (const auto& [name, product] : products_) {
    CheckInvariant(all[name].total == product.total, "a total is the sum of its shares");
    CheckInvariant(all[name].holders == product.holders, "a product knows its holders");
  }
}

}  // namespace livecounter
