// The engine of one machine: memory in front of RocksDB, nothing else to install or start.
//
// What is watched, present or lately used is in memory; all else stands on disk only and is read when
// it is needed (some 25 µs to 300 µs, on the calling thread). Every write goes through one thread
// with group commit; nothing can be seen before it is durable, to the degree that `durability` says.
//
// A disk that refuses writes (it is full) has them answered with UNAVAILABLE while reads and presence
// go on; writes go on by themselves once it takes them again. A refused write changes nothing, but
// for one case that no disk lets us rule out: it took the bytes and then failed to confirm them. Such
// a write may turn up when writes go on, or after a restart: whole, with its record, so that its
// repeat counts nothing.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_EMBEDDED_ENGINE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_EMBEDDED_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/hits.h"
#include "observability/logging.h"
#include "services/counter/embedded/call_gate.h"
#include "services/counter/embedded/committer.h"
#include "services/counter/embedded/counters.h"
#include "services/counter/embedded/record_sink.h"
#include "services/counter/embedded/restore.h"
#include "services/counter/embedded/store.h"
#include "services/counter/engine.h"
#include "services/runtime/clock.h"
#include "services/runtime/loop_thread.h"
#include "services/runtime/random.h"

namespace livecounter::counter {

// What a write survives once it is answered.
enum class Durability {
  kSync,   // a power cut: its group is on the disk
  kAsync,  // the end of the process: the operating system has it
};

// As a flag: "sync" or "async".
bool AbslParseFlag(absl::string_view text, Durability* durability, std::string* error);
std::string AbslUnparseFlag(Durability durability);

using embedded::CommitReport;

struct EmbeddedEngineOptions {
  // The data directory: the store is its subdirectory `store`. Made when missing.
  std::string directory;
  Durability durability = Durability::kSync;
  size_t shards = 16;
  // Beside those that are watched or where somebody is present.
  size_t max_counters_in_memory = 1'000'000;
  size_t max_senders_in_memory = 200'000;
  size_t block_cache_bytes = size_t{128} << 20;
  // At most kMaxLiveKeysPerProduct.
  int64_t max_live_keys_per_product = kMaxLiveKeysPerProduct;
  absl::Duration sweep_interval = absl::Minutes(1);
  absl::Duration repair_interval = absl::Milliseconds(250);
  // Of every group commit, on the thread that commits: must be quick. May be null.
  std::function<void(const CommitReport&)> on_commit = nullptr;
  // Of every attempt to write points of history, likewise.
  std::function<void(size_t points, bool written)> on_history = nullptr;
  // For Open() alone; null: libsodium's.
  runtime::Random* random = nullptr;
  // Not owned, outlives the engine, may be null.
  const observability::Logger* logger = nullptr;
  // For tests (see FaultyDisk): not owned, outlives the engine; null: the machine's disk.
  rocksdb::Env* env = nullptr;
};

class EmbeddedEngine final : public CounterEngine {
 public:
  // Opens the store, or makes it; the new epoch is on the disk when this returns. `clock` outlives the
  // engine. Errors: FAILED_PRECONDITION while another process has the directory, or for a store of a
  // newer release; UNAVAILABLE when the disk fails; DATA_LOSS when the store is damaged.
  static absl::StatusOr<std::unique_ptr<EmbeddedEngine>> Open(EmbeddedEngineOptions options,
                                                              runtime::Clock& clock);

  // Makes the store of a data directory from a backup (contract §7), an archive (../backup_archive.h) or a
  // directory; the next Open() starts a new epoch over it. All or nothing. A store that was made from the
  // backup of that path stays as it is, whatever is there now; FAILED_PRECONDITION where there is any
  // other one; NOT_FOUND where there is no backup; DATA_LOSS when it is damaged.
  static absl::StatusOr<embedded::Restored> RestoreFrom(const std::string& backup,
                                                        const std::string& data_directory);
  // Whether RestoreFrom() has what it needs; touches nothing. FAILED_PRECONDITION and NOT_FOUND as there.
  static absl::Status CheckRestore(const std::string& backup, const std::string& data_directory);

