// The heart of one counterd process: sessions of gateways on one side, the engine on the other. It
// carries out what core/session_table.h decides, passes hits through in their order, and tells each
// stream what changed of what it watches.
//
// Not thread-safe: it belongs to one loop (replica_loop.h). Whatever the engine answers comes back
// as a task for that loop, by the Post function that is passed in.

#ifndef LIVECOUNTER_SERVICES_COUNTER_REPLICA_H_
#define LIVECOUNTER_SERVICES_COUNTER_REPLICA_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/connection_totals.h"
#include "core/session.h"
#include "core/session_table.h"
#include "observability/logging.h"
#include "observability/metrics.h"
#include "services/counter/engine.h"
#include "services/counter/outlet.h"
#include "services/counter/replica_status.h"
#include "services/counter/replica_stream.h"
#include "services/counter/watches.h"
#include "services/runtime/clock.h"

namespace livecounter::counter {

class Replica {
 public:
  struct Options {
    SessionTable::Options sessions;
    Outlet::Options outlet;
    // A stream with so many hit batches unanswered is not read until half of them are answered.
    int64_t max_unanswered = 65'536;
    // Totals of connections go to a gateway at most once in this time.
    absl::Duration totals_interval = absl::Milliseconds(100);
  };
  // Runs a task on the loop that the replica belongs to, after this call. Any thread.
  using Post = std::function<void(absl::AnyInvocable<void()>)>;

  // All outlive the replica, and the engine is closed before it. Watches the engine's sessions and
  // changes from here on.
  Replica(Options options, CounterEngine& engine, Post post, runtime::Clock& clock,
          const observability::Logger& logger, observability::CounterdMetrics& metrics);
  // Precondition: every stream is closed.
  ~Replica();

  // --- Streams: what happened to them. `id` is new with each stream, and any number. ---

  // A gateway's: a hello comes next.
  void OpenSession(StreamId id, std::unique_ptr<ReplicaStream> stream);
  // A client's: it watches `counters`, and nothing is written before all of them have a value.
  void OpenWatch(StreamId id, std::unique_ptr<ReplicaStream> stream,
                 const std::vector<CounterId>& counters);
  void OnFrame(StreamId id, HolderFrame frame);
  // What was read is no frame: the stream ends with `why`.
  void OnBadFrame(StreamId id, const absl::Status& why);
  void OnWritten(StreamId id);
  // Whom the stream tells may not be told more: it ends with `why`.
  void OnDenied(StreamId id, const absl::Status& why);
  // The peer broke the stream, or will send no more.
  void OnPeerGone(StreamId id);
  // The stream ended for good; frees it.
  void OnClosed(StreamId id);

  // --- The loop. ---

  // To be called after each batch of the above: writes what is due, and does what time brings.
  // Returns when it wants to be called again.
  absl::Time Turn(absl::Time now);
  // Something waits for a write that is under way, so that OnWritten() is urgent. As of the last Turn().
  bool awaits_written() const { return !held_up_.empty(); }

  // Ends every stream, and each new one, with UNAVAILABLE.
  void Drain();

  bool recovering() const { return sessions_.recovering(); }
  size_t streams() const { return streams_.size(); }
  ReplicaStatus Status() const;

  void CheckInvariants() const;

 private:
  // A session's stream goes from kNew over kGreeting to kAttached.
  enum class Phase { kNew, kGreeting, kAttached, kWatching, kOver };
  struct Stream {
    std::unique_ptr<ReplicaStream> stream;
    Outlet outlet;
    Phase phase;
    HolderId holder;  // after the hello
    absl::Time heard_at;
    int64_t unanswered = 0;  // hit batches, keyed hits and usage batches
    bool reading = false;
    std::vector<UsageBatch> uncounted = {};  // the engine could not count them: to be tried again
  };
  using Streams = absl::flat_hash_map<StreamId, Stream>;

  Stream* Find(StreamId id);
  Stream& Add(StreamId id, std::unique_ptr<ReplicaStream> stream, Phase phase);
  void Read(Stream& stream);
  // The stream takes part in nothing any more and ends with `status`.
  void End(StreamId id, Stream& stream, const absl::Status& status);

  void Greet(StreamId id, Stream& stream, const Hello& hello);
  void OnRecorded(StreamId id, const Hello& hello, const absl::Status& recorded);
  void RaiseEpoch(StreamId id, const Hello& hello);
  void OnGreeted(StreamId id, const Hello& hello, const absl::StatusOr<uint64_t>& epoch);
  void Attach(StreamId id, Stream& stream, const Hello& hello, uint64_t epoch);
  void OnAttachedFrame(StreamId id, Stream& stream, const HolderFrame& frame);
  void ApplyWatches(StreamId id, const HolderFrame& frame, bool recovering);
  void ApplyHits(StreamId id, Stream& stream, const HolderFrame& frame);
  template <typename Answer>
  void OnAnswer(StreamId id, Answer answer);
  // One of what was unanswered is answered.
  void Answered(StreamId id, Stream& stream);
  // A batch without a holder is the sender's own.
  void CountUsage(StreamId id, HolderId sender, const UsageBatch& batch);
  void OnUsageCounted(StreamId id, const UsageBatch& batch, const absl::Status& status);
  void RetryUsage();
  void CarryOut(SessionTable::Effects effects);
  void EndRecovery();
  void ForgetSession(HolderId holder);

  void Tick(absl::Time now);
  // Moves the canary (core/canary.h), where somebody watches it.
  void MoveCanary(absl::Time now);
  void EndSilentStreams(absl::Time now, SessionTable::Effects* effects);
  // Hands totals to the streams that wait for some; when to be called again.
  absl::Time TellTotals(absl::Time now);
  absl::Time PumpAll(absl::Time now);
  absl::Time Pump(StreamId id, absl::Time now);
  void Wake(const std::vector<StreamId>& streams) { dirty_.insert(streams.begin(), streams.end()); }

  const Options options_;
  CounterEngine& engine_;
  const Post post_;
  runtime::Clock& clock_;
  const observability::Logger& logger_;
  observability::CounterdMetrics& metrics_;

  SessionTable sessions_;
  Watches watches_;
  ConnectionTotals totals_;
  Streams streams_;
  absl::flat_hash_set<StreamId> dirty_;    // streams that may have something to write
  absl::flat_hash_set<StreamId> held_up_;  // those whose write is under way, and more waits
  // How many hellos of each holder are being recorded: its record must not be deleted meanwhile.
  absl::flat_hash_map<HolderId, int> greeting_;
  // Holders that the session table knows, with the newest stream of each.
  absl::flat_hash_map<HolderId, StreamId> attached_;
  absl::Time next_totals_ = absl::InfinitePast();
  absl::Time next_canary_ = absl::InfinitePast();
  bool canary_moves_ = false;  // the engine is asked
  absl::Time next_tick_ = absl::InfinitePast();
  absl::Time last_tick_;
  bool draining_ = false;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_REPLICA_H_
