#include "services/counter/embedded/hit_records.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace livecounter::counter::embedded {
namespace {

absl::StatusOr<absl::optional<KeyRecord>> FindKeyRecord(Transaction& transaction,
                                                        const std::string& key_record) {
  const auto value = transaction.Get(Family::kKeys, key_record);
  if (!value.ok()) return value.status();
  if (!*value) return absl::optional<KeyRecord>();
  const absl::StatusOr<KeyRecord> record = DecodeKeyRecord(**value);
  if (!record.ok()) return record.status();
  return absl::optional<KeyRecord>(*record);
}

absl::Status AddLiveKeys(Transaction& transaction, absl::string_view product, int64_t more) {
  const absl::StatusOr<int64_t> live = LiveKeys(transaction, product);
  if (!live.ok()) return live.status();
  if (*live + more == 0) {
    transaction.Delete(Family::kMeta, LiveKeysKey(product));
  } else {
    transaction.Put(Family::kMeta, LiveKeysKey(product),
                    EncodeNumber(static_cast<uint64_t>(*live + more)));
  }
  return absl::OkStatus();
}

}  // namespace

std::string EpochKey() { return "epoch"; }

std::string ProbeKey() { return "probe"; }

std::string LiveKeysKey(absl::string_view product) { return absl::StrCat("live_keys/", product); }

absl::StatusOr<absl::optional<SenderRecord>> FindSender(Transaction& transaction,
                                                        const CounterId& counter,
                                                        const SenderId& sender) {
  const auto value = transaction.Get(Family::kSenders, SenderKey(counter, sender));
  if (!value.ok()) return value.status();
  if (!*value) return absl::optional<SenderRecord>();
  const absl::StatusOr<StoredSender> stored = DecodeSender(**value);
  if (!stored.ok()) return stored.status();
  if (Expired(*stored, transaction.now())) return absl::optional<SenderRecord>();
  return absl::optional<SenderRecord>(stored->record);
}

void PutSender(Transaction& transaction, const CounterId& counter, const SenderId& sender,
               const SenderRecord& record) {
  transaction.Put(Family::kSenders, SenderKey(counter, sender),
                  EncodeSender({record, transaction.now()}));
}

absl::StatusOr<absl::optional<KeyRecord>> FindKey(Transaction& transaction,
                                                  const CounterId& counter, absl::string_view key) {
  return FindKeyRecord(transaction, KeyRecordKey(counter, key));
}

absl::Status PutKey(Transaction& transaction, const CounterId& counter, absl::string_view key,
                    const KeyRecord& record) {
  const std::string key_record = KeyRecordKey(counter, key);
  const auto before = FindKeyRecord(transaction, key_record);
  if (!before.ok()) return before.status();
  if (*before) {
    transaction.Delete(Family::kKeyExpiry, ExpiryKey({(*before)->expires_at, key_record}));
  } else if (absl::Status added = AddLiveKeys(transaction, counter.product, 1); !added.ok()) {
    return added;
  }
  transaction.Put(Family::kKeyExpiry, ExpiryKey({record.expires_at, key_record}), "");
  transaction.Put(Family::kKeys, key_record, EncodeKeyRecord(record));
  return absl::OkStatus();
}

absl::StatusOr<int64_t> LiveKeys(Transaction& transaction, absl::string_view product) {
  const auto value = transaction.Get(Family::kMeta, LiveKeysKey(product));
  if (!value.ok()) return value.status();
  if (!*value) return 0;
  const absl::StatusOr<uint64_t> live = DecodeNumber(**value);
  if (!live.ok()) return live.status();
  return static_cast<int64_t>(*live);
}

absl::Status RemoveKey(Transaction& transaction, const std::string& key_record) {
  const auto record = FindKeyRecord(transaction, key_record);
  if (!record.ok()) return record.status();
  if (!*record) return absl::OkStatus();
  transaction.Delete(Family::kKeyExpiry, ExpiryKey({(*record)->expires_at, key_record}));
  transaction.Delete(Family::kKeys, key_record);
  return AddLiveKeys(transaction, ProductOfKey(key_record), -1);
}

absl::Status RemoveExpiredKey(Transaction& transaction, const std::string& entry_key,
                              const ExpiryEntry& entry) {
  const auto record = FindKeyRecord(transaction, entry.key_record);
  if (!record.ok()) return record.status();
  if (*record && (*record)->expires_at == entry.expires_at) {
    return RemoveKey(transaction, entry.key_record);
  }
  transaction.Delete(Family::kKeyExpiry, entry_key);
  return absl::OkStatus();
}

bool Expired(const StoredSender& sender, absl::Time now) {
  return sender.written_at + kRecordLifetime <= now;
}

}  // namespace livecounter::counter::embedded
