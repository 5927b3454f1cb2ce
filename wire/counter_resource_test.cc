#include "wire/counter_resource.h"

#include "gtest/gtest.h"

namespace livecounter::wire {
namespace {

Change Sample() {
  Change change;
  change.counter = {"accounts/a/products/p", "a/b"};
  change.version = {7, 41};
  change.present = 3;
  return change;
}

TEST(CounterResourceTest, AHitCounterHasBothNumbers) {
  Change change = Sample();
  change.hits = 26;
  v1::Counter resource;
  EncodeCounterResource(change, &resource);
  EXPECT_EQ(resource.name(), "accounts/a/products/p/counters/a%2Fb");
  EXPECT_EQ(resource.hits(), 26);
  EXPECT_EQ(resource.present(), 3);
  EXPECT_EQ(resource.revision(), 41u);
  EXPECT_EQ(resource.epoch(), 7u);
}

TEST(CounterResourceTest, ACounterThatWasNotCreatedHasNoHits) {
  v1::Counter resource;
  EncodeCounterResource(Sample(), &resource);
  EXPECT_FALSE(resource.has_hits());
}

TEST(CounterResourceTest, APointOfHistoryIsFilled) {
  v1::HistoryPoint point;
  EncodeHistoryPoint({absl::FromUnixSeconds(60), 5, 3, 1.5}, &point);
  EXPECT_EQ(point.time().seconds(), 60);
  EXPECT_EQ(point.hits(), 5);
  EXPECT_EQ(point.present_peak(), 3);
  EXPECT_EQ(point.present_mean(), 1.5);
  v1::HistoryPoint without;
  EncodeHistoryPoint({absl::UnixEpoch(), {}, 0, 0}, &without);
  EXPECT_FALSE(without.has_hits());
}

TEST(CounterResourceTest, AResetCounterHasZeroHits) {
  Change change = Sample();
  change.hits = 0;
  v1::Counter resource;
  EncodeCounterResource(change, &resource);
  EXPECT_TRUE(resource.has_hits());
}

}  // namespace
}  // namespace livecounter::wire
