// How long the calls of a load took, for the report and its plot (contract §4).

#ifndef LIVECOUNTER_VERIFIER_LATENCY_SUMMARY_H_
#define LIVECOUNTER_VERIFIER_LATENCY_SUMMARY_H_

#include <vector>

#include "absl/time/time.h"

namespace livecounter::verifier {

struct LatencySummary {
  struct Bucket {
    absl::Duration up_to;
    int calls = 0;  // longer than the bucket before, and not longer than this one
  };

  // Nearest rank; zero where there are no calls.
  absl::Duration p50 = absl::ZeroDuration();
  absl::Duration p95 = absl::ZeroDuration();
  absl::Duration p99 = absl::ZeroDuration();
  absl::Duration max = absl::ZeroDuration();
  std::vector<Bucket> buckets = {};  // up to the one that holds the slowest
};

LatencySummary Summarize(std::vector<absl::Duration> took);

}  // namespace livecounter::verifier

#endif  // LIVECOUNTER_VERIFIER_LATENCY_SUMMARY_H_
