// A few threads for what blocks or computes for long, with a bounded queue before them: who finds it full is
// told so at once, so that a flood takes neither memory nor the threads of others.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_WORKER_POOL_H_
#define LIVECOUNTER_SERVICES_RUNTIME_WORKER_POOL_H_

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::runtime {

// All methods but the destructor may be called from any thread.
class WorkerPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  // `max_waiting` tasks wait at most while every thread has one.
  WorkerPool(int threads, size_t max_waiting);
  // Runs what was accepted, then ends the threads.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs `task` on one of the threads, in the order of the calls; false, and nothing runs, where too
  // many wait.
  bool TryRun(Task task);

 private:
  void Work();
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !waiting_.empty();
  }

  const size_t max_waiting_;
  absl::Mutex mutex_;
  std::deque<Task> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;  // threads without a task
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_WORKER_POOL_H_
