// Records (record_store.h) as they are stored, written and taken away when they expire.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RECORD_WRITES_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RECORD_WRITES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/store.h"
#include "services/counter/embedded/transaction.h"
#include "services/counter/embedded/write.h"
#include "services/counter/record_store.h"

namespace livecounter::counter::embedded {

// One call of RecordStore::Write().
class RecordsWrite final : public Write {
 public:
  // Precondition: CheckRecordWrites().
  RecordsWrite(std::vector<RecordWrite> writes, RecordStore::Callback<uint64_t> done)
      : writes_(std::move(writes)), done_(std::move(done)) {}

  bool Decide(Transaction& transaction) override;
  void Succeed(Counters&) override { done_(version_); }
  void Fail(const absl::Status& status) override { done_(status); }

 private:
  absl::StatusOr<uint64_t> DecideWrites(Transaction& transaction) const;

  const std::vector<RecordWrite> writes_;
  const RecordStore::Callback<uint64_t> done_;
  absl::StatusOr<uint64_t> version_;
};

// The record of `key`, as of `now`; nothing where there is none. Errors: those of Store::Get().
absl::StatusOr<absl::optional<counter::Record>> FindRecord(const Store& store,
                                                           const std::string& key, absl::Time now);

// As RecordStore::List().
absl::StatusOr<std::vector<counter::Record>> ListRecords(const Store& store,
                                                         const std::string& prefix,
                                                         const std::string& after, size_t limit,
                                                         absl::Time now);

// The record that `entry` points to has expired: takes away both, unless the record was written again
// since. `entry_key` is ExpiryKey(entry).
absl::Status RemoveExpiredRecord(Transaction& transaction, const std::string& entry_key,
                                 const ExpiryEntry& entry);

// Those of `changes`, of a group that may have failed or not, that stand in the store.
absl::StatusOr<std::vector<RecordChange>> ChangesThatStand(const Store& store,
                                                           std::vector<RecordChange> changes);

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_RECORD_WRITES_H_
