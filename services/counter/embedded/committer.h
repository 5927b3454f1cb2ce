// The one thread that writes: group commit. All writes that wait are decided in their order, in one
// transaction, written as one batch with one fsync, made visible, and answered. While the disk is
// busy the next group gathers: under load groups grow, and a lone write waits for nobody.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COMMITTER_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COMMITTER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "observability/logging.h"
#include "services/counter/embedded/counters.h"
#include "services/counter/embedded/expiry_sweeper.h"
#include "services/counter/embedded/record_sink.h"
#include "services/counter/embedded/store.h"
#include "services/counter/embedded/transaction.h"
#include "services/counter/embedded/write.h"
#include "services/runtime/clock.h"
#include "services/runtime/loop_thread.h"

namespace livecounter::counter::embedded {

// One group that went to the disk, or failed to.
struct CommitReport {
  absl::Status status;
  absl::Duration took;  // from its decision until it was durable
  int64_t writes = 0;
  int64_t hits = 0;
};

struct CommitterOptions {
  // Whether a group is on the disk, or only with the operating system, before it is answered.
  bool sync = true;
  size_t max_senders_in_memory = 200'000;
  absl::Duration sweep_interval = absl::Minutes(1);
  size_t sweep_slice = 10'000;
  // While the disk refuses writes: how often to see whether it takes them again.
  absl::Duration repair_interval = absl::Milliseconds(250);
  std::function<void(const CommitReport&)> on_commit = nullptr;  // may be null; must be quick
  // So many points of history were written, or could not be. May be null; must be quick.
  std::function<void(size_t points, bool written)> on_history = nullptr;
  const observability::Logger* logger = nullptr;  // may be null
};

class Committer {
 public:
  // All outlive it. The thread starts at once.
  Committer(Store& store, Counters& counters, RecordSink& records, runtime::Clock& clock,
            CommitterOptions options);
  // Stop().
  ~Committer();

  // Any thread. Writes are decided in the order of the calls. Precondition: Stop() was not called.
  void Add(std::unique_ptr<Write> write);

  // Answers all that was added, writes the history there is, and ends the thread. Idempotent; not from a callback.
  void Stop();

 private:
  using Group = absl::Span<const std::unique_ptr<Write>>;

  // Commits all that waits; when to be called again at latest.
  absl::Time Turn(absl::Time now);
  // Commits the first writes of `waiting`, and says how many.
  size_t CommitSome(Group waiting);
  absl::Status CommitTransaction(Transaction& transaction, size_t writes);
  void Sweep(absl::Time now);
  // Writes the points of history that are finished, or, where `open`, all there are.
  void WriteHistory(absl::Time now, bool open);
  absl::Status CommitHistory(const std::vector<CounterPoint>& points, absl::Time now);
  // OK when writes can be made: never failed, or repaired.
  absl::Status Ready();
  absl::Status Reconcile();

  Store& store_;
  Counters& counters_;
  RecordSink& records_;
  runtime::Clock& clock_;
  const CommitterOptions options_;

  // All below is the thread's alone.
  SenderCache senders_;
  ExpirySweeper sweeper_;
  absl::Time last_sweep_ = absl::InfinitePast();
  bool more_to_sweep_ = false;
  absl::Time next_history_ = absl::InfinitePast();
  // The last try of a repair, and why it failed.
  absl::Time last_repair_ = absl::InfinitePast();
  absl::Status not_ready_;
  // Counters of groups that failed: what the store holds of them is only known after a repair.
  std::vector<CounterId> in_doubt_;
  // Likewise, changes of records.
  std::vector<RecordChange> record_changes_in_doubt_;

  std::vector<std::unique_ptr<Write>> waiting_;
  bool stopped_ = false;

  runtime::LoopThread thread_;  // last: it uses all of the above
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_COMMITTER_H_
