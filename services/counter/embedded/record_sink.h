// Where changes of records go: RecordStore's sink, set by anybody, told by the committer.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RECORD_SINK_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RECORD_SINK_H_

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/counter/record_store.h"

namespace livecounter::counter::embedded {

// Set() may be called from any thread.
class RecordSink {
 public:
  void Set(RecordStore::ChangeSink sink) {
    absl::MutexLock lock(&mutex_);
    sink_ = std::move(sink);
  }

  // The committer's, in the order of the versions. The sink is called outside of all locks.
  void Tell(const std::vector<RecordChange>& changes) {
    if (changes.empty()) return;
    RecordStore::ChangeSink sink;
    {
      absl::MutexLock lock(&mutex_);
      sink = sink_;
    }
    if (sink) sink(changes);
  }

 private:
  absl::Mutex mutex_;
  RecordStore::ChangeSink sink_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RECORD_SINK_H_
