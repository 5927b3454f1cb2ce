// A RecordStore for unit tests: all in memory. Answers come before the call returns, and before them
// the changes go to the sink. Versions are 1, 2, 3, ...

#ifndef LIVECOUNTER_SERVICES_COUNTER_FAKE_RECORD_STORE_H_
#define LIVECOUNTER_SERVICES_COUNTER_FAKE_RECORD_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/counter/record_store.h"
#include "services/runtime/clock.h"

namespace livecounter::counter {

// All methods may be called from any thread, also from the sink and from callbacks.
class FakeRecordStore final : public RecordStore {
 public:
  // `clock` decides what has expired, and outlives the store.
  explicit FakeRecordStore(runtime::Clock& clock) : clock_(clock) {}

  // --- For the test. ---

  // Every write is refused with this from now on; OK: none is.
  void RefuseWrites(absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  // Every read and list fails with this from now on; OK: none does.
  void RefuseReads(absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  // Writes that were called, refused ones too.
  int writes() const ABSL_LOCKS_EXCLUDED(mutex_);

  // --- RecordStore. ---

  void Write(std::vector<RecordWrite> writes, Callback<uint64_t> done) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Read(std::string key, Callback<Record> done) override ABSL_LOCKS_EXCLUDED(mutex_);
  void List(std::string prefix, std::string after, int limit,
            Callback<std::vector<Record>> done) override ABSL_LOCKS_EXCLUDED(mutex_);
  void SetChangeSink(ChangeSink sink) override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Stored {
    std::string value;
    uint64_t version = 0;
    absl::Time expire_at;
  };

  absl::StatusOr<uint64_t> Apply(std::vector<RecordWrite> writes) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<Record> Find(const std::string& key) const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<std::vector<Record>> FindAll(const std::string& prefix, const std::string& after,
                                              size_t limit) const ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t VersionOf(const std::string& key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TellChanges() ABSL_LOCKS_EXCLUDED(mutex_);

  runtime::Clock& clock_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Stored> records_ ABSL_GUARDED_BY(mutex_);
  uint64_t version_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status refuse_writes_ ABSL_GUARDED_BY(mutex_);
  absl::Status refuse_reads_ ABSL_GUARDED_BY(mutex_);
  int writes_ ABSL_GUARDED_BY(mutex_) = 0;
  ChangeSink sink_ ABSL_GUARDED_BY(mutex_);
  std::vector<RecordChange> untold_ ABSL_GUARDED_BY(mutex_);
  bool telling_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_FAKE_RECORD_STORE_H_
