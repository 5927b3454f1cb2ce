#include "services/counter/embedded/counter_shard.h"

#include <utility>

#include "core/check.h"

namespace livecounter::counter::embedded {
namespace {

// How many to look at for one to forget: those that must stay are passed over.
constexpr int kForgetTries = 4;

absl::optional<int64_t> Hits(const absl::optional<StoredCounter>& stored) {
  return stored ? absl::optional<int64_t>(stored->hits) : absl::nullopt;
}

}  // namespace

absl::StatusOr<absl::optional<StoredCounter>> ReadStoredCounter(const Store& store,
                                                                const CounterId& counter) {
  const auto value = store.Get(Family::kCounters, CounterKey(counter));
  if (!value.ok()) return value.status();
  if (!*value) return absl::optional<StoredCounter>();
  const absl::StatusOr<StoredCounter> stored = DecodeCounter(**value);
  if (!stored.ok()) return stored.status();
  return absl::optional<StoredCounter>(*stored);
}

CounterShard::CounterShard(const Store& store, ChangeOutbox& outbox, HasProduct has_product,
                           uint64_t epoch, size_t max_in_memory)
    : store_(store),
      outbox_(outbox),
      has_product_(std::move(has_product)),
      max_in_memory_(max_in_memory),
      table_(epoch) {}

absl::StatusOr<Change> CounterShard::Read(const CounterId& counter) {
  absl::MutexLock lock(&mutex_);
  if (absl::Status status = Load(counter); !status.ok()) return status;
  return table_.Read(counter);
}

absl::StatusOr<Total> CounterShard::ReadTotal(const CounterId& counter) {
  absl::MutexLock lock(&mutex_);
  if (absl::Status status = Load(counter); !status.ok()) return status;
  return Total{table_.Read(counter).hits, table_.NextRevision(counter)};
}

void CounterShard::Publish(const CounterId& counter, const absl::optional<StoredCounter>& stored,
                           absl::Time accepted_at) {
  absl::MutexLock lock(&mutex_);
  if (table_.Loaded(counter)) {
    used_.Use(counter);
    Record(table_.SetHits(counter, Hits(stored), accepted_at), accepted_at);
    return;
  }
  Insert(counter, stored);
  Change change = table_.Read(counter);
  change.accepted_at = accepted_at;
  Record(change, accepted_at);
}

void CounterShard::UpdatePresence(const PresenceDelta& delta, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  for (const PresenceHash& hash : delta.joined) Record(table_.Join(delta.counter, hash, now), now);
  for (const PresenceHash& hash : delta.left) Record(table_.Leave(delta.counter, hash, now), now);
  if (!delta.left.empty()) ForgetIfNothing(delta.counter);
}

void CounterShard::RaiseFloor(const CounterId& counter, int64_t floor, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (recovering_) Record(table_.RaiseFloor(counter, floor, now), now);
}

void CounterShard::EndRecovery(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  recovering_ = false;
  for (Change& change : table_.DropFloors(now)) Record(std::move(change), now);
}

void CounterShard::Watch(const CounterId& counter) {
  absl::MutexLock lock(&mutex_);
  const bool loaded = Load(counter).ok();
  watched_.insert(counter);
  if (loaded) {
    outbox_.Put(table_.Read(counter));
  } else {
    unread_.insert(counter);
  }
}

void CounterShard::Unwatch(const CounterId& counter) {
  absl::MutexLock lock(&mutex_);
  watched_.erase(counter);
  unread_.erase(counter);
  ForgetIfNothing(counter);
}

void CounterShard::RetryWatches() {
  absl::MutexLock lock(&mutex_);
  const std::vector<CounterId> unread(unread_.begin(), unread_.end());
  for (const CounterId& counter : unread) {
    if (!Load(counter).ok()) return;
    if (unread_.erase(counter) > 0) outbox_.Put(table_.Read(counter));
  }
}

void CounterShard::RaiseEpoch(uint64_t epoch, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  for (Change& change : table_.RaiseEpoch(epoch, now)) Note(std::move(change));
}

std::vector<std::string> CounterShard::PresentAfter(const std::string& product,
                                                    const std::string& after, size_t limit) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> ids;
  for (auto at = present_.upper_bound(CounterId{product, after});
       at != present_.end() && at->product == product && ids.size() < limit; ++at) {
    ids.push_back(at->id);
  }
  return ids;
}

