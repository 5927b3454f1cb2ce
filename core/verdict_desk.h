// The rules of user verification (contract §4), over all products of one worker: what is answered at
// once from what is known, who waits, whom to ask the customer about next, and what a call's end means
// for those who wait. Whoever does the I/O calls NextCall() until there is none after each Ask() and
// End().

#ifndef LIVECOUNTER_CORE_VERDICT_DESK_H_
#define LIVECOUNTER_CORE_VERDICT_DESK_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "core/product_asks.h"
#include "core/verdict.h"
#include "core/verdict_cache.h"

namespace livecounter {

// Not thread-safe. `random` gives uniform numbers in [0, 1).
class VerdictDesk {
 public:
  struct Options {
    ProductAsks::Options product = {};
    VerdictCache::Options cache = {};
    size_t max_calls = 5'000;  // at a time, of all products, who then have turns
    // That a product's endpoint failed is forgotten when nobody has asked for so long after it could be
    // tried again: longer than those who are present pause (VerdictGate::Options::backoff_cap).
    absl::Duration forget_failures_after = absl::Minutes(2);
  };
  enum class Outcome {
    kAnswered,  // see `known`
    kWaits,     // an End() will name the ask
    kFull,      // too many of the product wait
  };
  struct Asked {
    Outcome outcome = Outcome::kWaits;
    KnownVerdict known = {};
  };
  struct Call {
    std::string product;
    PresenceHash user;
    AskId ask = 0;  // the first of those who wait for it
  };
  struct Answered {
    AskId ask = 0;
    KnownVerdict known;
  };

  VerdictDesk(const Options& options, std::function<double()> random);

  // Asks for the verdict of a user of a product. While the breaker of its endpoint is open, that is
  // indeterminate at once.
  Asked Ask(absl::string_view product, const PresenceHash& user, AskId ask, absl::Time now);
  // Nobody waits for it any more.
  void Withdraw(absl::string_view product, const PresenceHash& user, AskId ask);

  // The next call that may begin at once; begun when it is returned.
  absl::optional<Call> NextCall(absl::Time now);

  // A call that NextCall() gave has ended. Returns all who need not wait longer: those who asked for the
  // user, and where that opened the breaker, all of the product whose call has not begun.
  std::vector<Answered> End(const Call& call, Verdict verdict, absl::Time now);

  // Forgets the failures of products that nobody asks about any more, whose breakers would stay open for
  // ever. Ask() does so too.
  void ForgetFailures(absl::Time now);

  // For metrics.
  size_t asks() const { return asks_; }  // that wait
  size_t calls() const { return calls_; }
  size_t open_breakers() const { return open_breakers_; }  // half-open ones too
  size_t known() const { return cache_.size(); }

  // Dies when the parts disagree.
  void CheckInvariants() const;

 private:
  struct Product {
    Product(const ProductAsks::Options& options, std::function<double()> random)
        : asks(options, std::move(random)) {}
    ProductAsks asks;
    bool has_turn = false;                          // its name is in turns_
    absl::Time forget_at = absl::InfiniteFuture();  // in resting_, while idle
  };

  Product& ProductOf(absl::string_view name);
  // Gives it a turn, lets it rest or drops it, as it now stands.
  void Settle(absl::string_view name, Product& product, absl::Time now);
  void Wake(absl::string_view name, Product& product);
  KnownVerdict Refusal(const PresenceHash& user, const CircuitBreaker& breaker, absl::Time now);

  Options options_;
  std::function<double()> random_;
  VerdictCache cache_;
  // Those who wait, are asked about, or failed.
  absl::flat_hash_map<std::string, std::unique_ptr<Product>> products_;
  std::deque<std::string> turns_;  // products that have somebody to ask about
  // Products of which only that they failed is known, by when to forget it: their breakers count on.
  absl::btree_set<std::pair<absl::Time, std::string>> resting_;
  size_t asks_ = 0;
  size_t calls_ = 0;
  size_t open_breakers_ = 0;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_VERDICT_DESK_H_
