// One thread that owns something which is not thread-safe: whatever is posted runs on it, in order,
// and after each batch of what was posted it takes one turn. So the thing has no locks, and
// whatever comes together is handled together.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_LOOP_THREAD_H_
#define LIVECOUNTER_SERVICES_RUNTIME_LOOP_THREAD_H_

#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/runtime/clock.h"

namespace livecounter::runtime {

// All methods may be called from any thread, and from the loop's own but for Stop().
class LoopThread {
 public:
  using Task = absl::AnyInvocable<void()>;
  // What a turn asks for: the next one at this time, unless something is posted before.
  struct Wake {
    // NOLINTNEXTLINE(google-explicit-constructor): most turns ask for a time and nothing else
    Wake(absl::Time time) : at(time) {}
    Wake(absl::Time time, bool by_quiet) : at(time), by_quiet_tasks(by_quiet) {}

    absl::Time at;
    bool by_quiet_tasks = false;  // those of PostQuietly() are waited for
  };
  // Runs after each batch of tasks, and when the time has come that it last asked for.
  using Turn = std::function<Wake(absl::Time now)>;

  // Starts the thread; its first turn comes at once. `clock` outlives the loop.
  LoopThread(Clock& clock, Turn turn);
  // As Stop().
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  // Runs `task` on the thread, after all that was posted before. Dropped after Stop().
  void Post(Task task);
  // As Post(), but a thread that sleeps goes on sleeping, unless its last turn asked to be woken by such
  // tasks: for news that changes nothing by itself. To wake a thread costs more than most tasks.
  void PostQuietly(Task task);

  // Runs what was posted so far, takes a last turn, ends the thread. Idempotent.
  void Stop();

 private:
  void Run();
  // What the thread sleeps for, if it does.
  enum class Sleep { kNot, kForTasks, kForQuietTasksToo };

  void Add(Task task, Sleep ends);
  // Waits until there is something to do or it is time, and takes the tasks. False: stopped.
  bool Take(const Wake& wake, std::vector<Task>* tasks);

  Clock& clock_;
  const Turn turn_;
  absl::Mutex mutex_;
  std::vector<Task> posted_ ABSL_GUARDED_BY(mutex_);
  Sleep sleep_ ABSL_GUARDED_BY(mutex_) = Sleep::kNot;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::CondVar wake_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_LOOP_THREAD_H_