  // Close().
  ~EmbeddedEngine() override;

  uint64_t Epoch() const override { return counters_.epoch(); }
  void RaiseEpochAbove(uint64_t seen, Callback<uint64_t> done) override;

  void Hit(HitBatch batch, Callback<HitResult> done) override;
  void HitOnce(KeyedHit hit, Callback<HitResult> done) override;

  void SetProducts(const ProductDirectory& products) override { counters_.SetProducts(products); }
  void Create(NewCounter wanted, Callback<Change> done) override;
  void SetHits(CounterId counter, int64_t hits, Callback<Change> done) override;
  void Delete(CounterId counter, StatusCallback done) override;
  void Read(CounterId counter, Callback<Change> done) override;
  void List(std::string product, int page_size, std::string page_token,
            Callback<CounterPage> done) override;

  void ReadHistory(CounterId counter, HistoryResolution resolution, absl::Time from, absl::Time to,
                   Callback<std::vector<HistoryValue>> done) override;
  void DeleteProduct(std::string product, StatusCallback done) override;

  void AddUsage(HolderId holder, UsageBatch batch, StatusCallback done) override;
  void ReadUsage(UsageQuery query, Callback<std::vector<UsageEntry>> done) override;

  void UpdatePresence(std::vector<PresenceDelta> deltas) override;
  void RaiseFloor(CounterId counter, int64_t floor) override;
  void EndRecovery() override;

  void SetChangeSink(ChangeSink sink) override { counters_.SetSink(std::move(sink)); }
  void Watch(CounterId counter) override;
  void Unwatch(CounterId counter) override;

  void RecordSession(HolderId holder, StatusCallback done) override;
  void ForgetSession(HolderId holder) override;
  std::vector<HolderId> SessionsAtOpen() const override { return sessions_at_open_; }

  RecordStore& Records() override;

  void Probe(StatusCallback done) override;
  void Backup(std::string directory, StatusCallback done) override;
  // Not from a callback.
  void Close() override;

  // How the store stands on its disk, for metrics: nothing while it is being repaired, and after Close().
  // May read a directory.
  absl::optional<embedded::StoreFacts> store_facts() const;

  // Counters in memory. For metrics and tests.
  size_t counters_in_memory() const { return counters_.size(); }
  // For tests: dies when what is in memory does not fit together.
  void CheckInvariants() const { counters_.CheckInvariants(); }

 private:
  class EngineRecords;

  EmbeddedEngine(EmbeddedEngineOptions options, std::unique_ptr<embedded::Store> store,
                 uint64_t epoch, std::vector<HolderId> sessions, runtime::Clock& clock);

  // Into the committer's queue; refused at once when `form` is not OK, or the engine closed.
  void Add(std::unique_ptr<embedded::Write> write, const absl::Status& form = absl::OkStatus());
  // What takes its time: in the background, or refused at once.
  template <typename T>
  void AddTask(std::function<absl::StatusOr<T>()> task, Callback<T> done) {
    AddTaskTo(background_, std::move(task), std::move(done));
  }
  template <typename T>
  void AddTaskTo(runtime::LoopThread& thread, std::function<absl::StatusOr<T>()> task,
                 Callback<T> done) {
    {
      const embedded::CallGate::Pass pass(gate_);
      if (pass) return thread.Post([task = std::move(task), done] { done(task()); });
    }
    done(Closed());
  }
  // What a closed engine answers.
  static absl::Status Closed();

  const EmbeddedEngineOptions options_;
  runtime::Clock& clock_;
  // Open until Close().
  std::unique_ptr<embedded::Store> store_;
  const std::vector<HolderId> sessions_at_open_;
  embedded::Counters counters_;
  mutable embedded::CallGate gate_;
  embedded::RecordSink record_sink_;
  const std::unique_ptr<EngineRecords> records_;
  embedded::Committer committer_;
  // For what takes its time, away from the callers and from the committer.
  runtime::LoopThread background_;
  // For what may take minutes: a backup onto another disk.
  runtime::LoopThread backups_;
  absl::once_flag closed_;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_EMBEDDED_ENGINE_H_
