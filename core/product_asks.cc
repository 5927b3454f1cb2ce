#include "core/product_asks.h"

#include <utility>

#include "core/check.h"

namespace livecounter {

bool ProductAsks::Add(const PresenceHash& user, AskId ask) {
  if (asks_ >= options_.max_asks) return false;
  const auto [found, is_new] = users_.try_emplace(user);
  if (is_new) {
    found->second.place = ++last_place_;
    queue_[last_place_] = user;
  }
  found->second.asks.push_back(ask);
  ++asks_;
  return true;
}

void ProductAsks::Withdraw(const PresenceHash& user, AskId ask) {
  const auto found = users_.find(user);
  if (found == users_.end()) return;
  User& waiting = found->second;
  asks_ -= std::erase(waiting.asks, ask);
  if (waiting.place == 0 || !waiting.asks.empty()) return;
  queue_.erase(waiting.place);
  users_.erase(found);
}

bool ProductAsks::HasNext(absl::Time now) const {
  if (queue_.empty()) return false;
  switch (breaker_.state(now)) {
    case CircuitBreaker::State::kClosed:
      return calls_ < options_.max_calls;
    case CircuitBreaker::State::kHalfOpen:
      return calls_ == 0;
    default:
      return false;
  }
}

ProductAsks::Call ProductAsks::Next() {
  const auto first = queue_.begin();
  const PresenceHash user = first->second;
  queue_.erase(first);
  ++calls_;
  User& waiting = users_[user];
  waiting.place = 0;
  return {user, waiting.asks.front()};
}

std::vector<AskId> ProductAsks::End(const PresenceHash& user, bool usable, absl::Time now) {
  if (usable) {
    breaker_.Succeeded();
  } else {
    breaker_.Failed(now);
  }
  --calls_;
  const auto found = users_.find(user);
  std::vector<AskId> asks = std::move(found->second.asks);
  users_.erase(found);
  asks_ -= asks.size();
  return asks;
}

std::vector<std::pair<PresenceHash, AskId>> ProductAsks::TakeWaiting() {
  std::vector<std::pair<PresenceHash, AskId>> taken;
  for (const auto& [place, user] : queue_) {
    const auto found = users_.find(user);
    for (const AskId ask : found->second.asks) taken.emplace_back(user, ask);
    users_.erase(found);
  }
  queue_.clear();
  asks_ -= taken.size();
  return taken;
}

void ProductAsks::CheckInvariants() const {
  size_t asks = 0;
  size_t calls = 0;
  for (const auto& [user, waiting] : users_) {
    asks += waiting.asks.size();
    calls += waiting.place == 0 ? 1 : 0;
    CheckInvariant(Implies(waiting.place != 0, !waiting.asks.empty()), "somebody waits for it");
    CheckInvariant(Implies(waiting.place != 0, queue_.contains(waiting.place)), "in its place");
  }
  CheckInvariant(asks == asks_, "asks are counted");
  CheckInvariant(asks <= options_.max_asks, "not too many ask");
  CheckInvariant(calls == calls_, "calls are counted");
  CheckInvariant(calls <= options_.max_calls, "not too many calls");
  CheckInvariant(queue_.size() + calls == users_.size(), "each user waits or is asked about");
}

}  // namespace livecounter
