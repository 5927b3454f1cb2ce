#include "verifier/latency_summary.h"

#include <algorithm>
#include <cstddef>

namespace livecounter::verifier {
namespace {

constexpr int kBucketMilliseconds[] = {5,    10,   25,   50,   75,   100,  150,
                                       200,  300,  400,  500,  750,  1000, 1250,
                                       1500, 1750, 2000, 2250, 2500, 2750, 3000};

// Of sorted values.
absl::Duration Percentile(const std::vector<absl::Duration>& sorted, size_t percent) {
  const size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[rank - 1];
}

std::vector<LatencySummary::Bucket> Buckets(const std::vector<absl::Duration>& sorted) {
  std::vector<LatencySummary::Bucket> buckets;
  auto next = sorted.begin();
  for (const int milliseconds : kBucketMilliseconds) {
    if (next == sorted.end()) return buckets;
    const absl::Duration up_to = absl::Milliseconds(milliseconds);
    const auto end = std::upper_bound(next, sorted.end(), up_to);
    buckets.push_back({up_to, static_cast<int>(end - next)});
    next = end;
  }
  if (next != sorted.end()) {
    buckets.push_back({sorted.back(), static_cast<int>(sorted.end() - next)});
  }
  return buckets;
}

}  // namespace

LatencySummary Summarize(std::vector<absl::Duration> took) {
  if (took.empty()) return {};
  std::sort(took.begin(), took.end());
  LatencySummary summary;
  summary.p50 = Percentile(took, 50);
  summary.p95 = Percentile(took, 95);
  summary.p99 = Percentile(took, 99);
  summary.max = took.back();
  summary.buckets = Buckets(took);
  return summary;
}

}  // namespace livecounter::verifier
