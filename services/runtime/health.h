// Whether this process is alive (restart it if not) and ready (send it traffic only then): one
// answer, told by the metrics port (/healthz, /readyz) and by grpc.health.v1 (contract §5, §7).
//
// Ready means: every named part has said that it is, and the process is not draining. A part that
// was named at construction and has not spoken yet is "starting". All methods may be called from
// any thread; listeners run on the thread that made the change, one at a time, and must neither
// block nor call back into the Health.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_HEALTH_H_
#define LIVECOUNTER_SERVICES_RUNTIME_HEALTH_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace livecounter::runtime {

class Health {
 public:
  // `parts` are what readiness waits for, such as "engine" or "upstream".
  explicit Health(const std::vector<std::string>& parts = {});

  // OK, or Unavailable with the reasons: "draining; upstream: not reached yet".
  absl::Status ready() const;
  // OK, or what SetAlive() was given.
  absl::Status alive() const;

  // OK makes `part` ready; an error makes it unready and its message is the reason.
  void SetReady(absl::string_view part, const absl::Status& status);
  // An error says that only a restart helps, as when an event loop is stuck.
  void SetAlive(const absl::Status& status);
  // Not ready from now on. Cannot be undone.
  void BeginDrain();

  // Calls `listener` now and whenever one of the two has changed, until the Health is gone.
  using Listener = std::function<void(bool alive, bool ready)>;
  void Listen(Listener listener);

 private:
  absl::Status ReadyLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  absl::btree_map<std::string, absl::Status> parts_ ABSL_GUARDED_BY(mutex_);
  absl::Status alive_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Listener> listeners_ ABSL_GUARDED_BY(mutex_);
  std::pair<bool, bool> told_ ABSL_GUARDED_BY(mutex_);  // to the listeners: alive, ready
};

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_HEALTH_H_
