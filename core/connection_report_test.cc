#include "core/connection_report.h"

#include <map>
#include <string>

#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Random;
using ::testing::ElementsAre;

constexpr absl::Duration kInterval = absl::Milliseconds(200);
constexpr size_t kNoLimit = SIZE_MAX;

ProductConnections Has(const std::string& product, int64_t connections) {
  return {.product = product, .connections = connections};
}

TEST(ConnectionReportTest, TheFirstChangeGoesAtOnceThenOnceAnInterval) {
  ConnectionReport report(kInterval);
  EXPECT_EQ(report.NextDue(), absl::InfiniteFuture());
  report.Add("p", 1);
  ASSERT_TRUE(report.has_changed(At(0)));
  EXPECT_THAT(report.TakeChanged(At(0), kNoLimit), ElementsAre(Has("p", 1)));
  report.Add("p", 1);
  report.Add("q", 1);
  report.Add("p", 1);
  EXPECT_FALSE(report.has_changed(At(0.199)));
  EXPECT_EQ(report.NextDue(), At(0.2));
  EXPECT_THAT(report.TakeChanged(At(0.2), kNoLimit), ElementsAre(Has("p", 3), Has("q", 1)));
  report.CheckInvariants();
}

TEST(ConnectionReportTest, WhatChangedBackIsNotTold) {
  ConnectionReport report(kInterval);
  report.Add("p", 1);
  report.Add("p", -1);
  EXPECT_FALSE(report.has_changed(At(0)));
  report.CheckInvariants();
}

TEST(ConnectionReportTest, TheLastOneThatGoesIsTold) {
  ConnectionReport report(kInterval);
  report.Add("p", 1);
  report.TakeChanged(At(0), kNoLimit);
  report.Add("p", -1);
  EXPECT_THAT(report.TakeChanged(At(1), kNoLimit), ElementsAre(Has("p", 0)));
  report.CheckInvariants();
}

TEST(ConnectionReportTest, WhatDoesNotFitDoesNotWait) {
  ConnectionReport report(kInterval);
  for (const char* product : {"a", "b", "c"}) report.Add(product, 1);
  EXPECT_EQ(report.TakeChanged(At(0), 2).size(), 2u);
  ASSERT_TRUE(report.has_changed(At(0)));
  EXPECT_THAT(report.TakeChanged(At(0), 2), ElementsAre(Has("c", 1)));
}

TEST(ConnectionReportTest, ANewReceiverIsToldAllThatThereIs) {
  ConnectionReport report(kInterval);
  for (const char* product : {"a", "b", "c"}) report.Add(product, 2);
  report.TakeChanged(At(0), kNoLimit);
  report.Add("b", -2);
  report.Add("c", -1);
  report.TellAll();
  ASSERT_TRUE(report.has_changed(At(0)));
  EXPECT_THAT(report.TakeChanged(At(0), kNoLimit), ElementsAre(Has("a", 2), Has("c", 1)));
  report.CheckInvariants();
}

TEST(ConnectionReportTest, OthersHaveWhatIsNotOurs) {
  ConnectionReport report(kInterval);
  EXPECT_EQ(report.Elsewhere(Has("p", 5)), 5);
  report.Add("p", 3);
  EXPECT_EQ(report.Elsewhere(Has("p", 5)), 5) << "not told yet, so not in it";
  report.TakeChanged(At(0), kNoLimit);
  EXPECT_EQ(report.Elsewhere(Has("p", 8)), 5);
  EXPECT_EQ(report.Elsewhere(Has("p", 2)), 0) << "an older total";
}

TEST(ConnectionReportTest, WhatWasToldIsInTheEndWhatThereIs) {
  for (uint64_t seed = 0; seed < 30; ++seed) {
    Random random(seed);
    SCOPED_TRACE(random.seed());
    ConnectionReport report(kInterval);
    std::map<std::string, int64_t> open, told;
    absl::Time now = At(0);
    const auto take = [&](size_t limit) {
      for (const ProductConnections& changed : report.TakeChanged(now, limit)) {
        told[changed.product] = changed.connections;
      }
    };
    for (int i = 0; i < 500; ++i) {
      now += absl::Milliseconds(random.Below(100));
      const std::string product = std::string(1, static_cast<char>('a' + random.Below(6)));
      const int64_t difference = open[product] > 0 && random.OneIn(2) ? -1 : 1;
      open[product] += difference;
      report.Add(product, difference);
      if (report.has_changed(now)) take(static_cast<size_t>(1 + random.Below(4)));
      if (random.OneIn(40)) {
        told.clear();
        report.TellAll();
      }
      report.CheckInvariants();
    }
    now += kInterval;
    while (report.has_changed(now)) take(2);
    for (const auto& [product, connections] : open) EXPECT_EQ(told[product], connections);
  }
}

TEST(ConnectionReportTest, ABoundHoldsOverHereAndElsewhere) {
  EXPECT_TRUE(MayConnect(1000, 1000, 0));
  EXPECT_TRUE(MayConnect(4, 5, 10));
  EXPECT_FALSE(MayConnect(5, 5, 10));
  EXPECT_FALSE(MayConnect(0, 11, 10));
  EXPECT_FALSE(MayConnect(1, 0, 1));
}

}  // namespace
}  // namespace livecounter
