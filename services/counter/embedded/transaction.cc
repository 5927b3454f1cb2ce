#include "services/counter/embedded/transaction.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/counter/embedded/hit_records.h"

namespace livecounter::counter::embedded {

absl::Status Transaction::CheckProduct(absl::string_view product, uint64_t life) const {
  if (counters_.HasProduct(product, life)) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("no product ", product, "; nothing was counted or made"));
}

absl::StatusOr<absl::optional<int64_t>> Transaction::Total(const CounterId& counter) {
  if (const auto found = totals_.find(counter); found != totals_.end()) return found->second.hits;
  absl::StatusOr<embedded::Total> total = counters_.ReadTotal(counter);
  if (!total.ok()) return total.status();
  totals_.emplace(counter, PendingTotal{total->hits, total->next_revision, {}, false});
  return total->hits;
}

void Transaction::SetTotal(const CounterId& counter, absl::optional<int64_t> hits,
                           absl::Time accepted_at) {
  PendingTotal& total = totals_.at(counter);
  total.hits = hits;
  total.accepted_at = accepted_at;
  total.changed = true;
}

bool Transaction::Claim(const CounterId& counter, bool alone) {
  const auto [claim, fresh] = claims_.try_emplace(counter, alone);
  return fresh || (!alone && !claim->second);
}

absl::StatusOr<absl::optional<std::string>> Transaction::Get(Family family,
                                                             const std::string& key) {
  const Records& pending = records(family);
  if (const auto found = pending.find(key); found != pending.end()) return found->second;
  if (family != Family::kSenders) return store_.Get(family, key);
  if (const std::string* cached = senders_.Use(key)) return absl::optional<std::string>(*cached);
  return store_.Get(family, key);
}

void Transaction::Put(Family family, std::string key, std::string value) {
  records(family).insert_or_assign(std::move(key), std::move(value));
}

void Transaction::Delete(Family family, std::string key) {
  records(family).insert_or_assign(std::move(key), absl::nullopt);
}

void Transaction::RaiseEpoch(uint64_t epoch) {
  epoch_ = epoch;
  Put(Family::kMeta, EpochKey(), EncodeNumber(epoch));
}

std::vector<Mutation> Transaction::Mutations() const {
  std::vector<Mutation> mutations;
  for (const auto& [counter, total] : totals_) {
    if (!total.changed) continue;
    const absl::optional<StoredCounter> stored = Stored(total);
    mutations.push_back(
        {Family::kCounters, CounterKey(counter),
         stored ? absl::optional<std::string>(EncodeCounter(*stored)) : absl::nullopt});
  }
  for (size_t family = 0; family < kFamilies; ++family) {
    for (const auto& [key, value] : records_[family]) {
      mutations.push_back({static_cast<Family>(family), key, value});
    }
  }
  return mutations;
}

void Transaction::Publish() {
  for (auto& [key, value] : records(Family::kSenders)) {
    if (value) {
      senders_.Put(key, *value);
    } else {
      senders_.Erase(key);
    }
  }
  if (epoch_ != 0) counters_.RaiseEpoch(epoch_, now_);
  for (const auto& [counter, total] : totals_) {
    if (total.changed) counters_.Publish(counter, Stored(total), total.accepted_at);
  }
}

std::vector<CounterId> Transaction::ChangedCounters() const {
  std::vector<CounterId> counters;
  for (const auto& [counter, total] : totals_) {
    if (total.changed) counters.push_back(counter);
  }
  return counters;
}

absl::optional<StoredCounter> Transaction::Stored(const PendingTotal& total) {
  if (!total.hits) return absl::nullopt;
  return StoredCounter{*total.hits, total.revision};
}

}  // namespace livecounter::counter::embedded
