// The engine's records as this folder uses them: calls wait for their answers, and whoever keeps a part of
// the records in memory hears of every change. A Write() that has returned is in those memories too, so
// whoever made it reads it.
//
// All methods but AddListener() and Open() may be called from any thread that may block (runtime/await.h).

#ifndef LIVECOUNTER_SERVICES_ADMIN_RECORDS_H_
#define LIVECOUNTER_SERVICES_ADMIN_RECORDS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "services/counter/record_store.h"

namespace livecounter::admin {

class Records {
 public:
  // Gets every record at Open(), then every change; one call at a time. Must be quick.
  using Listener = std::function<void(const counter::RecordChange&)>;

  // `store` outlives it, and calls its sink no more when it ends.
  explicit Records(counter::RecordStore& store) : store_(store) {}

  // For records whose keys begin with `prefix`; of several such prefixes, those that were added first
  // hear first. Before Open().
  void AddListener(absl::string_view prefix, Listener listener);
  // Takes the store's sink, and tells the listeners what is there. Once, before the calls below.
  absl::Status Open();

  // All or nothing; the version of the write. ABORTED, which IsConflict() knows, where an expected
  // version is not there.
  absl::StatusOr<uint64_t> Write(std::vector<counter::RecordWrite> writes);
  // Nothing where there is none.
  absl::StatusOr<absl::optional<counter::Record>> Find(std::string key);
  // All records whose keys begin with `prefix`, in byte order.
  absl::StatusOr<std::vector<counter::Record>> List(const std::string& prefix);

 private:
  void OnChanges(const std::vector<counter::RecordChange>& changes) ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(const counter::RecordChange& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  counter::RecordStore& store_;
  std::vector<std::pair<std::string, Listener>> listeners_;
  absl::Mutex mutex_;
  // While Open() lists, changes wait here, to be told after what it finds.
  bool opening_ ABSL_GUARDED_BY(mutex_) = true;
  std::vector<counter::RecordChange> early_ ABSL_GUARDED_BY(mutex_);
  uint64_t told_version_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Whether a write lost against another one: read again, and decide again.
bool IsConflict(const absl::Status& status);

// What `attempt()`, a StatusOr, returns when it is repeated for as long as other writers are faster, up
// to a number that only a fault reaches.
template <typename Attempt>
auto RetryConflicts(Attempt attempt) {
  constexpr int kAttempts = 50;
  auto result = attempt();
  for (int i = 1; i < kAttempts && IsConflict(result.status()); ++i) result = attempt();
  return result;
}

}  // namespace livecounter::admin

#endif  // LIVECOUNTER_SERVICES_ADMIN_RECORDS_H_
