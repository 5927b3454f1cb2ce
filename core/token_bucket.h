// A rate with room for a burst: tokens come in at a steady rate, up to a number that may be saved, and
// whatever is limited takes one.

#ifndef LIVECOUNTER_CORE_TOKEN_BUCKET_H_
#define LIVECOUNTER_CORE_TOKEN_BUCKET_H_

#include "absl/time/time.h"

namespace livecounter {

// Not thread-safe. Sixteen bytes at most, so that there may be one for each client.
class TokenBucket {
 public:
  // One token every `interval`, at most `burst` (≥ 1) saved. The same for every call on one bucket.
  struct Rate {
    absl::Duration interval;
    int burst = 1;
  };

  // So many tokens a second over time, saved for one second, at least one. `per_second` > 0.
  static Rate PerSecond(double per_second);

  // Takes a token at `now`; false if there is none. A new bucket is full.
  bool Take(const Rate& rate, absl::Time now);
  // Puts back a token that Take() gave, as if it had never been taken.
  void GiveBack(const Rate& rate) { full_at_ -= rate.interval; }
  // When a token will be there, if nobody takes one before: `now`, or later.
  absl::Time NextToken(const Rate& rate, absl::Time now) const;

 private:
  // When the bucket will be full again: each token taken moves it by one interval (the "generic cell
  // rate algorithm" of ATM networks, ITU-T I.371).
  absl::Time full_at_ = absl::InfinitePast();
};

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_TOKEN_BUCKET_H_
