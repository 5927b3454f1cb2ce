// Hits whose callers gave them no name: this process is their sender (design §2). Callers of one counter
// that come while a batch is unanswered go together in the next one, and each gets its own exact value;
// so callers of one counter are not limited to one commit each.

#ifndef LIVECOUNTER_SERVICES_COUNTER_INCREMENTS_H_
#define LIVECOUNTER_SERVICES_COUNTER_INCREMENTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/hits.h"
#include "core/ids.h"
#include "services/counter/engine.h"
#include "services/runtime/clock.h"

namespace livecounter::counter {

// All methods may be called from any thread.
class Increments {
 public:
  using Done = CounterEngine::Callback<HitResult>;
  using NewSender = std::function<SenderId()>;

  // `engine` and `clock` outlive it, and the engine is closed before it. `new_sender` draws random ids
  // and is called from any thread, one call at a time. Of more than `max_idle` counters the numberings
  // that are idle are forgotten, and start over when they are needed again.
  Increments(CounterEngine& engine, NewSender new_sender, runtime::Clock& clock,
             size_t max_idle = 65'536);

  // Counts `count` ≥ 1 hits; `create` is as in HitBatch. `done` is called once: with the total right after
  // these hits; with DEADLINE_EXCEEDED when `deadline` came before they were handed to the engine (they
  // do not count); or with why the engine refused them.
  void Add(const CounterId& counter, int64_t count, bool create, absl::Time deadline, Done done);

 private:
  struct Call {
    int64_t count;
    bool create;
    absl::Time deadline;
    Done done;
    bool alone = false;  // its batch takes no other: together they were too many
  };
  using Calls = std::vector<Call>;
  struct Numbering {
    SenderId sender;
    uint64_t last_number = 0;
    bool unanswered = false;
    std::deque<Call> waiting;
  };

  // Sends the next batch of the counter, unless one is unanswered or nobody waits.
  void SendNext(const CounterId& counter);
  // Takes what goes into the next batch, and apart those whose deadline has passed.
  static void TakeCalls(absl::Time now, Numbering* numbering, Calls* calls, Calls* late);
  void OnAnswer(const CounterId& counter, const HitBatch& batch, Calls calls,
                const absl::StatusOr<HitResult>& result);
  // Whether the calls of a refused batch go again, each with a chance of its own.
  static bool MayGoAgain(const absl::Status& refusal, const HitBatch& batch, const Calls& calls);
  void ForgetIdle() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  CounterEngine& engine_;
  runtime::Clock& clock_;
  const size_t max_idle_;
  absl::Mutex mutex_;
  const NewSender new_sender_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<CounterId, Numbering> numberings_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_INCREMENTS_H_
