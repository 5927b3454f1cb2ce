// The rule of usage: what a store does with a holder's numbered batch, given the last one that it
// counted. Pure functions: an engine reads that number, asks here, and writes totals and number in one
// atomic step.

#ifndef LIVECOUNTER_CORE_USAGE_LOG_H_
#define LIVECOUNTER_CORE_USAGE_LOG_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "core/usage.h"

namespace livecounter {

// How long the number of a holder's last batch is remembered after it.
inline constexpr absl::Duration kUsageRecordLifetime = absl::Hours(24);
// How long after it was first sent a batch may be sent again: an hour less than its number is remembered,
// for clocks that differ.
inline constexpr absl::Duration kUsageRepeatLimit = absl::Hours(23);

// Whether `batch` counts: its entries are to be added to the totals, and its number recorded. `last` is
// the number of the holder's last one that was counted, if any is known; whatever is not above it is a
// repeat. A gap counts: a holder numbers a batch when the one before is counted, so what is missing was
// counted by a store of which this one is an older copy, or its number has expired.
// INVALID_ARGUMENT for a number below 1, no entries, an entry of less than 1 connection or with a time
// that begins no hour.
absl::StatusOr<bool> UsageCounts(absl::optional<uint64_t> last, const UsageBatch& batch);

// Two totals, at most 2⁶³ − 1. Both ≥ 0.
int64_t AddConnections(int64_t total, int64_t more);

// Whether `seconds` since 1970 are the begin of an hour of the years until 9999.
bool BeginsAnHour(int64_t seconds);

// The begin of the hour that holds `time`, in seconds since 1970.
int64_t HourOf(absl::Time time);

}  // namespace livecounter

#endif  // LIVECOUNTER_CORE_USAGE_LOG_H_
