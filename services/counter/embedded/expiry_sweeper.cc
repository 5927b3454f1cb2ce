#include "services/counter/embedded/expiry_sweeper.h"

#include <utility>
#include <vector>

#include "services/counter/embedded/history_store.h"
#include "services/counter/embedded/hit_records.h"
#include "services/counter/embedded/record_writes.h"

namespace livecounter::counter::embedded {

absl::StatusOr<bool> ExpirySweeper::Sweep(absl::Time now) {
  const Begins before = next_;
  Transaction transaction(store_, counters_, senders_, now);
  absl::StatusOr<bool> more = SweepAll(transaction);
  absl::Status status = more.status();
  if (status.ok()) {
    const std::vector<Mutation> mutations = transaction.Mutations();
    if (!mutations.empty()) status = store_.Commit(mutations, /*sync=*/false);
  }
  if (!status.ok()) {
    next_ = before;
    return status;
  }
  transaction.Publish();
  return more;
}

absl::StatusOr<bool> ExpirySweeper::SweepAll(Transaction& transaction) {
  const auto keys = SweepOldest(transaction, Family::kKeyExpiry, RemoveExpiredKey, &next_.key);
  if (!keys.ok()) return keys.status();
  const auto records =
      SweepOldest(transaction, Family::kRecordExpiry, RemoveExpiredRecord, &next_.record);
  if (!records.ok()) return records.status();
  absl::Status senders = SweepSenders(transaction, Family::kSenders, &next_.sender);
  if (!senders.ok()) return senders;
  senders = SweepSenders(transaction, Family::kUsageHolders, &next_.usage_holder);
  if (!senders.ok()) return senders;
  if (absl::Status histories = SweepHistories(transaction); !histories.ok()) return histories;
  const auto history = ThinHistory(slice_, transaction);
  if (!history.ok()) return history.status();
  return *keys || *records || *history;
}

absl::StatusOr<bool> ExpirySweeper::SweepOldest(Transaction& transaction, Family family,
                                                Remove remove, std::string* begin) {
  const auto oldest = store_.Scan(family, "", *begin, slice_);
  if (!oldest.ok()) return oldest.status();
  for (const StoreEntry& record : *oldest) {
    const absl::StatusOr<ExpiryEntry> entry = DecodeExpiryKey(record.key);
    if (!entry.ok()) return entry.status();
    if (entry->expires_at > transaction.now()) return false;
    if (absl::Status removed = remove(transaction, record.key, *entry); !removed.ok()) {
      return removed;
    }
    *begin = record.key;
  }
  return oldest->size() == slice_;
}

absl::Status ExpirySweeper::SweepSenders(Transaction& transaction, Family family,
                                         std::string* begin) {
  absl::StatusOr<std::vector<StoreEntry>> records = store_.Scan(family, "", *begin, slice_ + 1);
  if (!records.ok()) return records.status();
  begin->clear();
  if (records->size() > slice_) {
    *begin = std::move(records->back().key);
    records->pop_back();
  }
  for (StoreEntry& record : *records) {
    const absl::StatusOr<StoredSender> sender = DecodeSender(record.value);
    if (!sender.ok()) return sender.status();
    if (Expired(*sender, transaction.now())) {
      transaction.Delete(family, std::move(record.key));
    }
  }
  return absl::OkStatus();
}

absl::Status ExpirySweeper::SweepHistories(Transaction& transaction) {
  auto entries = store_.Scan(Family::kHistories, "", next_.history, slice_ + 1);
  if (!entries.ok()) return entries.status();
  next_.history.clear();
  if (entries->size() > slice_) {
    next_.history = std::move(entries->back().key);
    entries->pop_back();
  }
  for (StoreEntry& entry : *entries) {
    const absl::StatusOr<uint64_t> hour = DecodeNumber(entry.value);
    if (!hour.ok()) return hour.status();
    const absl::Time end =
        absl::FromUnixSeconds(static_cast<int64_t>(*hour)) + absl::Hours(1) + kHoursKept;
    if (end <= transaction.now()) transaction.Delete(Family::kHistories, std::move(entry.key));
  }
  return absl::OkStatus();
}

}  // namespace livecounter::counter::embedded
