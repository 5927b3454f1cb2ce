// A simulated counterd: the production rules of core/ (sessions, watches, counter values, hits)
// with a simulated disk and streams in place of RocksDB and gRPC.

#ifndef LIVECOUNTER_TESTS_SIMULATION_COUNTERD_H_
#define LIVECOUNTER_TESTS_SIMULATION_COUNTERD_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/connection_totals.h"
#include "core/counter_table.h"
#include "core/session_table.h"
#include "core/watch_table.h"
#include "tests/simulation/bugs.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/network.h"
#include "tests/simulation/scheduler.h"

namespace livecounter::simulation {

class Counterd {
 public:
  Counterd(Scheduler* scheduler, Disk* disk, Bug bug);

  // Opens the disk and serves, in an epoch of its own by a clock that is wrong by `clock_error`.
  // Precondition: !running().
  void Start(absl::Duration clock_error);
  // kill -9: memory is gone, streams break, the write under way is done or not.
  void Kill();
  bool running() const { return life_ != nullptr; }
  // The process stands still (SIGSTOP, a stalled loop) until `until`.
  void StallUntil(absl::Time until);

  // A gateway dials in. Precondition: running().
  void Accept(std::shared_ptr<Stream> stream);

  // --- What a test may look at. ---
  const SessionTable& sessions() const { return life_->sessions; }
  int64_t Connections(const std::string& product) const { return life_->totals.Total(product); }
  int64_t Hits(const CounterId& counter) const;
  uint64_t epoch() const { return life_->counters.epoch(); }
  void CheckInvariants() const;

 private:
  // A write that waits for the disk, and what to do when it is durable.
  struct Write {
    std::function<void(Image*)> apply;  // on the image to be written
    std::function<void()> done;
  };
  struct Attached {
    std::shared_ptr<Stream> stream;
    HolderId holder = {};  // once welcomed
    bool welcomed = false;
    bool flush_planned = false;
    absl::Time last_flush = absl::InfinitePast();
    ReceiverFrame out;  // answers that wait for the flush
  };
  // One process incarnation. Events of an earlier one find it gone.
  struct Life {
    Life(Scheduler* scheduler, const Image& image, uint64_t epoch, Bug bug);
    SessionTable sessions;
    WatchTable watches;
    CounterTable counters;
    ConnectionTotals totals;
    std::map<StreamId, Attached> streams;
    std::map<HolderId, StreamId> newest;  // the stream of each session
    std::vector<Write> queue;
    absl::Time stalled_until = absl::InfinitePast();
  };

  // Runs `event` in this life, after a stall if there is one; never in a later life.
  void InThisLife(std::function<void()> event);
  void Later(absl::Duration delay, std::function<void()> event);
  void Tick();

  void OnFrame(StreamId id, HolderFrame frame);
  void OnHello(StreamId id, const Hello& hello);
  void Admit(StreamId id, const Hello& hello);
  void OnHits(StreamId id, const HitBatch& batch);
  void OnKeyedHit(StreamId id, const KeyedHitRequest& request);
  void OnUsage(StreamId id, const UsageBatch& batch);
  void OnWatch(StreamId id, const WatchStart& watch);
  void OnStreamClosed(StreamId id);
  void CloseStream(StreamId id);
  void DropStream(StreamId id);
  void TellTotals();
  void CarryOut(const SessionTable::Effects& effects);

  void Load(const CounterId& counter);
  void Publish(const absl::optional<Change>& change);
  void Persist(std::function<void(Image*)> apply, std::function<void()> done);
  void Commit();
  void PlanFlush(StreamId id, bool urgent);
  void Flush(StreamId id);

  Scheduler* scheduler_;
  Disk* disk_;
  Bug bug_;
  std::shared_ptr<Life> life_;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_COUNTERD_H_