std::vector<CounterPoint> CounterShard::FinishedHistory(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  return history_.Finished(now);
}

std::vector<CounterPoint> CounterShard::AllHistory(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  return history_.All(now);
}

void CounterShard::HistoryWritten(const std::vector<CounterPoint>& points) {
  absl::MutexLock lock(&mutex_);
  history_.Written(points);
}

std::vector<HistoryPoint> CounterShard::History(const CounterId& counter, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  return history_.Points(counter, now);
}

std::vector<std::string> CounterShard::HistoriesAfter(const std::string& product,
                                                      const std::string& after,
                                                      size_t limit) const {
  absl::MutexLock lock(&mutex_);
  return history_.IdsAfter(product, after, limit);
}

void CounterShard::ForgetHistory(const CounterId& counter) {
  absl::MutexLock lock(&mutex_);
  history_.Forget(counter);
}

void CounterShard::ForgetHistories(const std::string& product) {
  absl::MutexLock lock(&mutex_);
  history_.ForgetProduct(product);
}

size_t CounterShard::size() const {
  absl::MutexLock lock(&mutex_);
  return table_.size();
}

void CounterShard::CheckInvariants() const {
  absl::MutexLock lock(&mutex_);
  table_.CheckInvariants();
  size_t present = 0;
  table_.ForEachPresent([&](const CounterId& counter, int64_t) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    ++present;
    CheckInvariant(present_.contains(counter), "who is present is listed");
  });
  CheckInvariant(present_.size() == present, "who is listed is present");
  for (const CounterId& counter : watched_) {
    CheckInvariant(table_.Loaded(counter) || unread_.contains(counter),
                   "what is watched is in memory, or to be read again");
  }
}

absl::Status CounterShard::Load(const CounterId& counter) {
  while (!table_.Loaded(counter)) {
    const uint64_t forgotten = forgotten_;
    mutex_.Unlock();
    const auto stored = ReadStoredCounter(store_, counter);
    mutex_.Lock();
    if (table_.Loaded(counter)) break;
    if (!stored.ok()) return stored.status();
    if (forgotten_ == forgotten) Insert(counter, *stored);
  }
  used_.Use(counter);
  return absl::OkStatus();
}

void CounterShard::Insert(const CounterId& counter, const absl::optional<StoredCounter>& stored) {
  table_.Load(counter, Hits(stored), stored ? stored->revision : 0);
  used_.Put(counter, {});
  for (int i = 0; i < kForgetTries && used_.size() > max_in_memory_; ++i) {
    const CounterId oldest = used_.Oldest().key;
    if (oldest == counter) break;
    if (watched_.contains(oldest) || !table_.Forget(oldest)) {
      used_.Use(oldest);
    } else {
      Forgotten(oldest);
    }
  }
}

void CounterShard::ForgetIfNothing(const CounterId& counter) {
  if (watched_.contains(counter) || !table_.Loaded(counter)) return;
  if (!table_.Read(counter).hits && table_.Forget(counter)) Forgotten(counter);
}

void CounterShard::Forgotten(const CounterId& counter) {
  used_.Erase(counter);
  ++forgotten_;
}

void CounterShard::Record(const absl::optional<Change>& change, absl::Time now) {
  if (!change) return;
  // One that has begun is of a product that was there: its end takes it away, ForgetHistories().
  if (history_.Has(change->counter) || has_product_(change->counter.product)) {
    history_.Set(*change, now);
  }
  Note(change);
}

void CounterShard::Note(const absl::optional<Change>& change) {
  if (!change) return;
  if (change->present > 0) {
    present_.insert(change->counter);
  } else {
    present_.erase(change->counter);
  }
  if (!watched_.contains(change->counter) || !table_.Loaded(change->counter)) return;
  unread_.erase(change->counter);
  outbox_.Put(*change);
}

}  // namespace livecounter::counter::embedded
