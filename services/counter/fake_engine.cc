#include "services/counter/fake_engine.h"

#include <iterator>

#include "absl/strings/match.h"
#include "core/usage_log.h"

namespace livecounter::counter {
namespace {

const absl::Time kNow = absl::UnixEpoch();

absl::Status NoSuchCounter() { return absl::NotFoundError("no such counter"); }

}  // namespace

void FakeEngine::Release() {
  hold = false;
  for (const auto& answer : std::exchange(held_, {})) answer();
}

void FakeEngine::ReleaseChanges() {
  hold_changes = false;
  sink_(std::exchange(held_changes_, {}));
}

CounterTable& FakeEngine::Loaded(const CounterId& counter) {
  if (!table_.Loaded(counter)) table_.Load(counter, absl::nullopt, 0);
  return table_;
}

void FakeEngine::Publish(const absl::optional<Change>& change) {
  if (!change || !watched.contains(change->counter)) return;
  if (hold_changes) {
    held_changes_.push_back(*change);
  } else {
    sink_({*change});
  }
}

void FakeEngine::Answer(std::function<void()> answer) {
  if (hold) {
    held_.push_back(std::move(answer));
  } else {
    answer();
  }
}

void FakeEngine::RaiseEpochAbove(uint64_t seen, Callback<uint64_t> done) {
  if (table_.epoch() <= seen) {
    for (const Change& change : table_.RaiseEpoch(seen + 1, kNow)) Publish(change);
  }
  Answer([this, done] { done(table_.epoch()); });
}

void FakeEngine::Hit(HitBatch batch, Callback<HitResult> done) {
  batches.push_back(batch);
  if (!refuse_writes.ok()) return Answer([this, done] { done(refuse_writes); });
  const auto key = std::make_pair(batch.sender, batch.counter);
  const auto known = senders_.find(key);
  const auto record = known == senders_.end() ? absl::nullopt : absl::make_optional(known->second);
  CounterTable& table = Loaded(batch.counter);
  const auto decision = DecideHits(record, table.Read(batch.counter).hits, batch);
  if (!decision.ok()) return Answer([done, why = decision.status()] { done(why); });
  if (decision->applied) {
    senders_[key] = {batch.number, decision->value_after};
    Publish(table.SetHits(batch.counter, decision->value_after, kNow));
  }
  const HitResult result{decision->value_after, table.Read(batch.counter).version};
  Answer([done, result] { done(result); });
}

void FakeEngine::HitOnce(KeyedHit hit, Callback<HitResult> done) {
  if (!refuse_writes.ok()) return Answer([this, done] { done(refuse_writes); });
  const auto key = std::make_pair(hit.counter, hit.key);
  const auto known = keys_.find(key);
  const auto record = known == keys_.end() ? absl::nullopt : absl::make_optional(known->second);
  CounterTable& table = Loaded(hit.counter);
  const auto decision = DecideKeyedHit(record, table.Read(hit.counter).hits, 0, hit, kNow);
  if (!decision.ok()) return Answer([done, why = decision.status()] { done(why); });
  if (decision->applied) {
    keys_[key] = {hit.count, decision->value_after, absl::InfiniteFuture()};
    Publish(table.SetHits(hit.counter, decision->value_after, kNow));
  }
  const HitResult result{decision->value_after, table.Read(hit.counter).version};
  Answer([done, result] { done(result); });
}

void FakeEngine::Create(NewCounter wanted, Callback<Change> done) {
  CounterTable& table = Loaded(wanted.counter);
  if (table.Read(wanted.counter).hits) {
    return Answer([done] { done(absl::AlreadyExistsError("it exists")); });
  }
  if (!wanted.validate_only) Publish(table.SetHits(wanted.counter, wanted.hits, kNow));
  Change change = table.Read(wanted.counter);
  change.hits = wanted.hits;
  Answer([done, change] { done(change); });
}

void FakeEngine::SetHits(CounterId counter, int64_t hits, Callback<Change> done) {
  CounterTable& table = Loaded(counter);
  if (!table.Read(counter).hits) return Answer([done] { done(NoSuchCounter()); });
  Publish(table.SetHits(counter, hits, kNow));
  Answer([done, change = table.Read(counter)] { done(change); });
}

void FakeEngine::Delete(CounterId counter, StatusCallback done) {
  CounterTable& table = Loaded(counter);
  if (!table.Read(counter).hits) return Answer([done] { done(NoSuchCounter()); });
  Publish(table.SetHits(counter, absl::nullopt, kNow));
  Answer([done] { done(absl::OkStatus()); });
}

void FakeEngine::Read(CounterId counter, Callback<Change> done) {
  Answer([done, change = Value(counter)] { done(change); });
}

void FakeEngine::List(std::string /*product*/, int /*page_size*/, std::string /*page_token*/,
                      Callback<CounterPage> done) {
  Answer([done] { done(absl::UnimplementedError("no unit test lists")); });
}

void FakeEngine::ReadHistory(CounterId counter, HistoryResolution /*resolution*/, absl::Time from,
                             absl::Time to, Callback<std::vector<HistoryValue>> done) {
  std::vector<HistoryValue> found;
  for (const HistoryValue& value : history[counter]) {
    if (value.time >= from && value.time < to) found.push_back(value);
  }
  Answer([done, found = std::move(found)] { done(found); });
}

void FakeEngine::DeleteProduct(std::string product, StatusCallback done) {
  if (refuse_writes.ok()) deleted_products.push_back(product);
  Answer([done, status = refuse_writes] { done(status); });
}

void FakeEngine::AddUsage(HolderId holder, UsageBatch batch, StatusCallback done) {
  if (!refuse_writes.ok()) return Answer([done, why = refuse_writes] { done(why); });
  const auto known = usage_numbers_.find(holder);
  const auto last =
      known == usage_numbers_.end() ? absl::nullopt : absl::make_optional(known->second);
  const absl::StatusOr<bool> counts = UsageCounts(last, batch);
  if (counts.ok() && *counts) {
    usage_numbers_[holder] = batch.number;
    for (const UsageEntry& entry : batch.entries) {
      int64_t& total = usage[{entry.product, entry.hour}];
      total = AddConnections(total, entry.connections);
    }
  }
  Answer([done, status = counts.status()] { done(status); });
}

void FakeEngine::ReadUsage(UsageQuery query, Callback<std::vector<UsageEntry>> done) {
  std::vector<UsageEntry> found;
  const std::pair<std::string, int64_t> after{query.after_product, query.after_hour};
  for (const auto& [key, connections] : usage) {
    const auto& [product, hour] = key;
    const bool named = product == query.name || query.name == "accounts/-" ||
                       absl::StartsWith(product, query.name + "/products/");
    const bool is_due = key > after && hour >= query.from && hour < query.to;
    if (named && is_due && found.size() < query.limit) {
      found.push_back({product, hour, connections});
    }
  }
  Answer([done, found = std::move(found)] { done(found); });
}

void FakeEngine::UpdatePresence(std::vector<PresenceDelta> deltas) {
  for (const auto& [counter, joined, left] : deltas) {
    for (PresenceHash hash : joined) Publish(Loaded(counter).Join(counter, hash, kNow));
    for (PresenceHash hash : left) Publish(Loaded(counter).Leave(counter, hash, kNow));
  }
}

void FakeEngine::RaiseFloor(CounterId counter, int64_t floor) {
  Publish(Loaded(counter).RaiseFloor(counter, floor, kNow));
}

void FakeEngine::EndRecovery() {
  ++recoveries_ended;
  for (const Change& change : table_.DropFloors(kNow)) Publish(change);
}

void FakeEngine::Watch(CounterId counter) {
  ++watch_calls;
  watched.insert(counter);
  Answer([this, counter] { Publish(Value(counter)); });
}

void FakeEngine::RecordSession(HolderId holder, StatusCallback done) {
  if (refuse_writes.ok()) recorded.insert(holder);
  Answer([done, status = refuse_writes] { done(status); });
}

void FakeEngine::Probe(StatusCallback done) {
  Answer([this, done] { done(probe); });
}

void FakeEngine::Backup(std::string directory, StatusCallback done) {
  Answer([this, directory = std::move(directory), done] { done(backup(directory)); });
}

}  // namespace livecounter::counter
