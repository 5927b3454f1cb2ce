// What every program tells of itself: what runs, what it takes of the machine, whether it is ready, how
// much it logs. The process_* names are those of Prometheus' own client libraries.

#ifndef LIVECOUNTER_OBSERVABILITY_PROGRAM_METRICS_H_
#define LIVECOUNTER_OBSERVABILITY_PROGRAM_METRICS_H_

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "observability/logging.h"
#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/registry.h"

namespace livecounter::observability {

// For a total that is kept elsewhere: `counter` shows it from now on. One thread at a time for each counter.
void RaiseTo(double total, prometheus::Counter& counter);

// What the process has taken of the machine.
struct ProcessUsage {
  absl::Duration cpu = absl::ZeroDuration();  // user and system, since its start
  int64_t resident_bytes = 0;
  int64_t open_files = 0;
  int64_t max_open_files = 0;
};

// As of now, from the kernel. What it does not tell is 0.
ProcessUsage ReadProcessUsage();

class ProgramMetrics {
 public:
  // livecounter_build_info{program,version} = 1, and the rest. `registry` outlives it.
  ProgramMetrics(prometheus::Registry& registry, absl::string_view program,
                 absl::string_view version);

  // To be called before the registry is read, by one thread at a time.
  void Update(const ProcessUsage& usage, bool ready, const Logger& logger);

 private:
  prometheus::Counter* cpu_;
  prometheus::Gauge* resident_;
  prometheus::Gauge* open_files_;
  prometheus::Gauge* max_open_files_;
  prometheus::Gauge* ready_;
  std::array<prometheus::Counter*, kLogLevels> log_lines_;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_PROGRAM_METRICS_H_
