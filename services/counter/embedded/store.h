// The disk of the embedded engine: families of records in RocksDB, written in atomic batches. Knows
// nothing of counters. Nothing outside of this folder sees RocksDB.
//
// Any thread may read at any time; Commit() and Repair() are for one thread, the committer's.
//
// A disk that refuses a write leaves RocksDB unable to write, and reading on. The way back is
// Repair(): close and open again, once there is room. RocksDB's own DB::Resume() is not used: in 7.8
// it goes on writing to the log file that failed when nothing happens to be in memory to be flushed,
// and Debian's build, which has assertions on, then aborts the process. For the same reason RocksDB
// never logs to a file of its own.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_STORE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_STORE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "observability/logging.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
struct Options;
}  // namespace rocksdb

namespace livecounter::counter::embedded {

// Kinds of records; encoding.h has their keys and values.
enum class Family {
  kMeta,  // EpochKey → epoch; LiveKeysKey(product) → number of live keys; last version of records
  kCounters,      // CounterKey → StoredCounter
  kSenders,       // SenderKey → StoredSender
  kKeys,          // KeyRecordKey → KeyRecord
  kKeyExpiry,     // ExpiryKey → nothing
  kSessions,      // holder id → nothing
  kRecords,       // the record's key → StoredRecord
  kRecordExpiry,  // ExpiryKey → nothing
  kUsage,         // UsageKey → number of connections
  kUsageHolders,  // holder id → StoredSender, of its usage batches
  kMinutes,       // HistoryKey of an hour → HistoryPoint of a minute
  kHours,         // HistoryKey of a day → HistoryPoint of an hour
  kHistories,     // CounterKey → begin of the last hour with points, in seconds
};
inline constexpr size_t kFamilies = 13;

struct Mutation {
  Family family;
  std::string key;
  absl::optional<std::string> value;  // nothing: the record goes
};

struct StoreEntry {
  std::string key;
  std::string value;
};

struct StoreOptions {
  // Of this store alone; made when missing.
  std::string directory;
  // Read blocks kept in memory, uncompressed. Index and filter blocks come on top.
  size_t block_cache_bytes = size_t{128} << 20;
  // What Repair() wants to be able to write before it tries.
  size_t room_bytes = size_t{16} << 20;
  // Not owned, outlives the store; null: the machine's disk.
  rocksdb::Env* env = nullptr;
  // Not owned, may be null. RocksDB's warnings and errors.
  const observability::Logger* logger = nullptr;
};

// How a store stands on its disk.
struct StoreFacts {
  bool is_writable = true;  // Commit() does not wait for Repair()
  uint64_t disk_free_bytes = 0;
  uint64_t table_bytes = 0;
  uint64_t log_bytes = 0;
  uint64_t compactions = 0;               // under way
  uint64_t compaction_pending_bytes = 0;  // an estimate
};

class Store {
 public:
  // A store of an older release gets the families that it lacks; families of a newer one that kept the
  // format are left as they are. FAILED_PRECONDITION while another process has it open, or for a format
  // of a newer release; UNAVAILABLE when the disk fails; DATA_LOSS when it is damaged.
  static absl::StatusOr<std::unique_ptr<Store>> Open(StoreOptions options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  absl::StatusOr<absl::optional<std::string>> Get(Family family, absl::string_view key) const;
  // Up to `limit` records whose keys begin with `prefix`, in order, from the first key ≥ `from`.
  absl::StatusOr<std::vector<StoreEntry>> Scan(Family family, absl::string_view prefix,
                                               absl::string_view from, size_t limit) const;

  // All or nothing; with `sync`, on the disk before it returns. At most one mutation of a record.
  // UNAVAILABLE: not readable now, but it may be there after Repair() or the next open, whole, if the
  // disk failed after taking the bytes. From then on every Commit() fails until Repair() succeeds.
  absl::Status Commit(const std::vector<Mutation>& mutations, bool sync);

  // For metrics; nothing while Repair() has the store.
  absl::optional<StoreFacts> Facts() const;

  // Whether Commit() waits for Repair().
  bool needs_repair() const { return broken_.load(std::memory_order_relaxed); }
  // Opens again if the disk takes writes again; OK when nothing was broken. Readers wait meanwhile.
  absl::Status Repair();

  // A consistent copy in `directory`, which must not exist; hard links where it is the same disk.
  absl::Status CopyTo(const std::string& directory) const;

  // Reads every block there is. DATA_LOSS where one is not what was written.
  absl::Status VerifyChecksums() const;

  const std::string& directory() const { return options_.directory; }

 private:
  explicit Store(StoreOptions options);

  absl::Status OpenForWriting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status OpenForReading() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TakeOpened(rocksdb::DB* db, const std::vector<rocksdb::ColumnFamilyHandle*>& handles)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CloseLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckFormat() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckRoom() const;
  StoreFacts FactsLocked() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  rocksdb::Env& env() const;
  rocksdb::ColumnFamilyHandle* Handle(Family family) const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return handles_[static_cast<size_t>(family)];
  }

  const StoreOptions options_;
  // Shared by all who use the database, so that Repair() has it alone.
  mutable absl::Mutex mutex_;
  std::unique_ptr<rocksdb::DB> db_ ABSL_GUARDED_BY(mutex_);
  // First those of `Family`, then those that only a newer release knows.
  std::vector<rocksdb::ColumnFamilyHandle*> handles_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> broken_{false};
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_STORE_H_
