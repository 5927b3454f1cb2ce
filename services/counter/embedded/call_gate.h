// Who is inside, so that what they use can be taken down: Close() lets nobody in any more and waits
// for those who are.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_CALL_GATE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_CALL_GATE_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::counter::embedded {

// All methods may be called from any thread.
class CallGate {
 public:
  // One call. Nothing is called back while one is held: it could want to close the gate.
  class Pass {
   public:
    explicit Pass(CallGate& gate) : gate_(gate), inside_(gate.Enter()) {}
    ~Pass() {
      if (inside_) gate_.Leave();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

    // False: the gate is closed.
    explicit operator bool() const { return inside_; }

   private:
    CallGate& gate_;
    const bool inside_;
  };

  void Close() {
    const auto empty = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return inside_ == 0; };
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    mutex_.Await(absl::Condition(&empty));
  }

 private:
  bool Enter() {
    absl::MutexLock lock(&mutex_);
    if (closed_) return false;
    ++inside_;
    return true;
  }
  void Leave() {
    absl::MutexLock lock(&mutex_);
    --inside_;
  }

  absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t inside_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_CALL_GATE_H_
