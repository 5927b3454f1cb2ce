#include "services/counter/embedded/committer.h"

#include <algorithm>
#include <utility>

#include "services/counter/embedded/history_store.h"
#include "services/counter/embedded/record_writes.h"

namespace livecounter::counter::embedded {
namespace {

// One decision of a group that asked for a sweep may ask again after this.
constexpr absl::Duration kSweepPause = absl::Seconds(1);
// A group holds at most this many writes, so that its first does not wait long for its last.
constexpr size_t kMaxGroup = 8192;

}  // namespace

Committer::Committer(Store& store, Counters& counters, RecordSink& records, runtime::Clock& clock,
                     CommitterOptions options)
    : store_(store),
      counters_(counters),
      records_(records),
      clock_(clock),
      options_(std::move(options)),
      sweeper_(store, counters, senders_, options_.sweep_slice),
      thread_(clock, [this](absl::Time now) { return Turn(now); }) {}

Committer::~Committer() { Stop(); }

void Committer::Add(std::unique_ptr<Write> write) {
  thread_.Post(
      [this, write = std::move(write)]() mutable { waiting_.push_back(std::move(write)); });
}

void Committer::Stop() {
  thread_.Stop();
  if (std::exchange(stopped_, true)) return;
  if (Ready().ok()) WriteHistory(clock_.Now(), /*open=*/true);
}

absl::Time Committer::Turn(absl::Time now) {
  for (size_t done = 0; done < waiting_.size();) {
    done += CommitSome(Group(waiting_).subspan(done));
  }
  waiting_.clear();
  if (now >= next_history_) {
    WriteHistory(now, /*open=*/false);
    next_history_ = MinuteOf(now) + absl::Minutes(1);
  }
  if (more_to_sweep_ || now >= last_sweep_ + options_.sweep_interval) {
    counters_.RetryWatches();
    Sweep(now);
  }
  return more_to_sweep_ ? now : std::min(next_history_, last_sweep_ + options_.sweep_interval);
}

size_t Committer::CommitSome(Group waiting) {
  if (const absl::Status ready = Ready(); !ready.ok()) {
    for (const auto& write : waiting) write->Fail(ready);
    return waiting.size();
  }
  const absl::Time now = clock_.Now();
  Transaction transaction(store_, counters_, senders_, now);
  if (now >= last_sweep_ + kSweepPause) transaction.OfferSweep();
  size_t decided = 0;
  while (decided < waiting.size() && decided < kMaxGroup && waiting[decided]->Decide(transaction)) {
    ++decided;
  }
  const Group group = waiting.subspan(0, decided);
  const absl::Status status = CommitTransaction(transaction, decided);
  if (status.ok()) {
    for (const auto& write : group) write->Succeed(counters_);
  } else {
    for (const auto& write : group) write->Fail(status);
  }
  if (transaction.sweep_asked()) Sweep(now);
  return decided;
}

absl::Status Committer::CommitTransaction(Transaction& transaction, size_t writes) {
  const std::vector<Mutation> mutations = transaction.Mutations();
  if (mutations.empty()) return absl::OkStatus();
  absl::Status status = store_.Commit(mutations, options_.sync && transaction.needs_sync());
  if (status.ok()) {
    transaction.Publish();
    counters_.FlushChanges();
    records_.Tell(transaction.TakeRecordChanges());
  } else {
    for (CounterId& counter : transaction.ChangedCounters()) {
      in_doubt_.push_back(std::move(counter));
    }
    record_changes_in_doubt_ = transaction.TakeRecordChanges();
    if (options_.logger != nullptr) {
      options_.logger->Error("commit_failed", {{"writes", writes}, {"error", status}});
    }
  }
  if (options_.on_commit) {
    options_.on_commit({.status = status,
                        .took = clock_.Now() - transaction.now(),
                        .writes = static_cast<int64_t>(writes),
                        .hits = status.ok() ? transaction.hits() : 0});
  }
  return status;
}

void Committer::Sweep(absl::Time now) {
  last_sweep_ = now;
  more_to_sweep_ = false;
  if (!Ready().ok()) return;
  const absl::StatusOr<bool> more = sweeper_.Sweep(now);
  if (more.ok()) {
    more_to_sweep_ = *more;
  } else if (options_.logger != nullptr) {
    options_.logger->Error("sweep_failed", {{"error", more.status()}});
  }
}

void Committer::WriteHistory(absl::Time now, bool open) {
  if (!Ready().ok()) return;  // it waits for the disk
  counters_.WriteHistory(now, open, [&](const std::vector<CounterPoint>& points) {
    const absl::Status status = CommitHistory(points, now);
    if (options_.on_history && !points.empty()) options_.on_history(points.size(), status.ok());
    if (!status.ok() && options_.logger != nullptr) {
      options_.logger->Error("history_not_written", {{"error", status}});
    }
    return status.ok();
  });
}

absl::Status Committer::CommitHistory(const std::vector<CounterPoint>& points, absl::Time now) {
  Transaction transaction(store_, counters_, senders_, now);
  for (const CounterPoint& point : points) {
    if (absl::Status put = PutMinute(point, transaction); !put.ok()) return put;
  }
  return store_.Commit(transaction.Mutations(), /*sync=*/false);
}

absl::Status Committer::Ready() {
  if (!store_.needs_repair() && in_doubt_.empty() && record_changes_in_doubt_.empty()) {
    return absl::OkStatus();
  }
  const absl::Time now = clock_.Now();
  const absl::Duration since = now - last_repair_;  // negative: the clock was set back
  if (since >= absl::ZeroDuration() && since < options_.repair_interval) return not_ready_;
  last_repair_ = now;
  not_ready_ = store_.Repair();
  if (not_ready_.ok()) not_ready_ = Reconcile();
  if (not_ready_.ok() && options_.logger != nullptr) {
    options_.logger->Info("store_repaired", {{"directory", store_.directory()}});
  }
  return not_ready_;
}

absl::Status Committer::Reconcile() {
  senders_.Clear();
  for (const CounterId& counter : in_doubt_) {
    const auto stored = ReadStoredCounter(store_, counter);
    if (!stored.ok()) return stored.status();
    counters_.Publish(counter, *stored, clock_.Now());
  }
  auto changes = ChangesThatStand(store_, record_changes_in_doubt_);
  if (!changes.ok()) return changes.status();
  in_doubt_.clear();
  record_changes_in_doubt_.clear();
  counters_.FlushChanges();
  records_.Tell(*changes);
  counters_.RetryWatches();
  return absl::OkStatus();
}

}  // namespace livecounter::counter::embedded
