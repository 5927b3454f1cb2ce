#include "services/counter/fake_record_store.h"

#include <utility>

#include "absl/strings/match.h"
#include "services/counter/record_rules.h"

namespace livecounter::counter {

void FakeRecordStore::RefuseWrites(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  refuse_writes_ = std::move(status);
}

void FakeRecordStore::RefuseReads(absl::Status status) {
  absl::MutexLock lock(&mutex_);
  refuse_reads_ = std::move(status);
}

int FakeRecordStore::writes() const {
  absl::MutexLock lock(&mutex_);
  return writes_;
}

void FakeRecordStore::Write(std::vector<RecordWrite> writes, Callback<uint64_t> done) {
  const absl::StatusOr<uint64_t> version = Apply(std::move(writes));
  TellChanges();
  done(version);
}

absl::StatusOr<uint64_t> FakeRecordStore::Apply(std::vector<RecordWrite> writes) {
  absl::MutexLock lock(&mutex_);
  ++writes_;
  if (absl::Status form = CheckRecordWrites(writes); !form.ok()) return form;
  if (!refuse_writes_.ok()) return refuse_writes_;
  for (const RecordWrite& write : writes) {
    absl::Status expected = CheckExpectedVersion(write, VersionOf(write.key));
    if (!expected.ok()) return expected;
  }
  ++version_;
  for (RecordWrite& write : writes) {
    if (LeavesARecord(write, clock_.Now())) {
      records_[write.key] = {*write.value, version_, write.expire_at};
    } else {
      records_.erase(write.key);
      write.value.reset();
    }
    if (sink_) untold_.push_back({std::move(write.key), std::move(write.value), version_});
  }
  return version_;
}

uint64_t FakeRecordStore::VersionOf(const std::string& key) const {
  const auto found = records_.find(key);
  return found == records_.end() || found->second.expire_at <= clock_.Now() ? 0
                                                                            : found->second.version;
}

void FakeRecordStore::TellChanges() {
  absl::MutexLock lock(&mutex_);
  if (telling_) return;  // whoever is at it tells these too
  telling_ = true;
  while (!untold_.empty()) {
    const std::vector<RecordChange> changes = std::exchange(untold_, {});
    const ChangeSink sink = sink_;
    mutex_.Unlock();
    sink(changes);
    mutex_.Lock();
  }
  telling_ = false;
}

void FakeRecordStore::Read(std::string key, Callback<Record> done) { done(Find(key)); }

absl::StatusOr<Record> FakeRecordStore::Find(const std::string& key) const {
  absl::MutexLock lock(&mutex_);
  if (absl::Status form = CheckRecordKey(key); !form.ok()) return form;
  if (!refuse_reads_.ok()) return refuse_reads_;
  if (VersionOf(key) == 0) return NoSuchRecord(key);
  const Stored& stored = records_.at(key);
  return Record{key, stored.value, stored.version};
}

void FakeRecordStore::List(std::string prefix, std::string after, int limit,
                           Callback<std::vector<Record>> done) {
  const absl::Status form = CheckRecordLimit(limit);
  if (!form.ok()) return done(form);
  done(FindAll(prefix, after, static_cast<size_t>(limit)));
}

absl::StatusOr<std::vector<Record>> FakeRecordStore::FindAll(const std::string& prefix,
                                                             const std::string& after,
                                                             size_t limit) const {
  absl::MutexLock lock(&mutex_);
  if (!refuse_reads_.ok()) return refuse_reads_;
  std::vector<Record> found;
  auto at = after < prefix ? records_.lower_bound(prefix) : records_.upper_bound(after);
  for (; at != records_.end() && absl::StartsWith(at->first, prefix); ++at) {
    if (found.size() == limit) break;
    if (VersionOf(at->first) == 0) continue;
    found.push_back({at->first, at->second.value, at->second.version});
  }
  return found;
}

void FakeRecordStore::SetChangeSink(ChangeSink sink) {
  absl::MutexLock lock(&mutex_);
  sink_ = std::move(sink);
}

}  // namespace livecounter::counter
