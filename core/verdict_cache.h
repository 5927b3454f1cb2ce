// Verdicts that need not be asked for again yet (contract §4): valid ones for 300 s, invalid ones for
// 60 s, indeterminate ones for 5 s, each with jitter, so that those who came together are not asked about
// together again. Users of whom nothing usable is heard are to be asked about less and less often; who was
// valid until then is known to have been, as long as they are asked about.

#ifndef LIVECOUNTER_CORE_VERDICT_CACHE_H_
#define LIVECOUNTER_CORE_VERDICT_CACHE_H_

#include <cstddef>
#include <functional>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/ids.h"
#include "core/verdict.h"

namespace livecounter {

// Not thread-safe. Users are keyed hashes of product and presence ID; the raw one is never kept. Where it
// is full, the one that would be forgotten first makes room. `random` gives uniform numbers in [0, 1).
class VerdictCache {
 public:
  struct Options {
    absl::Duration valid = absl::Seconds(300);
    absl::Duration invalid = absl::Seconds(60);
    absl::Duration indeterminate = absl::Seconds(5);
    double jitter = 0.1;  // each time is this part longer or shorter, at random
    // The n-th indeterminate verdict in a row is worth asking again after 2ⁿ⁻¹ times `indeterminate`, and
    // after this at most.
    absl::Duration longest_pause = absl::Seconds(30);
    // That a user was valid is remembered for so long after it was worth asking again: longer than those
    // who ask about who is present pause (VerdictGate::Options::backoff_cap).
    absl::Duration was_valid = absl::Seconds(90);
    size_t max_users = 500'000;  // about 100 bytes each
  };

  VerdictCache(const Options& options, std::function<double()> random);

  // The verdict if it still holds, with what is left until it is worth asking again.
  absl::optional<KnownVerdict> Find(const PresenceHash& user, absl::Time now) const;

  // Keeps a verdict that has just been given.
  KnownVerdict Store(const PresenceHash& user, Verdict verdict, absl::Time now);

  // Nobody can be asked about the user for `pause`: an indeterminate verdict that is not kept.
  KnownVerdict Refuse(const PresenceHash& user, absl::Duration pause, absl::Time now);

  size_t size() const { return entries_.size(); }

  // Dies when the two indexes disagree or there are too many users.
  void CheckInvariants() const;

 private:
  struct Entry {
    Verdict verdict = Verdict::kIndeterminate;
    int failures = 0;  // indeterminate verdicts in a row
    absl::Time holds_until = {};
    absl::Time ask_again_at = {};
    absl::Time was_valid_until = absl::InfinitePast();
    absl::Time forget_at = {};
  };

  Entry MakeEntry(Verdict verdict, const Entry& before, absl::Time now);
  static KnownVerdict Known(const Entry& entry, absl::Time now);
  absl::Duration Jittered(absl::Duration duration);
  // Drops the user; what was known of it.
  Entry Drop(const PresenceHash& user);
  // Drops some of those who are due, and as many more as leave room for another.
  void MakeRoom(absl::Time now);

  Options options_;
  std::function<double()> random_;
  absl::flat_hash_map<PresenceHash, Entry> entries_;
  absl::btree_set<std::pair<absl::Time, PresenceHash>> by_end_;  // of Entry::forget_at
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_VERDICT_CACHE_H_
