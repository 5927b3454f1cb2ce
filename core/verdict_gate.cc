#include "core/verdict_gate.h"

#include <algorithm>

#include "absl/random/uniform_real_distribution.h"
#include "core/check.h"

namespace livecounter {

double VerdictGate::Fraction() { return absl::uniform_real_distribution<double>()(random_); }

VerdictGate::Found VerdictGate::Find(const UserId& user) {
  const auto product = products_.find(user.product);
  if (product == products_.end()) return {};
  const auto found = product->second.users.find(user.hash);
  if (found == product->second.users.end()) return {};
  return {&product->second, &found->second};
}

bool VerdictGate::Hold(const UserId& id, bool counts, absl::Time now) {
  Product& product = products_[id.product];
  product.name = id.product;
  const auto [it, is_new] = product.users.try_emplace(id.hash);
  User& user = it->second;
  if (is_new) {
    ++users_;
    user.counts = counts;
    user.ask_at = counts ? now + options_.spread * Fraction() : now;
  } else if (user.is_invalid && now >= user.good_until) {
    user.is_invalid = false;
    user.ask_at = now;
  }
  if (user.holders == 0) {
    leaving_.erase({user.forget_at, id});
    user.forget_at = absl::InfiniteFuture();
    waiting_ += user.counts ? 0 : 1;
  }
  ++user.holders;
  Queue(product, id.hash, user, user.ask_at);
  return user.counts;
}

void VerdictGate::Release(const UserId& id, absl::Time now) {
  const auto [product, user] = Find(id);
  if (user == nullptr || user->holders == 0) return;
  if (user->holders == 1) waiting_ -= user->counts ? 0 : 1;
  if (--user->holders > 0) return;
  Queue(*product, id.hash, *user, user->ask_at);
  user->forget_at = now + options_.linger;
  leaving_.insert({user->forget_at, id});
}

void VerdictGate::Queue(Product& product, PresenceHash hash, User& user, absl::Time ask_at) {
  product.queue.erase({user.ask_at, hash});
  user.ask_at = ask_at;
  const bool is_queued = user.holders > 0 && !user.is_asked && ask_at != absl::InfiniteFuture();
  if (is_queued) product.queue.insert({ask_at, hash});
  Settle(product);
}

void VerdictGate::Settle(Product& product) {
  ready_.erase({product.ready_at, product.name});
  const bool is_ready = !product.queue.empty() && product.calls < options_.max_calls_of_product;
  product.ready_at = is_ready ? product.queue.begin()->first : absl::InfiniteFuture();
  if (is_ready) ready_.insert({product.ready_at, product.name});
}

absl::optional<UserId> VerdictGate::TakeCall(absl::Time now) {
  if (calls_ >= options_.max_calls || ready_.empty() || ready_.begin()->first > now) {
    return absl::nullopt;
  }
  Product& product = products_.find(ready_.begin()->second)->second;
  const PresenceHash hash = product.queue.begin()->second;
  User& user = product.users.find(hash)->second;
  user.is_asked = true;
  ++calls_;
  ++product.calls;
  Queue(product, hash, user, user.ask_at);
  return UserId{product.name, hash};
}

void VerdictGate::OnVerdict(const UserId& id, const KnownVerdict& known, absl::Time now) {
  const auto [product, user] = Find(id);
  if (user == nullptr || !user->is_asked) return;
  user->is_asked = false;
  --calls_;
  --product->calls;
  user->is_invalid = known.verdict == Verdict::kInvalid;
  user->failures = known.verdict == Verdict::kIndeterminate ? user->failures + 1 : 0;
  absl::Time ask_at = absl::InfiniteFuture();
  switch (known.verdict) {
    case Verdict::kValid:
      ask_at = now + (known.ask_again_after > absl::ZeroDuration()
                          ? known.ask_again_after
                          : options_.recheck * (0.9 + 0.2 * Fraction()));
      SetCounts(*product, id.hash, *user, true);
      break;
    case Verdict::kInvalid:
      user->good_until = now + known.ask_again_after;
      SetCounts(*product, id.hash, *user, false);
      break;
    case Verdict::kIndeterminate:
      ask_at = now + std::max(known.ask_again_after, Backoff(user->failures));
      if (known.was_valid) SetCounts(*product, id.hash, *user, true);
      break;
  }
  Queue(*product, id.hash, *user, ask_at);
}

absl::Duration VerdictGate::Backoff(int failures) {
  constexpr int kMaxDoublings = 20;
  const absl::Duration bound = std::min(
      options_.backoff_cap, options_.backoff_base * (1 << std::min(failures - 1, kMaxDoublings)));
  return bound * (1 - Fraction() / 2);
}

void VerdictGate::SetCounts(const Product& product, PresenceHash hash, User& user, bool counts) {
  if (user.counts == counts) return;
  user.counts = counts;
  if (user.holders == 0) return;
  waiting_ += counts ? -1 : 1;
  decisions_.push_back({{product.name, hash}, counts});
}

std::vector<UserId> VerdictGate::Forget(absl::Time now) {
  std::vector<UserId> forgotten;
  while (!leaving_.empty() && leaving_.begin()->first <= now) {
    const UserId id = leaving_.begin()->second;
    leaving_.erase(leaving_.begin());
    const auto [product, user] = Find(id);
    if (user->is_asked) {
      // Its answer is to be waited for, or the question would not be counted as under way.
      user->forget_at = now + options_.linger;
      leaving_.insert({user->forget_at, id});
      continue;
    }
    forgotten.push_back(id);
    product->users.erase(id.hash);
    --users_;
    if (product->users.empty()) products_.erase(id.product);
  }
  return forgotten;
}

absl::Time VerdictGate::NextDue() const {
  absl::Time due = absl::InfiniteFuture();
  if (!leaving_.empty()) due = leaving_.begin()->first;
  if (!ready_.empty() && calls_ < options_.max_calls) due = std::min(due, ready_.begin()->first);
  return due;
}

void VerdictGate::CheckInvariants() const {
  size_t users = 0, waiting = 0, calls = 0, leaving = 0;
  for (const auto& [name, product] : products_) {
    CheckInvariant(!product.users.empty(), "no product is kept without users");
    size_t queued = 0, asked = 0;
    for (const auto& [hash, user] : product.users) {
      ++users;
      waiting += Waits(user) ? 1 : 0;
      asked += user.is_asked ? 1 : 0;
      leaving += user.holders == 0 ? 1 : 0;
      const bool is_queued = product.queue.contains({user.ask_at, hash});
      queued += is_queued ? 1 : 0;
      CheckInvariant(Implies(is_queued, user.holders > 0 && !user.is_asked),
                     "who is gone or asked about is not asked about");
      CheckInvariant(Implies(Waits(user) && !user.is_asked && !user.is_invalid, is_queued),
                     "who waits is asked about");
      CheckInvariant(leaving_.contains({user.forget_at, {name, hash}}) == (user.holders == 0),
                     "who is not held is to be forgotten");
    }
    calls += asked;
    CheckInvariant(asked == product.calls, "a product's calls are its users' calls");
    CheckInvariant(queued == product.queue.size(), "the queue holds users only");
    const bool is_ready = !product.queue.empty() && product.calls < options_.max_calls_of_product;
    CheckInvariant(ready_.contains({product.ready_at, name}) == is_ready,
                   "a product with room for a question that it has is ready");
  }
  CheckInvariant(users == users_ && waiting == waiting_ && calls == calls_,
                 "users are counted as they are");
  CheckInvariant(leaving == leaving_.size(), "only users are to be forgotten");
}

}  // namespace livecounter
