#include "services/counter/embedded/change_outbox.h"

#include <utility>
#include <vector>

namespace livecounter::counter::embedded {

void ChangeOutbox::SetSink(CounterEngine::ChangeSink sink) {
  absl::MutexLock lock(&mutex_);
  sink_ = std::move(sink);
}

void ChangeOutbox::Put(Change change) {
  absl::MutexLock lock(&mutex_);
  if (!sink_) return;
  CounterId counter = change.counter;
  waiting_.insert_or_assign(std::move(counter), std::move(change));
}

void ChangeOutbox::Flush() {
  mutex_.Lock();
  if (delivering_) {
    mutex_.Unlock();
    return;
  }
  delivering_ = true;
  while (!waiting_.empty()) {
    std::vector<Change> changes;
    changes.reserve(waiting_.size());
    for (auto& [counter, change] : waiting_) changes.push_back(std::move(change));
    waiting_.clear();
    const CounterEngine::ChangeSink sink = sink_;
    mutex_.Unlock();
    sink(std::move(changes));
    mutex_.Lock();
  }
  delivering_ = false;
  mutex_.Unlock();
}

}  // namespace livecounter::counter::embedded
