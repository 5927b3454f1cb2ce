// The replica and the one thread it lives on.

#ifndef LIVECOUNTER_SERVICES_COUNTER_REPLICA_LOOP_H_
#define LIVECOUNTER_SERVICES_COUNTER_REPLICA_LOOP_H_

#include <atomic>
#include <utility>

#include "core/session_table.h"
#include "services/counter/replica.h"
#include "services/runtime/loop_thread.h"

namespace livecounter::counter {

// Any thread, but for what `replica` is handed to.
class ReplicaLoop {
 public:
  // As Replica's. To be destroyed after the servers whose streams it has, and after the engine is
  // closed.
  ReplicaLoop(Replica::Options options, CounterEngine& engine, runtime::Clock& clock,
              const observability::Logger& logger, observability::CounterdMetrics& metrics)
      : replica_(
            options, engine,
            [this](runtime::LoopThread::Task task) { thread_.Post(std::move(task)); }, clock,
            logger, metrics),
        thread_(clock, [this](absl::Time now) {
          const absl::Time next = replica_.Turn(now);
          return runtime::LoopThread::Wake(next, replica_.awaits_written());
        }) {}

  // A name for a new stream.
  StreamId NewStreamId() { return next_stream_.fetch_add(1, std::memory_order_relaxed); }

  // Runs `task(Replica&)` on the loop, after all that was posted before.
  template <typename Task>
  void Post(Task task) {
    thread_.Post([this, task = std::move(task)]() mutable { task(replica_); });
  }
  // A write of this stream is done: told at once only where something waits for it.
  void PostWritten(StreamId id) {
    thread_.PostQuietly([this, id] { replica_.OnWritten(id); });
  }

 private:
  std::atomic<StreamId> next_stream_{1};
  Replica replica_;
  runtime::LoopThread thread_;  // last: it uses the replica
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_REPLICA_LOOP_H_
