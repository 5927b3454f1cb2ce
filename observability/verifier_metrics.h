// The metrics of the verifier; see metrics.h for what holds of all.

#ifndef LIVECOUNTER_OBSERVABILITY_VERIFIER_METRICS_H_
#define LIVECOUNTER_OBSERVABILITY_VERIFIER_METRICS_H_

#include <array>
#include <cstddef>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace livecounter::observability {

enum class VerdictLabel { kValid, kInvalid, kIndeterminate };
inline constexpr size_t kVerdictLabels = 3;

// What became of a probe: a test of a customer's endpoint.
enum class ProbeResult { kPassed, kFailed, kRefused };
inline constexpr size_t kProbeResults = 3;

class VerifierMetrics {
 public:
  explicit VerifierMetrics(prometheus::Registry& registry);

  // Calls of customers' endpoints by what they said.
  prometheus::Counter& verdicts(VerdictLabel v) { return *verdicts_[static_cast<size_t>(v)]; }
  // Seconds from a call's start to its answer, or to where we gave up.
  prometheus::Histogram& call() { return *call_; }
  // Asks that wait for a call to begin or to end.
  prometheus::Gauge& waiting() { return *waiting_; }
  // Asks that were turned away because as many wait as may.
  prometheus::Counter& refused() { return *refused_; }
  prometheus::Gauge& calls_in_flight() { return *calls_in_flight_; }
  // Products whose circuit breaker is not closed.
  prometheus::Gauge& open_breakers() { return *open_breakers_; }
  // Users whose verdict is remembered.
  prometheus::Gauge& known() { return *known_; }
  prometheus::Counter& probes(ProbeResult r) { return *probes_[static_cast<size_t>(r)]; }

 private:
  std::array<prometheus::Counter*, kVerdictLabels> verdicts_;
  prometheus::Histogram* call_;
  prometheus::Gauge* waiting_;
  prometheus::Counter* refused_;
  prometheus::Gauge* calls_in_flight_;
  prometheus::Gauge* open_breakers_;
  prometheus::Gauge* known_;
  std::array<prometheus::Counter*, kProbeResults> probes_;
};

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_VERIFIER_METRICS_H_
