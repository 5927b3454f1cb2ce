// Slows down who guesses passwords: every e-mail has a few attempts, which come back with time, or all at
// once with a success. So an owner whom somebody keeps out waits seconds, and a guesser gets six tries a
// minute.

#ifndef LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_FAILURE_THROTTLE_H_
#define LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_FAILURE_THROTTLE_H_

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "core/token_bucket.h"
#include "services/runtime/clock.h"

namespace livecounter::admin {

// Any thread.
class FailureThrottle {
 public:
  // `clock` outlives it.
  explicit FailureThrottle(runtime::Clock& clock) : clock_(clock) {}

  // Before each attempt of `who`: RESOURCE_EXHAUSTED, which says when to try again, after too many that
  // failed.
  absl::Status Take(absl::string_view who);
  // The attempt that Take() let in was not made after all: it costs nothing.
  void GiveBack(absl::string_view who);
  // The attempt was a success: `who` has all attempts again.
  void Forget(absl::string_view who);

  // How many are remembered; those whose attempts have all come back are dropped in time.
  size_t size() const;

 private:
  void DropFull(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  runtime::Clock& clock_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, TokenBucket> attempts_ ABSL_GUARDED_BY(mutex_);
  size_t next_sweep_ ABSL_GUARDED_BY(mutex_) = 1'000;
};

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_SIGN_IN_FAILURE_THROTTLE_H_
