#include "bench/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace livecounter::bench {

void Histogram::Add(int64_t nanoseconds) {
  std::atomic<uint64_t>& count = counts_[BucketOf(nanoseconds)];
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

// Durations below 2·kSub have a bucket each; above, the bucket is the top kSubBits + 1 bits.
size_t Histogram::BucketOf(int64_t nanoseconds) {
  const auto value = static_cast<uint64_t>(std::max<int64_t>(nanoseconds, 0));
  if (value < kSub) return value;
  const int shift = std::bit_width(value) - 1 - kSubBits;
  const size_t bucket = (static_cast<size_t>(shift) + 1) * kSub + ((value >> shift) - kSub);
  return std::min(bucket, kBuckets - 1);
}

int64_t Histogram::UpperBoundOf(size_t bucket) {
  if (bucket < kSub) return static_cast<int64_t>(bucket);
  const size_t shift = bucket / kSub - 1;
  const size_t top = bucket % kSub + kSub;
  return static_cast<int64_t>(((top + 1) << shift) - 1);
}

void HistogramSum::Add(const Histogram& histogram) {
  for (size_t i = 0; i < counts_.size(); ++i) {
    counts_[i] += histogram.counts_[i].load(std::memory_order_relaxed);
  }
}

void HistogramSum::Subtract(const HistogramSum& earlier) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] -= earlier.counts_[i];
}

uint64_t HistogramSum::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

int64_t HistogramSum::Quantile(double quantile) const {
  const uint64_t total = count();
  const double wanted = std::max(1.0, std::ceil(quantile * static_cast<double>(total)));
  uint64_t seen = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (static_cast<double>(seen) >= wanted) return Histogram::UpperBoundOf(i);
  }
  return 0;
}

}  // namespace livecounter::bench
