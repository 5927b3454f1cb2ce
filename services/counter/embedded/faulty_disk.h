// A disk that fails when told to, for tests: under RocksDB, over the real one. It never waits for the
// real one: it only notes what was synced, and a power cut takes the rest away.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_FAULTY_DISK_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_FAULTY_DISK_H_

#include <cstdint>
#include <memory>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace livecounter::counter::embedded {

class FaultyFileSystem;

// What becomes of writes while the fault lasts. Reads work always.
enum class DiskFault {
  kNone,
  kFull,       // nothing is taken, no file is made: no space left
  kTorn,       // half of an append is taken, then no space left
  kSyncFails,  // appends are taken, syncs say no space left
  kBroken,     // everything says I/O error
};

// All methods may be called from any thread.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();

  // From the `after`-th write from now on; a write is an append, a sync, or a file made, renamed or
  // deleted.
  void Fail(DiskFault fault, int64_t after = 0);
  void Heal() { Fail(DiskFault::kNone); }

  // Writes so far, failed ones too.
  int64_t writes() const;

  // From now on nothing reaches the disk, as if the machine had lost its power.
  void CutPower();
  // The machine is back: files written through this disk have lost what was not synced. Precondition:
  // nobody has one of them open.
  void RestorePower();

  // As EmbeddedEngineOptions.env; lives as long as this.
  rocksdb::Env* env();

 private:
  std::shared_ptr<FaultyFileSystem> file_system_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_FAULTY_DISK_H_
