#include "gateway/product_places.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

TEST(ProductPlacesTest, ABoundHoldsForOneProduct) {
  ProductPlaces places;
  EXPECT_TRUE(places.Take("p", 2));
  EXPECT_TRUE(places.Take("p", 2));
  EXPECT_FALSE(places.Take("p", 2));
  EXPECT_TRUE(places.Take("q", 2));
  places.GiveBack("p");
  EXPECT_TRUE(places.Take("p", 2));
}

TEST(ProductPlacesTest, OtherGatewaysCountToo) {
  ProductPlaces places;
  EXPECT_TRUE(places.Take("p", 5));
  places.SetElsewhere("p", 3);
  EXPECT_TRUE(places.Take("p", 5));
  EXPECT_FALSE(places.Take("p", 5));
  places.SetElsewhere("p", 0);
  EXPECT_TRUE(places.Take("p", 5));
}

TEST(ProductPlacesTest, WithoutABoundEverybodyHasOne) {
  ProductPlaces places;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(places.Take("p", 0));
  EXPECT_FALSE(places.Take("p", 1000)) << "a bound that comes later";
}

TEST(ProductPlacesTest, AProductIsForgottenWithItsLastConnection) {
  ProductPlaces places;
  places.SetElsewhere("p", 3);
  EXPECT_EQ(places.products(), 0u);
  for (int i = 0; i < 3; ++i) places.Take("p", 0);
  places.SetElsewhere("p", 3);
  EXPECT_EQ(places.products(), 1u);
  for (int i = 0; i < 3; ++i) places.GiveBack("p");
  EXPECT_EQ(places.products(), 0u);
}

TEST(ProductPlacesTest, IsExactHoweverManyAskAtOnce) {
  ProductPlaces places;
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) taken += places.Take("p", 1000) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace livecounter::gateway
