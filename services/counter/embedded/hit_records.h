// What the store remembers of hits beside the totals (design §2): the newest batch of each sender and
// counter, the keys of hits that named themselves, and how many of those a product has alive.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HIT_RECORDS_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HIT_RECORDS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/hits.h"
#include "core/ids.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/transaction.h"

namespace livecounter::counter::embedded {

// Keys of Family::kMeta.
std::string EpochKey();
std::string ProbeKey();
std::string LiveKeysKey(absl::string_view product);

// The sender's record; one older than kRecordLifetime is none, whether swept or not.
absl::StatusOr<absl::optional<SenderRecord>> FindSender(Transaction& transaction,
                                                        const CounterId& counter,
                                                        const SenderId& sender);
void PutSender(Transaction& transaction, const CounterId& counter, const SenderId& sender,
               const SenderRecord& record);

// The key's record, expired or not.
absl::StatusOr<absl::optional<KeyRecord>> FindKey(Transaction& transaction,
                                                  const CounterId& counter, absl::string_view key);
// Adds or replaces it, with its place in the order of expiry and in the product's live keys.
absl::Status PutKey(Transaction& transaction, const CounterId& counter, absl::string_view key,
                    const KeyRecord& record);
// Keys of the product that are not swept yet.
absl::StatusOr<int64_t> LiveKeys(Transaction& transaction, absl::string_view product);

// Takes away what PutKey() wrote; `key_record` is KeyRecordKey(). OK where there is nothing.
absl::Status RemoveKey(Transaction& transaction, const std::string& key_record);
// The key whose record `entry` points to has expired: takes away both, unless the key was used again
// since. `entry_key` is ExpiryKey(entry).
absl::Status RemoveExpiredKey(Transaction& transaction, const std::string& entry_key,
                              const ExpiryEntry& entry);

// Whether a sender's record is none any more.
bool Expired(const StoredSender& sender, absl::Time now);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_HIT_RECORDS_H_
