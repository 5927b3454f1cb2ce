// What every RecordStore refuses, told the same way by each. Pure functions, any thread.

#ifndef LIVECOUNTER_SERVICES_COUNTER_RECORD_RULES_H_
#define LIVECOUNTER_SERVICES_COUNTER_RECORD_RULES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/counter/record_store.h"

namespace livecounter::counter {

inline constexpr size_t kMaxRecordKeyBytes = 512;
inline constexpr size_t kMaxRecordValueBytes = size_t{64} << 10;

// INVALID_ARGUMENT unless `key` is 1 to 512 bytes.
absl::Status CheckRecordKey(absl::string_view key);

// INVALID_ARGUMENT for no write at all, a key or value that is not of its size, a key named twice.
absl::Status CheckRecordWrites(const std::vector<RecordWrite>& writes);

// INVALID_ARGUMENT unless `limit` ≥ 1.
absl::Status CheckRecordLimit(int limit);

// ABORTED unless the version that is there, 0 for no such record, is the one that `write` expects.
absl::Status CheckExpectedVersion(const RecordWrite& write, uint64_t version);

// Whether there is a record after `write`: not where it deletes, or where its time is over already.
bool LeavesARecord(const RecordWrite& write, absl::Time now);

// What Read() answers where there is none.
absl::Status NoSuchRecord(absl::string_view key);

}  // namespace livecounter::counter

#endif  // LIVECOUNTER_SERVICES_COUNTER_RECORD_RULES_H_
