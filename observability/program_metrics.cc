#include "observability/program_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <string>

#include "absl/time/clock.h"
#include "observability/metric_families.h"

namespace livecounter::observability {
namespace {

int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total_pages = 0;
  int64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

int64_t OpenFiles() {
  DIR* const directory = opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  int64_t entries = 0;
  while (readdir(directory) != nullptr) ++entries;
  closedir(directory);
  constexpr int64_t kNotFiles = 3;  // ".", ".." and the directory itself
  return entries - kNotFiles;
}

}  // namespace

void RaiseTo(double total, prometheus::Counter& counter) {
  const double more = total - counter.Value();
  if (more > 0) counter.Increment(more);
}

ProcessUsage ReadProcessUsage() {
  ProcessUsage usage;
  rusage times = {};
  if (getrusage(RUSAGE_SELF, &times) == 0) {
    usage.cpu =
        absl::DurationFromTimeval(times.ru_utime) + absl::DurationFromTimeval(times.ru_stime);
  }
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    usage.max_open_files = static_cast<int64_t>(files.rlim_cur);
  }
  usage.resident_bytes = ResidentBytes();
  usage.open_files = OpenFiles();
  return usage;
}

ProgramMetrics::ProgramMetrics(prometheus::Registry& registry, absl::string_view program,
                               absl::string_view version)
    : cpu_(&OneCounter(registry, "process_cpu_seconds_total",
                       "CPU time of the process, user and system.")),
      resident_(&OneGauge(registry, "process_resident_memory_bytes",
                          "Memory of the process that is in RAM.")),
      open_files_(&OneGauge(registry, "process_open_fds",
                            "Open file descriptors; every connection has one, with TLS three.")),
      max_open_files_(
          &OneGauge(registry, "process_max_fds", "File descriptors that the process may have.")),
      ready_(&OneGauge(registry, "livecounter_ready", "1 while /readyz says so, else 0.")) {
  Gauges(registry, "livecounter_build_info", "Always 1; the labels say what is running.")
      .Add({{"program", std::string(program)}, {"version", std::string(version)}})
      .Set(1);
  OneGauge(registry, "process_start_time_seconds", "When the process started, in Unix time.")
      .Set(absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()));
  CounterFamily& lines =
      Counters(registry, "livecounter_log_lines_total", "Lines written to the log.");
  for (size_t i = 0; i < kLogLevels; ++i) {
    log_lines_[i] = &lines.Add({{"level", AbslUnparseFlag(static_cast<LogLevel>(i))}});
  }
}

void ProgramMetrics::Update(const ProcessUsage& usage, bool ready, const Logger& logger) {
  RaiseTo(absl::ToDoubleSeconds(usage.cpu), *cpu_);
  resident_->Set(static_cast<double>(usage.resident_bytes));
  open_files_->Set(static_cast<double>(usage.open_files));
  max_open_files_->Set(static_cast<double>(usage.max_open_files));
  ready_->Set(ready ? 1 : 0);
  for (size_t i = 0; i < kLogLevels; ++i) {
    RaiseTo(static_cast<double>(logger.lines(static_cast<LogLevel>(i))), *log_lines_[i]);
  }
}

}  // namespace livecounter::observability
