// Between the engine and its change sink: one slot for each counter, holding the newest change
// (design §4). The sink is called by whichever thread comes with Flush(), outside of all locks, one
// call at a time: so it gets the changes of a counter in order, and may call the engine.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_CHANGE_OUTBOX_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_CHANGE_OUTBOX_H_

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "core/change.h"
#include "services/counter/engine.h"

namespace livecounter::counter::embedded {

// All methods may be called from any thread.
class ChangeOutbox {
 public:
  void SetSink(CounterEngine::ChangeSink sink);

  // Replaces what waits of the same counter. To be called in the order of the counter's versions: under
  // the lock of its shard. Without a sink it is dropped.
  void Put(Change change);

  // What waits goes to the sink before this returns, or another thread is about to give it.
  void Flush();

 private:
  absl::Mutex mutex_;
  CounterEngine::ChangeSink sink_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<CounterId, Change> waiting_ ABSL_GUARDED_BY(mutex_);
  bool delivering_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_CHANGE_OUTBOX_H_
