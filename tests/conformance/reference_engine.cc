#include "tests/conformance/reference_engine.h"

#include "core/change.h"

namespace livecounter::counter {
namespace {

const absl::Time kAnyTime = absl::UnixEpoch();

}  // namespace

absl::StatusOr<int64_t> ReferenceEngine::Hit(const HitBatch& batch, absl::Time now) {
  absl::optional<SenderRecord> record;
  const auto found = durable_.senders.find({batch.counter, batch.sender});
  if (found != durable_.senders.end() && found->second.second + kRecordLifetime > now) {
    record = found->second.first;
  }
  const auto decision = DecideHits(record, Total(batch.counter), batch);
  if (!decision.ok()) return decision.status();
  if (decision->applied) {
    SetTotal(batch.counter, decision->value_after);
    durable_.senders[{batch.counter, batch.sender}] = {
        SenderRecord{batch.number, decision->value_after}, now};
  }
  return decision->value_after;
}

absl::StatusOr<int64_t> ReferenceEngine::HitOnce(const KeyedHit& hit, absl::Time now) {
  absl::optional<KeyRecord> record;
  const auto found = durable_.keys.find({hit.counter, hit.key});
  if (found != durable_.keys.end()) record = found->second;
  const int64_t taken =
      LiveKeys(hit.counter.product, now) + kMaxLiveKeysPerProduct - max_live_keys_;
  const auto decision = DecideKeyedHit(record, Total(hit.counter), taken, hit, now);
  if (!decision.ok()) return decision.status();
  if (decision->applied) {
    SetTotal(hit.counter, decision->value_after);
    durable_.keys[{hit.counter, hit.key}] = {hit.count, decision->value_after,
                                             now + kRecordLifetime};
  }
  return decision->value_after;
}

absl::Status ReferenceEngine::Create(const CounterId& counter, int64_t hits) {
  if (hits < 0) return absl::InvalidArgumentError("");
  if (Total(counter)) return absl::AlreadyExistsError("");
  SetTotal(counter, hits);
  return absl::OkStatus();
}

absl::Status ReferenceEngine::SetHits(const CounterId& counter, int64_t hits) {
  if (hits < 0) return absl::InvalidArgumentError("");
  if (!Total(counter)) return absl::NotFoundError("");
  SetTotal(counter, hits);
  return absl::OkStatus();
}

absl::Status ReferenceEngine::Delete(const CounterId& counter) {
  if (!Total(counter)) return absl::NotFoundError("");
  SetTotal(counter, absl::nullopt);
  return absl::OkStatus();
}

Numbers ReferenceEngine::Read(const CounterId& counter) {
  Load(counter);
  const Change change = visible_.Read(counter);
  return {change.hits, change.present};
}

std::vector<std::string> ReferenceEngine::List(const std::string& product) {
  std::set<std::string> ids;
  for (const auto& [counter, hits] : durable_.hits) {
    if (counter.product == product) ids.insert(counter.id);
  }
  visible_.ForEachPresent([&](const CounterId& counter, int64_t) {
    if (counter.product == product) ids.insert(counter.id);
  });
  return {ids.begin(), ids.end()};
}

void ReferenceEngine::UpdatePresence(const PresenceDelta& delta) {
  for (const PresenceHash& hash : delta.joined) visible_.Join(delta.counter, hash, kAnyTime);
  for (const PresenceHash& hash : delta.left) visible_.Leave(delta.counter, hash, kAnyTime);
}

void ReferenceEngine::RaiseFloor(const CounterId& counter, int64_t floor) {
  if (recovering_) visible_.RaiseFloor(counter, floor, kAnyTime);
}

void ReferenceEngine::EndRecovery() {
  recovering_ = false;
  visible_.DropFloors(kAnyTime);
}

void ReferenceEngine::Restart(Durable durable) {
  durable_ = std::move(durable);
  visible_ = CounterTable(1);
  recovering_ = true;
}

absl::optional<int64_t> ReferenceEngine::Total(const CounterId& counter) const {
  const auto found = durable_.hits.find(counter);
  return found == durable_.hits.end() ? absl::nullopt : absl::optional<int64_t>(found->second);
}

void ReferenceEngine::SetTotal(const CounterId& counter, absl::optional<int64_t> hits) {
  Load(counter);
  if (hits) {
    durable_.hits[counter] = *hits;
  } else {
    durable_.hits.erase(counter);
  }
  visible_.SetHits(counter, hits, kAnyTime);
}

void ReferenceEngine::Load(const CounterId& counter) {
  if (!visible_.Loaded(counter)) visible_.Load(counter, Total(counter), 0);
}

int64_t ReferenceEngine::LiveKeys(const std::string& product, absl::Time now) const {
  int64_t live = 0;
  for (const auto& [of, record] : durable_.keys) {
    if (of.first.product == product && record.expires_at > now) ++live;
  }
  return live;
}

}  // namespace livecounter::counter
