// A histogram of durations with a fixed size, fit for memory that processes share: 32 buckets for each
// doubling, so that what it answers is at most 1/32 too high.

#ifndef LIVECOUNTER_BENCH_LOAD_HISTOGRAM_H_
#define LIVECOUNTER_BENCH_LOAD_HISTOGRAM_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace livecounter::bench {

// One thread adds, any may read at the same time. All bits zero is an empty one.
class Histogram {
 public:
  void Add(int64_t nanoseconds);

 private:
  friend class HistogramSum;
  static constexpr int kSubBits = 5;
  static constexpr size_t kSub = size_t{1} << kSubBits;
  static constexpr size_t kBuckets = (41 - kSubBits) * kSub;  // up to 2⁴⁰ ns, 18 minutes

  static size_t BucketOf(int64_t nanoseconds);
  static int64_t UpperBoundOf(size_t bucket);

  std::array<std::atomic<uint64_t>, kBuckets> counts_ = {};
};

// What several histograms hold, or held between two looks. Not thread-safe.
class HistogramSum {
 public:
  void Add(const Histogram& histogram);
  // Takes away what an earlier look at the same histograms saw.
  void Subtract(const HistogramSum& earlier);

  uint64_t count() const;
  // The duration that the share `quantile` (0 to 1) of them does not exceed, in nanoseconds; 1 is the
  // longest. 0 when there are none.
  int64_t Quantile(double quantile) const;

 private:
  std::array<uint64_t, Histogram::kBuckets> counts_ = {};
};

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_HISTOGRAM_H_
