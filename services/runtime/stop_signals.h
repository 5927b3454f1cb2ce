// SIGTERM and SIGINT as events: the first asks the program to stop, a second one ends it at once.
//
// Made once per process, on the main thread and before any other thread starts: the constructor
// blocks both signals for this thread and all that come after it, and one thread of its own reads
// them. SIGPIPE is ignored from then on: a peer that is gone is an error of write(), not a death.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_STOP_SIGNALS_H_
#define LIVECOUNTER_SERVICES_RUNTIME_STOP_SIGNALS_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "observability/logging.h"

namespace livecounter::runtime {

class StopSignals {
 public:
  // `logger` outlives this, and logs why the process is ended.
  explicit StopSignals(const observability::Logger& logger);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // Blocks until a signal has come or RequestStop() was called. OK for a signal, else the first
  // RequestStop()'s status; whichever came first. Any thread.
  absl::Status Wait();

  // Asks to stop without a signal. A signal after it is a second one. Any thread.
  void RequestStop(const absl::Status& why);

  // From now on the process is ended with exit code 1 when `limit` has passed. For a drain that
  // hangs. Any thread.
  void EndProcessAfter(absl::Duration limit);

 private:
  void Run();
  // Neither destructors nor exit handlers: what hangs must not be waited for.
  [[noreturn]] void EndProcess(absl::string_view event);

  const observability::Logger& logger_;
  const int signal_fd_;
  const int wake_fd_;  // tells Run() that `deadline_` or `done_` has changed

  absl::Mutex mutex_;
  bool stop_requested_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status why_ ABSL_GUARDED_BY(mutex_);
  absl::Time deadline_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool done_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_STOP_SIGNALS_H_
