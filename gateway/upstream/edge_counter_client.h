// The gateway's session over EdgeService: core's HolderSession on a thread of its own, with a stream to
// counterd that is opened again within a second whenever it breaks.
//
// Hits go at once, and so does a lone join, leave or watch; under load those go once a batch interval, so
// that the cost of a message is shared by many.
//
// The journal of usage, where there is one, is written on a thread of its own: a slow disk holds up nothing
// but usage.

#ifndef LIVECOUNTER_GATEWAY_UPSTREAM_EDGE_COUNTER_CLIENT_H_
#define LIVECOUNTER_GATEWAY_UPSTREAM_EDGE_COUNTER_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/holder_session.h"
#include "gateway/upstream/counter_client.h"
#include "gateway/upstream/edge_stream.h"
#include "gateway/upstream/switchboard.h"
#include "gateway/upstream/usage_journal.h"
#include "observability/logging.h"
#include "services/runtime/clock.h"
#include "services/runtime/loop_thread.h"
#include "services/runtime/random.h"
#include "services/runtime/worker_pool.h"

namespace grpc {
class Channel;
}

namespace livecounter::gateway {

// All methods may be called from any thread.
class EdgeCounterClient final : public CounterClient {
 public:
  struct Options {
    std::string token;                    // what --edge_token_file holds
    HolderSession::Options session = {};  // its id is drawn by the client
    // Of what nobody waits for. At a thousand joins a second half of it would cost the counter service a
    // third more (bench/results/2026-11-23-batches.md).
    absl::Duration batch = absl::Milliseconds(10);
  };

  // How much of what was accepted is not counted, as far as it is known here.
  struct UsageStatus {
    absl::Time uncounted_since = absl::InfiniteFuture();  // InfiniteFuture where all is counted
    int64_t uncounted = 0;                                // connections
    int64_t journal_failures = 0;                         // since the start
  };

  // Connects at once. `channel` leads to --edge_listen, or into the same process; `clock`, `random`,
  // `logger` and `journal` outlive the client. Null: without a journal a kill costs all that is not counted.
  EdgeCounterClient(Options options, std::shared_ptr<grpc::Channel> channel, runtime::Clock& clock,
                    runtime::Random& random, const observability::Logger& logger,
                    UsageJournal* journal = nullptr);
  // Breaks the stream: counterd keeps the share for its lease, unless Detach() was called before. What is
  // not counted is in the journal, and inboxes are not called any more, when this returns.
  ~EdgeCounterClient() override;

  LoopId AddLoop(Inbox inbox) override;
  void Send(LoopId loop, LoopCommands commands) override;
  bool EverConnected() const override ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Time LostSince() const override ABSL_LOCKS_EXCLUDED(mutex_);
  void Detach(absl::Duration linger, absl::Time deadline) override ABSL_LOCKS_EXCLUDED(mutex_);

  UsageStatus Usage() const ABSL_LOCKS_EXCLUDED(mutex_);
  // How the last stream ended; OK while the session is attached, and before the first has ended.
  absl::Status LastFailure() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Random numbers for core.
  struct RandomBits {
    using result_type = uint64_t;
    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return ~result_type{0}; }
    result_type operator()() { return random.Uint64(); }
    runtime::Random& random;
  };

  static HolderSession::Options SessionOptions(HolderSession::Options options,
                                               const UsageJournal* journal,
                                               runtime::Random& random);

  // --- On the thread. ---

  runtime::LoopThread::Wake Turn(absl::Time now);
  // Does what is due; when to look again.
  absl::Time Advance(absl::Time now);
  void Connect(absl::Time now);
  void Break();
  void OnFrame(const absl::StatusOr<ReceiverFrame>& frame);
  void OnBroken();
  void OnDone(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  // Writes what is due; returns when what was held back is, InfiniteFuture when nothing was.
  absl::Time Pump(absl::Time now);
  // Has the journal written where that is due.
  void KeepJournal(absl::Time now);
  void OnJournalStep(const absl::Status& status);
  void LogGivenUpUsage();
  // Tells the other threads how the session stands.
  void Report(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  const std::shared_ptr<grpc::Channel> channel_;
  runtime::Clock& clock_;
  const observability::Logger& logger_;
  UsageJournal* const journal_;
  std::atomic<LoopId> next_loop_{0};

  RandomBits random_;
  HolderSession session_;
  Switchboard switchboard_;
  std::unique_ptr<EdgeStream> stream_;
  bool writing_ = false;
  bool broken_ = false;  // the stream is on its way to its end
  bool stopping_ = false;
  bool was_attached_ = false;
  int64_t journal_failures_ = 0;
  bool journal_fails_ = false;  // the last step did
  int64_t given_up_ = 0;        // connections, told of
  absl::Time batch_due_ = absl::InfinitePast();

  mutable absl::Mutex mutex_;
  bool ever_connected_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time lost_since_ ABSL_GUARDED_BY(mutex_);
  absl::Status last_failure_ ABSL_GUARDED_BY(mutex_);
  UsageStatus usage_ ABSL_GUARDED_BY(mutex_);
  bool detached_ ABSL_GUARDED_BY(mutex_) = false;  // for good, and no stream
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;   // likewise
  std::unique_ptr<runtime::WorkerPool> disk_;      // of the journal: one step at a time
  runtime::LoopThread thread_;                     // last: it uses all of the above
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_UPSTREAM_EDGE_COUNTER_CLIENT_H_
