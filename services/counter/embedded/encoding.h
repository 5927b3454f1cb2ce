// How the store's records look as bytes. Keys are length-safe: no two different things share one,
// whatever bytes their ids hold (product names hold no NUL). Values begin with a format version, so
// that a later release can read what this one wrote. Numbers are big-endian.
//
// Pure functions, any thread. Decoding anything that was not written here is DATA_LOSS.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ENCODING_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ENCODING_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/history.h"
#include "core/hits.h"
#include "core/ids.h"

namespace livecounter::counter::embedded {

// The durable part of a counter.
struct StoredCounter {
  int64_t hits = 0;
  uint64_t revision = 0;

  friend bool operator==(const StoredCounter&, const StoredCounter&) = default;
};

// The newest batch of one sender on one counter, and when it was counted.
struct StoredSender {
  SenderRecord record;
  absl::Time written_at;

  friend bool operator==(const StoredSender&, const StoredSender&) = default;
};

// A record of record_store.h.
struct StoredRecord {
  std::string value;
  uint64_t version = 0;
  absl::Time expire_at = absl::InfiniteFuture();

  friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
};

// Under which what expires can be found in the order of expiry.
struct ExpiryEntry {
  absl::Time expires_at;
  std::string key_record;  // KeyRecordKey(), or the key of a record of record_store.h

  friend bool operator==(const ExpiryEntry&, const ExpiryEntry&) = default;
};

// --- Keys. ---

// Sorts by product, then by the bytes of the id.
std::string CounterKey(const CounterId& counter);
// What every CounterKey() of `product`, and of no other, begins with.
std::string ProductPrefix(absl::string_view product);
absl::StatusOr<CounterId> DecodeCounterKey(absl::string_view key);

// Sorts by product, then by time. `hour` ≥ 0.
std::string UsageKey(absl::string_view product, int64_t hour);
struct UsageName {
  std::string product;
  int64_t hour = 0;
};
absl::StatusOr<UsageName> DecodeUsageKey(absl::string_view key);

// Sorts by period (the hour of a minute, the day of an hour), then as CounterKey()s do, then by time: so
// that what is oldest stands first, and what a counter has in a period stands together.
std::string HistoryKey(absl::Time period, const CounterId& counter, absl::Time begin);
// What every HistoryKey() of that counter in that period, and no other, begins with.
std::string HistoryPrefix(absl::Time period, const CounterId& counter);
// Likewise, of the product.
std::string HistoryPrefix(absl::Time period, absl::string_view product);
struct HistoryName {
  absl::Time period;
  CounterId counter;
  absl::Time begin;
};
absl::StatusOr<HistoryName> DecodeHistoryKey(absl::string_view key);

std::string SenderKey(const CounterId& counter, const SenderId& sender);
std::string KeyRecordKey(const CounterId& counter, absl::string_view key);
// The product of a CounterKey(), SenderKey() or KeyRecordKey(). Views into `key`.
absl::string_view ProductOfKey(absl::string_view key);

// Sorts by time. Times are kept to the nanosecond.
std::string ExpiryKey(const ExpiryEntry& entry);
absl::StatusOr<ExpiryEntry> DecodeExpiryKey(absl::string_view key);

// --- Values. ---

std::string EncodeCounter(const StoredCounter& counter);
absl::StatusOr<StoredCounter> DecodeCounter(absl::string_view value);

std::string EncodeSender(const StoredSender& sender);
absl::StatusOr<StoredSender> DecodeSender(absl::string_view value);

std::string EncodeKeyRecord(const KeyRecord& record);
absl::StatusOr<KeyRecord> DecodeKeyRecord(absl::string_view value);

// Without the begin, which is in the key.
std::string EncodePoint(const HistoryPoint& point);
absl::StatusOr<HistoryPoint> DecodePoint(absl::Time begin, absl::string_view value);

std::string EncodeRecord(const StoredRecord& record);
absl::StatusOr<StoredRecord> DecodeRecord(absl::string_view value);

// One number: an epoch, a count of live keys.
std::string EncodeNumber(uint64_t number);
absl::StatusOr<uint64_t> DecodeNumber(absl::string_view value);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_ENCODING_H_
