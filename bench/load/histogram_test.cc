#include "bench/load/histogram.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace livecounter::bench {
namespace {

HistogramSum SumOf(const Histogram& histogram) {
  HistogramSum sum;
  sum.Add(histogram);
  return sum;
}

TEST(Histogram, AnEmptyOneAnswersZero) {
  EXPECT_EQ(HistogramSum().Quantile(0.5), 0);
  EXPECT_EQ(HistogramSum().Quantile(1), 0);
}

TEST(Histogram, SmallDurationsAreExact) {
  Histogram histogram;
  for (int64_t i = 1; i <= 20; ++i) histogram.Add(i);
  const HistogramSum sum = SumOf(histogram);
  EXPECT_EQ(sum.Quantile(0), 1);
  EXPECT_EQ(sum.Quantile(0.5), 10);
  EXPECT_EQ(sum.Quantile(0.95), 19);
  EXPECT_EQ(sum.Quantile(1), 20);
}

TEST(Histogram, AnswersAreNeverLowAndAtMostAThirtySecondHigh) {
  for (int64_t value = 1; value < int64_t{1} << 39; value += 1 + value / 7) {
    Histogram histogram;
    histogram.Add(value);
    const int64_t answer = SumOf(histogram).Quantile(0.5);
    EXPECT_GE(answer, value);
    EXPECT_LE(answer, value + value / 32);
  }
}

TEST(Histogram, TheHundredthIsAboveThe99thPercentile) {
  Histogram histogram;
  for (int i = 0; i < 99; ++i) histogram.Add(10);
  histogram.Add(20);
  EXPECT_EQ(SumOf(histogram).Quantile(0.99), 10);
  EXPECT_EQ(SumOf(histogram).Quantile(0.995), 20);
}

TEST(Histogram, ImpossibleDurationsLandAtTheEnds) {
  Histogram histogram;
  histogram.Add(-5);
  histogram.Add(INT64_MAX);
  const HistogramSum sum = SumOf(histogram);
  EXPECT_EQ(sum.count(), 2u);
  EXPECT_EQ(sum.Quantile(0.5), 0);
  EXPECT_GE(sum.Quantile(1), (int64_t{1} << 40) - 1);
}

TEST(Histogram, ALaterLookLessAnEarlierOneIsWhatCameBetween) {
  Histogram histogram;
  histogram.Add(5);
  const HistogramSum earlier = SumOf(histogram);
  histogram.Add(9);
  histogram.Add(9);
  HistogramSum between = SumOf(histogram);
  between.Subtract(earlier);
  EXPECT_EQ(between.count(), 2u);
  EXPECT_EQ(between.Quantile(0), 9);
}

}  // namespace
}  // namespace livecounter::bench
