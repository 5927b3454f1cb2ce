#include "services/counter/embedded/expiry_sweeper.h"

#include <utility>
#include <vector>

#include "services/counter/embedded/hit_records.h"

namespace livecounter::counter::embedded {

absl::StatusOr<bool> ExpirySweeper::Sweep(absl::Time now) {
  const std::string key_before = next_key_;
  const std::string sender_before = next_sender_;
  Transaction transaction(store_, counters_, senders_, now);
  absl::StatusOr<bool> more = SweepKeys(transaction);
  absl::Status status = more.ok() ? SweepSenders(transaction) : more.status();
  if (status.ok()) {
    const std::vector<Mutation> mutations = transaction.Mutations();
    if (!mutations.empty()) status = store_.Commit(mutations, /*sync=*/false);
  }
  if (!status.ok()) {
    next_key_ = key_before;
    next_sender_ = sender_before;
    return status;
  }
  transaction.Publish();
  return more;
}

absl::StatusOr<bool> ExpirySweeper::SweepKeys(Transaction& transaction) {
  const auto oldest = store_.Scan(Family::kKeyExpiry, "", next_key_, slice_);
  if (!oldest.ok()) return oldest.status();
  for (const Record& record : *oldest) {
    const absl::StatusOr<ExpiryEntry> entry = DecodeExpiryKey(record.key);
    if (!entry.ok()) return entry.status();
    if (entry->expires_at > transaction.now()) return false;
    if (absl::Status removed = RemoveExpiredKey(transaction, record.key, *entry); !removed.ok()) {
      return removed;
    }
    next_key_ = record.key;
  }
  return oldest->size() == slice_;
}

absl::Status ExpirySweeper::SweepSenders(Transaction& transaction) {
  absl::StatusOr<std::vector<Record>> records =
      store_.Scan(Family::kSenders, "", next_sender_, slice_ + 1);
  if (!records.ok()) return records.status();
  next_sender_.clear();
  if (records->size() > slice_) {
    next_sender_ = std::move(records->back().key);
    records->pop_back();
  }
  for (Record& record : *records) {
    const absl::StatusOr<StoredSender> sender = DecodeSender(record.value);
    if (!sender.ok()) return sender.status();
    if (Expired(*sender, transaction.now())) {
      transaction.Delete(Family::kSenders, std::move(record.key));
    }
  }
  return absl::OkStatus();
}

}  // namespace livecounter::counter::embedded
