// How the metrics of this folder are registered; for its own *_metrics.cc alone. All of it during
// construction, on one thread.

#ifndef LIVECOUNTER_OBSERVABILITY_METRIC_FAMILIES_H_
#define LIVECOUNTER_OBSERVABILITY_METRIC_FAMILIES_H_

#include <map>
#include <string>

#include "prometheus/counter.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace livecounter::observability {

using Buckets = prometheus::Histogram::BucketBoundaries;
using CounterFamily = prometheus::Family<prometheus::Counter>;
using GaugeFamily = prometheus::Family<prometheus::Gauge>;
using HistogramFamily = prometheus::Family<prometheus::Histogram>;
using Labels = std::map<std::string, std::string>;

inline CounterFamily& Counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

inline GaugeFamily& Gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

inline HistogramFamily& Histograms(prometheus::Registry& registry, const char* name,
                                   const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

// A family of one series, without labels.
inline prometheus::Counter& OneCounter(prometheus::Registry& registry, const char* name,
                                       const char* help) {
  return Counters(registry, name, help).Add({});
}

inline prometheus::Gauge& OneGauge(prometheus::Registry& registry, const char* name,
                                   const char* help) {
  return Gauges(registry, name, help).Add({});
}

inline prometheus::Histogram& OneHistogram(prometheus::Registry& registry, const char* name,
                                           const char* help, const Buckets& buckets) {
  return Histograms(registry, name, help).Add({}, buckets);
}

}  // namespace livecounter::observability

#endif  // LIVECOUNTER_OBSERVABILITY_METRIC_FAMILIES_H_
