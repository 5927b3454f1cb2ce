#include "services/counter/embedded/lru_cache.h"

#include <string>

#include "gtest/gtest.h"

namespace livecounter::counter::embedded {
namespace {

using Cache = LruCache<std::string, int>;

TEST(LruCacheTest, GivesBackWhatWasPut) {
  Cache cache;
  EXPECT_EQ(cache.Use("a"), nullptr);
  cache.Put("a", 1);
  cache.Put("b", 2);
  ASSERT_NE(cache.Use("a"), nullptr);
  EXPECT_EQ(*cache.Use("a"), 1);
  EXPECT_EQ(cache.size(), 2u);
}

TEST(LruCacheTest, PuttingAgainReplaces) {
  Cache cache;
  cache.Put("a", 1);
  cache.Put("a", 2);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(*cache.Use("a"), 2);
}

TEST(LruCacheTest, TheOldestIsTheOneNotUsedForLongest) {
  Cache cache;
  cache.Put("a", 1);
  cache.Put("b", 2);
  cache.Put("c", 3);
  EXPECT_EQ(cache.Oldest().key, "a");
  cache.Use("a");
  EXPECT_EQ(cache.Oldest().key, "b");
  cache.Put("b", 4);
  EXPECT_EQ(cache.Oldest().key, "c");
}

TEST(LruCacheTest, WhatIsErasedIsGone) {
  Cache cache;
  cache.Put("a", 1);
  cache.Put("b", 2);
  cache.Erase("a");
  cache.Erase("never there");
  EXPECT_EQ(cache.Use("a"), nullptr);
  EXPECT_EQ(cache.Oldest().key, "b");
  cache.Clear();
  EXPECT_TRUE(cache.empty());
  EXPECT_EQ(cache.Use("b"), nullptr);
}

}  // namespace
}  // namespace livecounter::counter::embedded
