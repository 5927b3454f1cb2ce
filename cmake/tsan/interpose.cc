// Linked into every executable of the ThreadSanitizer build, and into nothing else.
//
// ThreadSanitizer learns what happens before what from instrumented code. The Abseil and gRPC of
// the distribution are not instrumented, so it does not see their locks, and it would report every
// correct use of absl::Mutex as a race. The functions below stand in front of theirs: each calls
// the real one, found by its symbol, and tells ThreadSanitizer which edge the call makes. Because
// the dynamic linker looks into the executable first, libgrpc's own locking passes through here as
// well.
//
//   release(address)   what this thread did so far happens before …
//   acquire(address)   … what a thread does after it acquires the same address.
//
// Only edges that the real call makes are told: one too many would hide a race.

#include <absl/synchronization/blocking_counter.h>
#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>
#include <dlfcn.h>
#include <grpc/grpc.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>

// Mangled names of Abseil's inline namespace: "7debian3" for absl::debian3.
static_assert(ABSL_OPTION_USE_INLINE_NAMESPACE == 1, "the symbol names below hold that namespace");
#define ABSL_SYMBOL(prefix, rest) prefix "4absl7debian3" rest
#define MUTEX(rest) ABSL_SYMBOL("_ZN", "5Mutex" rest)
#define COND_VAR(rest) ABSL_SYMBOL("_ZN", "7CondVar" rest)
#define BLOCKING_COUNTER(rest) ABSL_SYMBOL("_ZN", "15BlockingCounter" rest)
#define NOTIFICATION(rest) ABSL_SYMBOL("_ZN", "12Notification" rest)
#define CONST_NOTIFICATION(rest) ABSL_SYMBOL("_ZNK", "12Notification" rest)

// Mangled parameter lists.
#define CONDITION "RKNS0_9ConditionE"
#define DURATION "NS0_8DurationE"
#define TIME "NS0_4TimeE"

namespace {

// The function that this one stands in front of. A name that is not found would mean that Abseil
// changed and this file did not: better to stop than to run without the edges.
template <typename Function>
Function Real(const char* symbol) {
  void* found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "cmake/tsan/interpose.cc: no symbol %s in the libraries\n", symbol);
    std::abort();
  }
  return reinterpret_cast<Function>(found);
}

void Acquire(const void* address) { __tsan_acquire(const_cast<void*>(address)); }
void Release(const void* address) { __tsan_release(const_cast<void*>(address)); }

// Abseil evaluates a waiter's condition with the mutex held, but in whatever thread is about to
// hand the mutex over, in the middle of its Unlock(): between our edges. So each evaluation has its
// own. And the waiter was put into the queue, where that thread finds it, before: what stands on its
// stack is read after it was written there. The conversion to void* is for a constructor of Condition
// whose evaluation is inside Abseil; the others read that stack in instrumented code, before our edge.
class EdgedCondition {
 public:
  EdgedCondition(const absl::Mutex* mutex, const absl::Condition& condition)
      : mutex_(mutex), condition_(condition), edged_(&Eval, static_cast<void*>(this)) {
    Release(this);
  }
  const absl::Condition& get() const { return edged_; }

 private:
  static bool Eval(void* edged) {
    Acquire(edged);
    const auto* self = static_cast<const EdgedCondition*>(edged);
    Acquire(self->mutex_);
    const bool met = self->condition_.Eval();
    Release(self->mutex_);
    return met;
  }

  const absl::Mutex* const mutex_;
  const absl::Condition& condition_;
  const absl::Condition edged_;
};

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

// ---- Mutex: taking it acquires, giving it up releases; waiting gives it up and takes it again.

void Mutex::Lock() {
  static const auto real = Real<void (*)(Mutex*)>(MUTEX("4LockEv"));
  real(this);
  Acquire(this);
}

bool Mutex::TryLock() {
  static const auto real = Real<bool (*)(Mutex*)>(MUTEX("7TryLockEv"));
  const bool locked = real(this);
  if (locked) Acquire(this);
  return locked;
}

void Mutex::Unlock() {
  static const auto real = Real<void (*)(Mutex*)>(MUTEX("6UnlockEv"));
  Release(this);
  real(this);
}

void Mutex::ReaderLock() {
  static const auto real = Real<void (*)(Mutex*)>(MUTEX("10ReaderLockEv"));
  real(this);
  Acquire(this);
}

bool Mutex::ReaderTryLock() {
  static const auto real = Real<bool (*)(Mutex*)>(MUTEX("13ReaderTryLockEv"));
  const bool locked = real(this);
  if (locked) Acquire(this);
  return locked;
}

void Mutex::ReaderUnlock() {
  static const auto real = Real<void (*)(Mutex*)>(MUTEX("12ReaderUnlockEv"));
  Release(this);
  real(this);
}

void Mutex::LockWhen(const Condition& condition) {
  static const auto real = Real<void (*)(Mutex*, const Condition&)>(MUTEX("8LockWhenE" CONDITION));
  real(this, EdgedCondition(this, condition).get());
  Acquire(this);
}

bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  static const auto real = Real<bool (*)(Mutex*, const Condition&, Duration)>(
      MUTEX("19LockWhenWithTimeoutE" CONDITION DURATION));
  const bool met = real(this, EdgedCondition(this, condition).get(), timeout);
  Acquire(this);
  return met;
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  static const auto real = Real<bool (*)(Mutex*, const Condition&, Time)>(
      MUTEX("20LockWhenWithDeadlineE" CONDITION TIME));
  const bool met = real(this, EdgedCondition(this, condition).get(), deadline);
  Acquire(this);
  return met;
}

void Mutex::ReaderLockWhen(const Condition& condition) {
  static const auto real =
      Real<void (*)(Mutex*, const Condition&)>(MUTEX("14ReaderLockWhenE" CONDITION));
  real(this, EdgedCondition(this, condition).get());
  Acquire(this);
}

void Mutex::Await(const Condition& condition) {
  static const auto real = Real<void (*)(Mutex*, const Condition&)>(MUTEX("5AwaitE" CONDITION));
  Release(this);
  real(this, EdgedCondition(this, condition).get());
  Acquire(this);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  static const auto real = Real<bool (*)(Mutex*, const Condition&, Duration)>(
      MUTEX("16AwaitWithTimeoutE" CONDITION DURATION));
  Release(this);
  const bool met = real(this, EdgedCondition(this, condition).get(), timeout);
  Acquire(this);
  return met;
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  static const auto real =
      Real<bool (*)(Mutex*, const Condition&, Time)>(MUTEX("17AwaitWithDeadlineE" CONDITION TIME));
  Release(this);
  const bool met = real(this, EdgedCondition(this, condition).get(), deadline);
  Acquire(this);
  return met;
}

// ---- CondVar: a wait gives up the mutex and takes it again.

void CondVar::Wait(Mutex* mutex) {
  static const auto real = Real<void (*)(CondVar*, Mutex*)>(COND_VAR("4WaitEPNS0_5MutexE"));
  Release(mutex);
  real(this, mutex);
  Acquire(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static const auto real = Real<bool (*)(CondVar*, Mutex*, Duration)>(
      COND_VAR("15WaitWithTimeoutEPNS0_5MutexE" DURATION));
  Release(mutex);
  const bool timed_out = real(this, mutex, timeout);
  Acquire(mutex);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static const auto real =
      Real<bool (*)(CondVar*, Mutex*, Time)>(COND_VAR("16WaitWithDeadlineEPNS0_5MutexE" TIME));
  Release(mutex);
  const bool timed_out = real(this, mutex, deadline);
  Acquire(mutex);
  return timed_out;
}

// ---- Notification: notifying releases; having seen it acquires. HasBeenNotified() is inline in
// Abseil's header, an atomic load in our own instrumented code, and needs nothing here.

void Notification::Notify() {
  static const auto real = Real<void (*)(Notification*)>(NOTIFICATION("6NotifyEv"));
  Release(this);
  real(this);
}

void Notification::WaitForNotification() const {
  static const auto real =
      Real<void (*)(const Notification*)>(CONST_NOTIFICATION("19WaitForNotificationEv"));
  real(this);
  Acquire(this);
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static const auto real = Real<bool (*)(const Notification*, Duration)>(
      CONST_NOTIFICATION("30WaitForNotificationWithTimeoutE" DURATION));
  const bool notified = real(this, timeout);
  if (notified) Acquire(this);
  return notified;
}

bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  static const auto real = Real<bool (*)(const Notification*, Time)>(
      CONST_NOTIFICATION("31WaitForNotificationWithDeadlineE" TIME));
  const bool notified = real(this, deadline);
  if (notified) Acquire(this);
  return notified;
}

// ---- BlockingCounter: every decrement happens before the end of the wait.

bool BlockingCounter::DecrementCount() {
  static const auto real = Real<bool (*)(BlockingCounter*)>(BLOCKING_COUNTER("14DecrementCountEv"));
  Release(this);
  return real(this);
}

void BlockingCounter::Wait() {
  static const auto real = Real<void (*)(BlockingCounter*)>(BLOCKING_COUNTER("4WaitEv"));
  real(this);
  Acquire(this);
}

ABSL_NAMESPACE_END
}  // namespace absl

// ---- gRPC: what precedes the start of a batch happens before its tag comes out of the queue; and
// the last reference to a call is dropped after everything that was done under the others.

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count, void* tag,
                                      void* reserved) {
  static const auto real = Real<decltype(&grpc_call_start_batch)>("grpc_call_start_batch");
  Release(tag);
  Release(call);
  return real(call, ops, count, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static const auto real =
      Real<decltype(&grpc_completion_queue_next)>("grpc_completion_queue_next");
  const grpc_event event = real(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) Acquire(event.tag);
  return event;
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static const auto real =
      Real<decltype(&grpc_completion_queue_pluck)>("grpc_completion_queue_pluck");
  const grpc_event event = real(queue, tag, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) Acquire(event.tag);
  return event;
}

void grpc_call_unref(grpc_call* call) {
  static const auto real = Real<decltype(&grpc_call_unref)>("grpc_call_unref");
  Release(call);
  Acquire(call);
  real(call);
}

}  // extern "C"
