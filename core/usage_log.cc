#include "core/usage_log.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace livecounter {
namespace {

constexpr int64_t kSecondsPerHour = 3600;
constexpr int64_t kMaxSeconds = 253'402'300'799;  // the end of the year 9999

absl::Status CheckUsage(const UsageBatch& batch) {
  if (batch.number < 1) return absl::InvalidArgumentError("usage batches are numbered from 1");
  if (batch.entries.empty()) {
    return absl::InvalidArgumentError("a usage batch of no entries; it takes one or more");
  }
  for (const UsageEntry& entry : batch.entries) {
    if (entry.connections < 1) {
      return absl::InvalidArgumentError(absl::StrCat("a usage entry counts ", entry.connections,
                                                     " connections; it takes 1 or more"));
    }
    if (!BeginsAnHour(entry.hour)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a usage entry of second ", entry.hour,
                       "; it takes the begin of an hour, in seconds since 1970"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> UsageCounts(absl::optional<uint64_t> last, const UsageBatch& batch) {
  if (absl::Status status = CheckUsage(batch); !status.ok()) return status;
  return batch.number > last.value_or(0);
}

int64_t AddConnections(int64_t total, int64_t more) {
  return more > std::numeric_limits<int64_t>::max() - total ? std::numeric_limits<int64_t>::max()
                                                            : total + more;
}

bool BeginsAnHour(int64_t seconds) {
  return seconds >= 0 && seconds <= kMaxSeconds && seconds % kSecondsPerHour == 0;
}

int64_t HourOf(absl::Time time) {
  return absl::ToUnixSeconds(absl::UnixEpoch() +
                             absl::Floor(time - absl::UnixEpoch(), absl::Hours(1)));
}

}  // namespace livecounter
