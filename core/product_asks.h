// Who waits for a verdict of one product's users, and whom to ask the customer about next (contract §4):
// one call for each user however many ask, so many calls at a time, the rest in order, and a circuit
// breaker for an endpoint that fails every time. Part of VerdictDesk.

#ifndef LIVECOUNTER_CORE_PRODUCT_ASKS_H_
#define LIVECOUNTER_CORE_PRODUCT_ASKS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "core/circuit_breaker.h"
#include "core/ids.h"

namespace livecounter {

// One who asks; given by the caller, never twice at a time.
using AskId = uint64_t;

// Not thread-safe.
class ProductAsks {
 public:
  struct Options {
    size_t max_calls = 500;    // at a time
    size_t max_asks = 20'000;  // that wait, for a call to begin or to end
    CircuitBreaker::Options breaker = {};
  };
  // A user to ask the customer about, and the first of those who ask.
  struct Call {
    PresenceHash user;
    AskId ask = 0;
  };

  ProductAsks(const Options& options, std::function<double()> random)
      : options_(options), breaker_(options.breaker, std::move(random)) {}

  const CircuitBreaker& breaker() const { return breaker_; }
  size_t asks() const { return asks_; }
  size_t calls() const { return calls_; }
  // Nobody asks, and no call is under way.
  bool idle() const { return users_.empty(); }

  // `ask` waits for the verdict of `user`; false where too many wait already.
  bool Add(const PresenceHash& user, AskId ask);
  // It no longer does. A call that has begun goes on.
  void Withdraw(const PresenceHash& user, AskId ask);

  // Whether a user is waiting whom the customer may be asked about now.
  bool HasNext(absl::Time now) const;
  // The one who has waited longest; the call begins. Precondition: HasNext().
  Call Next();
  // The call for `user` has ended, with a usable answer or without. Returns those who asked.
  std::vector<AskId> End(const PresenceHash& user, bool usable, absl::Time now);
  // Those whose call has not begun, and about whom they ask, who then wait no longer: for an open breaker.
  std::vector<std::pair<PresenceHash, AskId>> TakeWaiting();

  // Dies when the parts disagree.
  void CheckInvariants() const;

 private:
  struct User {
    std::vector<AskId> asks;
    uint64_t place = 0;  // in the queue; 0: the call has begun
  };

  Options options_;
  CircuitBreaker breaker_;
  absl::flat_hash_map<PresenceHash, User> users_;
  absl::btree_map<uint64_t, PresenceHash> queue_;  // by place
  uint64_t last_place_ = 0;
  size_t asks_ = 0;
  size_t calls_ = 0;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_PRODUCT_ASKS_H_
