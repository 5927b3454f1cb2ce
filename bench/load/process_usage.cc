#include "bench/load/process_usage.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace livecounter::bench {
namespace {

// "Rss:       1234 kB" of the line that begins with `name`, in bytes.
absl::StatusOr<int64_t> SizeOf(absl::string_view text, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    int64_t kilobytes = 0;
    if (absl::ConsumePrefix(&line, name) && absl::ConsumeSuffix(&line, "kB") &&
        absl::SimpleAtoi(line, &kilobytes)) {
      return kilobytes * 1024;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat("smaps_rollup has no line \"", name, " N kB\""));
}

}  // namespace

absl::StatusOr<std::vector<int64_t>> ProcessorTimes(const std::vector<pid_t>& pids) {
  std::vector<int64_t> times;
  for (const pid_t pid : pids) {
    clockid_t clock;
    timespec time;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
      return absl::NotFoundError(absl::StrCat("there is no process ", pid, " (--server_pid)"));
    }
    times.push_back(int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec);
  }
  return times;
}

absl::StatusOr<std::vector<Memory>> ResidentMemory(const std::vector<pid_t>& pids) {
  std::vector<Memory> memories;
  for (const pid_t pid : pids) {
    const std::string path = absl::StrCat("/proc/", pid, "/smaps_rollup");
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path, " (--server_pid)"));
    const absl::StatusOr<Memory> memory = ParseSmapsRollup(text.str());
    if (!memory.ok()) return memory.status();
    memories.push_back(*memory);
  }
  return memories;
}

absl::StatusOr<Memory> ParseSmapsRollup(absl::string_view text) {
  const absl::StatusOr<int64_t> resident = SizeOf(text, "Rss:");
  if (!resident.ok()) return resident.status();
  const absl::StatusOr<int64_t> proportional = SizeOf(text, "Pss:");
  if (!proportional.ok()) return proportional.status();
  return Memory{.resident = *resident, .proportional = *proportional};
}

}  // namespace livecounter::bench
