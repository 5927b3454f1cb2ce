#include "observability/verifier_metrics.h"

#include "observability/metric_families.h"

namespace livecounter::observability {
namespace {

// From an endpoint in the same rack to the end of our patience (3 s).
const Buckets& CallBuckets() {
  static const Buckets buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                  0.25,  0.5,    1,     1.5,  2,     2.5,  3};
  return buckets;
}

constexpr std::array<const char*, kVerdictLabels> kVerdictNames = {"valid", "invalid",
                                                                   "indeterminate"};
constexpr std::array<const char*, kProbeResults> kProbeResultNames = {"passed", "failed",
                                                                      "refused"};

}  // namespace

VerifierMetrics::VerifierMetrics(prometheus::Registry& registry) {
  CounterFamily& verdicts = Counters(registry, "livecounter_verifier_verdicts_total",
                                     "Calls of customers' endpoints, by what they said.");
  for (size_t i = 0; i < kVerdictLabels; ++i) {
    verdicts_[i] = &verdicts.Add({{"verdict", kVerdictNames[i]}});
  }
  call_ =
      &OneHistogram(registry, "livecounter_verifier_call_seconds",
                    "From the start of a call of a customer's endpoint to its end.", CallBuckets());
  waiting_ = &OneGauge(registry, "livecounter_verifier_waiting_asks",
                       "Asks that wait for a call to begin or to end.");
  refused_ = &OneCounter(registry, "livecounter_verifier_refused_total",
                         "Asks turned away because too many of the product wait.");
  calls_in_flight_ = &OneGauge(registry, "livecounter_verifier_calls_in_flight",
                               "Calls of customers' endpoints under way.");
  open_breakers_ = &OneGauge(registry, "livecounter_verifier_open_breakers",
                             "Products whose endpoint fails every time and is let alone for a "
                             "while.");
  known_ =
      &OneGauge(registry, "livecounter_verifier_known_users", "Users whose verdict is remembered.");
  CounterFamily& probes = Counters(registry, "livecounter_verifier_probes_total",
                                   "Tests of customers' endpoints; refused: not begun.");
  for (size_t i = 0; i < kProbeResults; ++i) {
    probes_[i] = &probes.Add({{"result", kProbeResultNames[i]}});
  }
}

}  // namespace livecounter::observability
