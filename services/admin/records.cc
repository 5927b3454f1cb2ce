#include "services/admin/records.h"

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "services/runtime/await.h"
#include "services/runtime/grpc_status.h"

namespace livecounter::admin {
namespace {

constexpr absl::string_view kConflict = "WRITE_CONFLICT";
constexpr int kPageSize = 1'000;
// The sink has the change before or right after the writer has its answer; this long only where the
// store is failing.
constexpr absl::Duration kMaxWaitForSink = absl::Seconds(5);

}  // namespace

bool IsConflict(const absl::Status& status) {
  return absl::IsAborted(status) && runtime::ReasonOf(status) == kConflict;
}

void Records::AddListener(absl::string_view prefix, Listener listener) {
  listeners_.emplace_back(std::string(prefix), std::move(listener));
}

absl::Status Records::Open() {
  store_.SetChangeSink(
      [this](const std::vector<counter::RecordChange>& changes) { OnChanges(changes); });
  std::vector<counter::Record> found;
  for (const auto& [prefix, listener] : listeners_) {
    absl::StatusOr<std::vector<counter::Record>> records = List(prefix);
    if (!records.ok()) return records.status();
    found.insert(found.end(), records->begin(), records->end());
  }
  absl::MutexLock lock(&mutex_);
  for (const counter::Record& record : found) Tell({record.key, record.value, record.version});
  for (const counter::RecordChange& change : early_) Tell(change);
  early_.clear();
  opening_ = false;
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Records::Write(std::vector<counter::RecordWrite> writes) {
  auto version = runtime::Await<uint64_t>(
      [&](auto done) { store_.Write(std::move(writes), std::move(done)); });
  if (absl::IsAborted(version.status())) return runtime::WithReason(version.status(), kConflict);
  if (!version.ok()) return version;
  absl::MutexLock lock(&mutex_);
  const auto told = [this, version = *version]()
                        ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return told_version_ >= version; };
  mutex_.AwaitWithTimeout(absl::Condition(&told), kMaxWaitForSink);
  return version;
}

absl::StatusOr<absl::optional<counter::Record>> Records::Find(std::string key) {
  auto record = runtime::Await<counter::Record>(
      [&](auto done) { store_.Read(std::move(key), std::move(done)); });
  if (absl::IsNotFound(record.status())) return absl::optional<counter::Record>();
  if (!record.ok()) return record.status();
  return absl::optional<counter::Record>(*std::move(record));
}

absl::StatusOr<std::vector<counter::Record>> Records::List(const std::string& prefix) {
  std::vector<counter::Record> all;
  for (;;) {
    auto page = runtime::Await<std::vector<counter::Record>>([&](auto done) {
      store_.List(prefix, all.empty() ? "" : all.back().key, kPageSize, std::move(done));
    });
    if (!page.ok()) return page.status();
    all.insert(all.end(), page->begin(), page->end());
    if (page->size() < kPageSize) return all;
  }
}

void Records::OnChanges(const std::vector<counter::RecordChange>& changes) {
  absl::MutexLock lock(&mutex_);
  if (opening_) {
    early_.insert(early_.end(), changes.begin(), changes.end());
    return;
  }
  for (const counter::RecordChange& change : changes) Tell(change);
}

void Records::Tell(const counter::RecordChange& change) {
  for (const auto& [prefix, listener] : listeners_) {
    if (absl::StartsWith(change.key, prefix)) listener(change);
  }
  if (change.version > told_version_) told_version_ = change.version;
}

}  // namespace livecounter::admin
