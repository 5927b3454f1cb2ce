// Time as a thing that is passed in (design §7): the rules in core/ take `now` as an argument,
// whoever calls them asks a Clock. All methods may be called from any thread.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_CLOCK_H_
#define LIVECOUNTER_SERVICES_RUNTIME_CLOCK_H_

#include <chrono>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace livecounter::runtime {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall-clock time, or close to it.
  virtual absl::Time Now() = 0;
};

// The wall clock's time when it was made plus the time since: it never steps. Were it to go back with
// the machine's clock, whatever is due would wait until that has come to where it was before.
class RealClock final : public Clock {
 public:
  explicit RealClock(absl::Time wall_now = absl::Now()) : wall_start_(wall_now) {}
  absl::Time Now() override {
    return wall_start_ + absl::FromChrono(std::chrono::steady_clock::now() - start_);
  }

 private:
  const absl::Time wall_start_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Stands still until a test moves it.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time start = absl::UnixEpoch()) : now_(start) {}

  absl::Time Now() override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  void Advance(absl::Duration step) {
    absl::MutexLock lock(&mutex_);
    now_ += step;
  }
  void Set(absl::Time now) {
    absl::MutexLock lock(&mutex_);
    now_ = now;
  }

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_CLOCK_H_
