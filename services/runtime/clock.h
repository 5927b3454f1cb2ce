// Time as a thing that is passed in (design §7): the rules in core/ take `now` as an argument,
// whoever calls them asks a Clock. All methods may be called from any thread.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_CLOCK_H_
#define LIVECOUNTER_SERVICES_RUNTIME_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace livecounter::runtime {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall-clock time. It may step when the machine's clock is set.
  virtual absl::Time Now() = 0;
};

class RealClock final : public Clock {
 public:
  absl::Time Now() override { return absl::Now(); }
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
