// What the processes of a server have used so far: processor time and resident memory. Stateless.

#ifndef LIVECOUNTER_BENCH_LOAD_PROCESS_USAGE_H_
#define LIVECOUNTER_BENCH_LOAD_PROCESS_USAGE_H_

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace livecounter::bench {

struct Memory {
  int64_t resident = 0;      // bytes; what processes share counts in each of them
  int64_t proportional = 0;  // bytes; what processes share is divided among them

  friend Memory operator-(const Memory& a, const Memory& b) {
    return {.resident = a.resident - b.resident, .proportional = a.proportional - b.proportional};
  }
};

// User and system time of each of `pids`, with all its threads, those that have ended too, in nanoseconds:
// the scheduler's own account, which is finer than the ticks of /proc/PID/stat. NotFound when one is gone.
absl::StatusOr<std::vector<int64_t>> ProcessorTimes(const std::vector<pid_t>& pids);

// Of each of `pids`, from /proc/PID/smaps_rollup. NotFound when one is gone or may not be looked at.
absl::StatusOr<std::vector<Memory>> ResidentMemory(const std::vector<pid_t>& pids);

// Reads one smaps_rollup. InvalidArgument when a line is missing.
absl::StatusOr<Memory> ParseSmapsRollup(absl::string_view text);

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_PROCESS_USAGE_H_
