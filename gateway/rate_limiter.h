// A token bucket for each of many keys, over all event loops (contract §2).

#ifndef LIVECOUNTER_GATEWAY_RATE_LIMITER_H_
#define LIVECOUNTER_GATEWAY_RATE_LIMITER_H_

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/token_bucket.h"

namespace livecounter::gateway {

// Any thread. Two generations of buckets: one that was taken from moves to the young one, and when the
// time has passed in which any bucket fills up, the old one is forgotten whole, for all in it are full.
// So it costs no search, and keeps at most 2 × `max_keys` buckets: when that many addresses take at once,
// the old generation is forgotten early, and who comes back out of it has a full bucket again.
template <typename Key>
class RateLimiter {
 public:
  // `max_keys` ≥ 1.
  explicit RateLimiter(size_t max_keys = 1 << 16) : max_keys_(max_keys) {}

  // Takes a token of `key`, which gets them at `rate`: zero. Or there is none, and it is this long until
  // there will be one. No rate: no limit, and nothing is kept.
  absl::Duration Take(const Key& key, const absl::optional<TokenBucket::Rate>& rate,
                      absl::Time now) {
    if (!rate) return absl::ZeroDuration();
    absl::MutexLock lock(&mutex_);
    fills_up_in_ = std::max(fills_up_in_, rate->burst * rate->interval);
    if (now >= rotated_at_ + fills_up_in_ || young_.size() >= max_keys_) Rotate(now);
    TokenBucket& bucket = Find(key);
    const absl::Duration wait = bucket.NextToken(*rate, now) - now;
    bucket.Take(*rate, now);
    return wait;
  }

  // Buckets that are kept.
  size_t size() const {
    absl::MutexLock lock(&mutex_);
    return young_.size() + old_.size();
  }

 private:
  using Buckets = absl::flat_hash_map<Key, TokenBucket>;

  void Rotate(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    old_ = std::exchange(young_, Buckets());
    rotated_at_ = now;
  }

  // In the young generation, where it comes to if it was not.
  TokenBucket& Find(const Key& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto [found, is_new] = young_.try_emplace(key);
    if (!is_new) return found->second;
    if (const auto old = old_.find(key); old != old_.end()) {
      found->second = old->second;
      old_.erase(old);
    }
    return found->second;
  }

  const size_t max_keys_;
  mutable absl::Mutex mutex_;
  Buckets young_ ABSL_GUARDED_BY(mutex_);
  Buckets old_ ABSL_GUARDED_BY(mutex_);
  // Any bucket, at the slowest rate there was.
  absl::Duration fills_up_in_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  absl::Time rotated_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_RATE_LIMITER_H_
