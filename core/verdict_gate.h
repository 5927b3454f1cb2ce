// Who of a product's users counts, where the product has them verified (contract §4): one question under way
// for each user however often they are here, asked again as long as they stay, and nobody who counts stops
// to for want of an answer. Watching is not decided here: it never waits.

#ifndef LIVECOUNTER_CORE_VERDICT_GATE_H_
#define LIVECOUNTER_CORE_VERDICT_GATE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/node_hash_map.h"
#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "core/verdict.h"

namespace livecounter {

// A user of a product: one presence ID.
struct UserId {
  std::string product;  // accounts/{a}/products/{p}
  PresenceHash hash;

  friend auto operator<=>(const UserId&, const UserId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const UserId& user) {
    return H::combine(std::move(h), user.product, user.hash);
  }
};

// Not thread-safe. Times and random numbers are arguments.
class VerdictGate {
 public:
  struct Options {
    // When a user who is valid is asked about again, where the answer does not say: ± 10 %.
    absl::Duration recheck = absl::Seconds(300);
    // Over which those are asked about who counted before anybody asked.
    absl::Duration spread = absl::Seconds(5);
    // After a question without a verdict: doubled each time, and up to half of it less.
    absl::Duration backoff_base = absl::Seconds(1);
    absl::Duration backoff_cap = absl::Seconds(60);
    // How long what is known of a user outlives their last connection, so that a reload finds it.
    absl::Duration linger = absl::Seconds(15);
    // Questions under way, of one product and in all; the rest wait.
    size_t max_calls_of_product = 500;
    size_t max_calls = 4000;
  };

  // A user who is here counts from now on, or does not.
  struct Decision {
    UserId user;
    bool counts;
    friend bool operator==(const Decision&, const Decision&) = default;
  };

  // `random` outlives the gate.
  VerdictGate(Options options, absl::BitGenRef random) : options_(options), random_(random) {}
  VerdictGate(const VerdictGate&) = delete;
  VerdictGate& operator=(const VerdictGate&) = delete;

  // One more holds `user`, who counts there already or does not. Whether they count: a first one who does
  // not is asked about at once, one who does within Options::spread, and counts until then. Who was found
  // invalid is asked about again by a later Hold(), once that verdict has had its time.
  bool Hold(const UserId& user, bool counts, absl::Time now);
  // One fewer.
  void Release(const UserId& user, absl::Time now);

  // The next user to ask about, if one is due and there is room; the question is under way until
  // OnVerdict() or OnFailure().
  absl::optional<UserId> TakeCall(absl::Time now);
  // The answer; it is good until it is to be asked for again, zero where it does not say. An indeterminate one
  // changes nothing, but that who was valid counts: they did so elsewhere.
  void OnVerdict(const UserId& user, const KnownVerdict& known, absl::Time now);
  // Nobody answered.
  void OnFailure(const UserId& user, absl::Time now) { OnVerdict(user, KnownVerdict(), now); }

  // What changed for users who are held, in order, since the last call.
  std::vector<Decision> TakeDecisions() { return std::exchange(decisions_, {}); }

  // Forgets who has been gone for Options::linger, and returns them.
  std::vector<UserId> Forget(absl::Time now);
  // When TakeCall() or Forget() will have something to do without further input.
  absl::Time NextDue() const;

  // Users known; of them, held without counting.
  size_t users() const { return users_; }
  size_t waiting() const { return waiting_; }
  size_t calls() const { return calls_; }

  // Dies when a queue or a number contradicts the users.
  void CheckInvariants() const;

 private:
  struct User {
    uint64_t holders = 0;
    bool counts = false;
    bool is_asked = false;                       // a question is under way
    bool is_invalid = false;                     // by the last verdict
    int failures = 0;                            // questions in a row without a verdict
    absl::Time ask_at = absl::InfiniteFuture();  // in the product's queue, while held and not asked
    absl::Time good_until = absl::InfinitePast();   // of an invalid verdict
    absl::Time forget_at = absl::InfiniteFuture();  // in leaving_, while not held
  };
  struct Product {
    std::string name;
    absl::node_hash_map<PresenceHash, User> users;
    absl::btree_set<std::pair<absl::Time, PresenceHash>> queue;
    size_t calls = 0;
    absl::Time ready_at = absl::InfiniteFuture();  // its place in ready_
  };
  struct Found {
    Product* product = nullptr;
    User* user = nullptr;
  };

  Found Find(const UserId& user);
  // Into the queue at `ask_at`, or out of it where that is never, it is asked or not held.
  void Queue(Product& product, PresenceHash hash, User& user, absl::Time ask_at);
  // Puts the product where its first question belongs.
  void Settle(Product& product);
  void SetCounts(const Product& product, PresenceHash hash, User& user, bool counts);
  absl::Duration Backoff(int failures);
  double Fraction();
  static bool Waits(const User& user) { return user.holders > 0 && !user.counts; }

  const Options options_;
  absl::BitGenRef random_;
  absl::node_hash_map<std::string, Product> products_;  // those with users
  // Products that have a question to ask and room for it, by when.
  absl::btree_set<std::pair<absl::Time, std::string>> ready_;
  absl::btree_set<std::pair<absl::Time, UserId>> leaving_;
  std::vector<Decision> decisions_;
  size_t users_ = 0;
  size_t waiting_ = 0;
  size_t calls_ = 0;
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_VERDICT_GATE_H_
