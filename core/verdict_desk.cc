#include "core/verdict_desk.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace livecounter {
namespace {

// Who was refused together does not come back together: later by up to this part of the time.
constexpr double kSpread = 0.5;

}  // namespace

VerdictDesk::VerdictDesk(const Options& options, std::function<double()> random)
    : options_(options), random_(std::move(random)), cache_(options.cache, random_) {}

VerdictDesk::Asked VerdictDesk::Ask(absl::string_view product, const PresenceHash& user, AskId ask,
                                    absl::Time now) {
  ForgetFailures(now);
  if (const auto known = cache_.Find(user, now)) return {Outcome::kAnswered, *known};
  Product& asked = ProductOf(product);
  const CircuitBreaker& breaker = asked.asks.breaker();
  if (breaker.state(now) == CircuitBreaker::State::kOpen) {
    return {Outcome::kAnswered, Refusal(user, breaker, now)};
  }
  if (!asked.asks.Add(user, ask)) return {Outcome::kFull};
  ++asks_;
  Wake(product, asked);
  Settle(product, asked, now);
  return {Outcome::kWaits};
}

void VerdictDesk::Withdraw(absl::string_view product, const PresenceHash& user, AskId ask) {
  const auto found = products_.find(product);
  if (found == products_.end()) return;
  Product& asked = *found->second;
  asks_ -= asked.asks.asks();
  asked.asks.Withdraw(user, ask);
  asks_ += asked.asks.asks();
}

absl::optional<VerdictDesk::Call> VerdictDesk::NextCall(absl::Time now) {
  while (calls_ < options_.max_calls && !turns_.empty()) {
    const std::string name = std::move(turns_.front());
    turns_.pop_front();
    Product& product = *products_.find(name)->second;
    product.has_turn = false;
    if (!product.asks.HasNext(now)) {
      Settle(name, product, now);
      continue;
    }
    const ProductAsks::Call call = product.asks.Next();
    ++calls_;
    Settle(name, product, now);
    return Call{name, call.user, call.ask};
  }
  return absl::nullopt;
}

std::vector<VerdictDesk::Answered> VerdictDesk::End(const Call& call, Verdict verdict,
                                                    absl::Time now) {
  Product& product = *products_.find(call.product)->second;
  const CircuitBreaker& breaker = product.asks.breaker();
  const bool was_closed = breaker.closed();
  const KnownVerdict known = cache_.Store(call.user, verdict, now);
  --calls_;
  std::vector<Answered> answered;
  for (const AskId ask : product.asks.End(call.user, verdict != Verdict::kIndeterminate, now)) {
    answered.push_back({ask, known});
  }
  open_breakers_ += was_closed ? 1 : 0;
  open_breakers_ -= breaker.closed() ? 1 : 0;
  if (breaker.state(now) == CircuitBreaker::State::kOpen) {
    for (const auto& [user, ask] : product.asks.TakeWaiting()) {
      answered.push_back({ask, Refusal(user, breaker, now)});
    }
  }
  asks_ -= answered.size();
  Settle(call.product, product, now);
  return answered;
}

VerdictDesk::Product& VerdictDesk::ProductOf(absl::string_view name) {
  std::unique_ptr<Product>& product = products_[name];
  if (product == nullptr) product = std::make_unique<Product>(options_.product, random_);
  return *product;
}

void VerdictDesk::Settle(absl::string_view name, Product& product, absl::Time now) {
  if (product.has_turn) return;
  if (product.asks.HasNext(now)) {
    product.has_turn = true;
    turns_.push_back(std::string(name));
  } else if (product.asks.idle()) {
    const CircuitBreaker& breaker = product.asks.breaker();
    if (breaker.untouched()) {
      products_.erase(name);
      return;
    }
    product.forget_at = std::max(now, breaker.retry_at()) + options_.forget_failures_after;
    resting_.insert({product.forget_at, std::string(name)});
  }
}

void VerdictDesk::Wake(absl::string_view name, Product& product) {
  if (product.forget_at == absl::InfiniteFuture()) return;
  resting_.erase({product.forget_at, std::string(name)});
  product.forget_at = absl::InfiniteFuture();
}

void VerdictDesk::ForgetFailures(absl::Time now) {
  while (!resting_.empty() && resting_.begin()->first <= now) {
    const auto found = products_.find(resting_.begin()->second);
    open_breakers_ -= found->second->asks.breaker().closed() ? 0 : 1;
    products_.erase(found);
    resting_.erase(resting_.begin());
  }
}

KnownVerdict VerdictDesk::Refusal(const PresenceHash& user, const CircuitBreaker& breaker,
                                  absl::Time now) {
  return cache_.Refuse(user, (breaker.retry_at() - now) * (1.0 + kSpread * random_()), now);
}

void VerdictDesk::CheckInvariants() const {
  cache_.CheckInvariants();
  size_t asks = 0;
  size_t calls = 0;
  size_t open = 0;
  size_t turns = 0;
  size_t resting = 0;
  for (const auto& [name, product] : products_) {
    product->asks.CheckInvariants();
    asks += product->asks.asks();
    calls += product->asks.calls();
    open += product->asks.breaker().closed() ? 0 : 1;
    turns += product->has_turn ? 1 : 0;
    const bool rests = product->forget_at != absl::InfiniteFuture();
    resting += rests ? 1 : 0;
    CheckInvariant(Implies(rests, product->asks.idle()), "who is asked about does not rest");
    CheckInvariant(Implies(rests, resting_.contains({product->forget_at, name})), "in its place");
    CheckInvariant(rests || product->has_turn || !product->asks.idle(),
                   "no product is kept for nothing");
  }
  CheckInvariant(asks == asks_, "asks are counted");
  CheckInvariant(calls == calls_, "calls are counted");
  CheckInvariant(calls <= options_.max_calls, "not too many calls");
  CheckInvariant(open == open_breakers_, "open breakers are counted");
  CheckInvariant(turns == turns_.size(), "a product has one turn");
  CheckInvariant(resting == resting_.size(), "only products rest");
}

}  // namespace livecounter
