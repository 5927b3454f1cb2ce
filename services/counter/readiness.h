// Whether this counterd can do its work, asked by doing it: a round trip through the engine to the disk,
// and one through the replica's loop, again and again (contract §7).

#ifndef LIVECOUNTER_SERVICES_COUNTER_READINESS_H_
#define LIVECOUNTER_SERVICES_COUNTER_READINESS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/counter/engine.h"
#include "services/counter/replica_loop.h"
#include "services/runtime/clock.h"
#include "services/runtime/health.h"
#include "services/runtime/loop_thread.h"

namespace livecounter::counter {

// One thing that is asked and answers some time, or does not. All methods may be called from any thread.
class Inquiry {
 public:
  // Asks unless an answer is awaited still. `ask` is given what takes the answer.
  void Ask(absl::Time now, const std::function<void(CounterEngine::StatusCallback)>& ask);
  // The last answer; UNAVAILABLE while there is none, or when one has been awaited for `patience`.
  absl::Status Answer(absl::Time now, absl::Duration patience) const;
  // How long an answer has been awaited.
  absl::Duration Waited(absl::Time now) const;

 private:
  struct State {
    mutable absl::Mutex mutex;
    absl::Status answer ABSL_GUARDED_BY(mutex) = absl::UnavailableError("starting");
    absl::Time asked ABSL_GUARDED_BY(mutex) = absl::InfiniteFuture();  // that: nothing is awaited
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();  // shared with the answer on its way
};

// Sets the parts "engine" and "loop" of the health, and whether the process is alive, every `interval`,
// from a thread of its own.
class Readiness {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(1);
    absl::Duration interval_unready = absl::Milliseconds(50);
    absl::Duration patience = absl::Seconds(5);  // for an answer, before not ready
    absl::Duration stuck = absl::Seconds(60);    // of the loop, before only a restart helps
  };

  // All outlive it.
  Readiness(Options options, CounterEngine& engine, ReplicaLoop& loop, runtime::Health& health,
            runtime::Clock& clock);

 private:
  absl::Time Turn(absl::Time now);
  absl::Status Alive(absl::Duration waited) const;

  const Options options_;
  CounterEngine& engine_;
  ReplicaLoop& loop_;
  runtime::Health& health_;
  Inquiry engine_inquiry_;
  Inquiry loop_inquiry_;
  absl::Time next_ = absl::InfinitePast();
  runtime::LoopThread thread_;  // last: it uses all of the above
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_READINESS_H_
