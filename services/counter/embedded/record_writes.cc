#include "services/counter/embedded/record_writes.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "services/counter/record_rules.h"

namespace livecounter::counter::embedded {
namespace {

std::string LastVersionKey() { return "record_version"; }

absl::StatusOr<absl::optional<StoredRecord>> Decoded(
    const absl::StatusOr<absl::optional<std::string>>& value) {
  if (!value.ok()) return value.status();
  if (!*value) return absl::optional<StoredRecord>();
  absl::StatusOr<StoredRecord> record = DecodeRecord(**value);
  if (!record.ok()) return record.status();
  return absl::optional<StoredRecord>(*std::move(record));
}

absl::StatusOr<absl::optional<StoredRecord>> Find(Transaction& transaction,
                                                  const std::string& key) {
  return Decoded(transaction.Get(Family::kRecords, key));
}

bool IsLive(const absl::optional<StoredRecord>& record, absl::Time now) {
  return record && record->expire_at > now;
}

// Higher than any before: the last one is stored, and the time makes up for a copy that does not know
// the last ones.
absl::StatusOr<uint64_t> NextVersion(Transaction& transaction) {
  const auto stored = transaction.Get(Family::kMeta, LastVersionKey());
  if (!stored.ok()) return stored.status();
  uint64_t last = 0;
  if (*stored) {
    const absl::StatusOr<uint64_t> number = DecodeNumber(**stored);
    if (!number.ok()) return number.status();
    last = *number;
  }
  const int64_t now = std::max<int64_t>(0, absl::ToUnixMicros(transaction.now()));
  const uint64_t version = std::max(last + 1, static_cast<uint64_t>(now));
  transaction.Put(Family::kMeta, LastVersionKey(), EncodeNumber(version));
  return version;
}

void Apply(const RecordWrite& write, const absl::optional<StoredRecord>& before, uint64_t version,
           Transaction& transaction) {
  if (before && before->expire_at != absl::InfiniteFuture()) {
    transaction.Delete(Family::kRecordExpiry, ExpiryKey({before->expire_at, write.key}));
  }
  RecordChange change{.key = write.key, .version = version};
  if (LeavesARecord(write, transaction.now())) {
    change.value = write.value;
    transaction.Put(Family::kRecords, write.key,
                    EncodeRecord({*write.value, version, write.expire_at}));
    if (write.expire_at != absl::InfiniteFuture()) {
      transaction.Put(Family::kRecordExpiry, ExpiryKey({write.expire_at, write.key}), "");
    }
  } else {
    transaction.Delete(Family::kRecords, write.key);
  }
  transaction.NoteRecordChange(std::move(change));
}

}  // namespace

bool RecordsWrite::Decide(Transaction& transaction) {
  version_ = DecideWrites(transaction);
  return true;
}

absl::StatusOr<uint64_t> RecordsWrite::DecideWrites(Transaction& transaction) const {
  std::vector<absl::optional<StoredRecord>> before;
  for (const RecordWrite& write : writes_) {
    auto record = Find(transaction, write.key);
    if (!record.ok()) return record.status();
    const uint64_t version = IsLive(*record, transaction.now()) ? (*record)->version : 0;
    if (absl::Status met = CheckExpectedVersion(write, version); !met.ok()) return met;
    before.push_back(*std::move(record));
  }
  const absl::StatusOr<uint64_t> version = NextVersion(transaction);
  if (!version.ok()) return version;
  transaction.RequireSync();
  for (size_t i = 0; i < writes_.size(); ++i) Apply(writes_[i], before[i], *version, transaction);
  return version;
}

absl::StatusOr<absl::optional<counter::Record>> FindRecord(const Store& store,
                                                           const std::string& key, absl::Time now) {
  absl::StatusOr<absl::optional<StoredRecord>> record = Decoded(store.Get(Family::kRecords, key));
  if (!record.ok()) return record.status();
  if (!IsLive(*record, now)) return absl::optional<counter::Record>();
  return absl::make_optional<counter::Record>(
      {key, std::move((*record)->value), (*record)->version});
}

absl::StatusOr<std::vector<counter::Record>> ListRecords(const Store& store,
                                                         const std::string& prefix,
                                                         const std::string& after, size_t limit,
                                                         absl::Time now) {
  std::vector<counter::Record> records;
  std::string from = after.empty() ? "" : absl::StrCat(after, absl::string_view("\0", 1));
  while (records.size() < limit) {
    const size_t wanted = limit - records.size();
    auto entries = store.Scan(Family::kRecords, prefix, from, wanted);
    if (!entries.ok()) return entries.status();
    for (StoreEntry& entry : *entries) {
      absl::StatusOr<StoredRecord> record = DecodeRecord(entry.value);
      if (!record.ok()) return record.status();
      from = absl::StrCat(entry.key, absl::string_view("\0", 1));
      if (record->expire_at <= now) continue;
      records.push_back({std::move(entry.key), std::move(record->value), record->version});
    }
    if (entries->size() < wanted) break;
  }
  return records;
}

absl::Status RemoveExpiredRecord(Transaction& transaction, const std::string& entry_key,
                                 const ExpiryEntry& entry) {
  const auto record = Find(transaction, entry.key_record);
  if (!record.ok()) return record.status();
  transaction.Delete(Family::kRecordExpiry, entry_key);
  if (*record && (*record)->expire_at == entry.expires_at) {
    transaction.Delete(Family::kRecords, entry.key_record);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RecordChange>> ChangesThatStand(const Store& store,
                                                           std::vector<RecordChange> changes) {
  std::vector<RecordChange> stand;
  for (RecordChange& change : changes) {
    const auto record = Decoded(store.Get(Family::kRecords, change.key));
    if (!record.ok()) return record.status();
    const bool stands = change.value ? *record && (*record)->version == change.version : !*record;
    if (stands) stand.push_back(std::move(change));
  }
  return stand;
}

}  // namespace livecounter::counter::embedded
