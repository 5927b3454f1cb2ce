#include "services/counter/embedded/counters.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace livecounter::counter::embedded {

Counters::Counters(const Store& store, uint64_t epoch, size_t shards, size_t max_in_memory)
    : epoch_(epoch) {
  for (size_t i = 0; i < shards; ++i) {
    shards_.push_back(std::make_unique<CounterShard>(
        store, outbox_, [this](absl::string_view product) { return HasProduct(product); }, epoch,
        std::max<size_t>(1, max_in_memory / shards)));
  }
}

void Counters::RaiseEpoch(uint64_t epoch, absl::Time now) {
  if (epoch <= this->epoch()) return;
  for (const auto& shard : shards_) shard->RaiseEpoch(epoch, now);
  epoch_.store(epoch, std::memory_order_release);
}

void Counters::UpdatePresence(const std::vector<PresenceDelta>& deltas, absl::Time now) {
  for (const PresenceDelta& delta : deltas) Shard(delta.counter).UpdatePresence(delta, now);
  outbox_.Flush();
}

void Counters::RaiseFloor(const CounterId& counter, int64_t floor, absl::Time now) {
  Shard(counter).RaiseFloor(counter, floor, now);
  outbox_.Flush();
}

void Counters::EndRecovery(absl::Time now) {
  for (const auto& shard : shards_) shard->EndRecovery(now);
  outbox_.Flush();
}

void Counters::Watch(const CounterId& counter) {
  Shard(counter).Watch(counter);
  outbox_.Flush();
}

void Counters::RetryWatches() {
  for (const auto& shard : shards_) shard->RetryWatches();
  outbox_.Flush();
}

std::vector<std::string> Counters::PresentAfter(const std::string& product,
                                                const std::string& after, size_t limit) const {
  return Merged(
      limit, [&](const CounterShard& shard) { return shard.PresentAfter(product, after, limit); });
}

std::vector<std::string> Counters::HistoriesAfter(const std::string& product,
                                                  const std::string& after, size_t limit) const {
  return Merged(limit, [&](const CounterShard& shard) {
    return shard.HistoriesAfter(product, after, limit);
  });
}

std::vector<std::string> Counters::Merged(
    size_t limit,
    absl::FunctionRef<std::vector<std::string>(const CounterShard& shard)> after_in) const {
  std::vector<std::string> ids;
  for (const auto& shard : shards_) {
    for (std::string& id : after_in(*shard)) ids.push_back(std::move(id));
  }
  std::sort(ids.begin(), ids.end());
  if (ids.size() > limit) ids.resize(limit);
  return ids;
}

void Counters::WriteHistory(absl::Time now, bool open,
                            absl::FunctionRef<bool(const std::vector<CounterPoint>&)> write) {
  for (const auto& shard : shards_) {
    const std::vector<CounterPoint> points =
        open ? shard->AllHistory(now) : shard->FinishedHistory(now);
    if (!points.empty() && write(points)) shard->HistoryWritten(points);
  }
}

void Counters::ForgetHistories(const std::string& product) {
  for (const auto& shard : shards_) shard->ForgetHistories(product);
}

size_t Counters::size() const {
  size_t size = 0;
  for (const auto& shard : shards_) size += shard->size();
  return size;
}

void Counters::CheckInvariants() const {
  for (const auto& shard : shards_) shard->CheckInvariants();
}

CounterShard& Counters::Shard(const CounterId& counter) const {
  // The low bits are those by which the hash maps in a shard tell its counters apart.
  return *shards_[(absl::Hash<CounterId>()(counter) >> 32) % shards_.size()];
}

}  // namespace livecounter::counter::embedded
