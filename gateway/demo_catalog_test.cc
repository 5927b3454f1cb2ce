#include "gateway/demo_catalog.h"

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

ProductTablePtr TableOf(DemoCatalog catalog) {
  ProductTablePtr told;
  catalog.AddLoop([&](ProductTablePtr table) { told = std::move(table); });
  return told;
}

using ::testing::ElementsAre;

TEST(DemoCatalogTest, HasTheDemoProductUnderItsKey) {
  const auto product =
      TableOf(DemoCatalog({.shared_secret = "token", .min_update_interval = absl::Milliseconds(7)}))
          ->FindByKey("demo");
  ASSERT_NE(product, nullptr);
  EXPECT_EQ(product->name, "accounts/demo/products/demo");
  EXPECT_THAT(product->allowed_origins, ElementsAre("*"));
  EXPECT_FALSE(product->auto_create_counters);
  EXPECT_EQ(product->min_update_interval, absl::Milliseconds(7));
  EXPECT_EQ(product->clean_leave_grace, absl::Seconds(1));
  EXPECT_EQ(product->lost_leave_grace, absl::Seconds(10));
}

TEST(DemoCatalogTest, KnowsNoOtherKey) {
  const ProductTablePtr table = TableOf(DemoCatalog({}));
  for (const char* key : {"", "Demo", "demo ", "demo2"}) {
    EXPECT_EQ(table->FindByKey(key), nullptr) << key;
  }
}

TEST(DemoCatalogTest, ServesWithoutAKeyOnlyWhereItIsPublic) {
  EXPECT_EQ(TableOf(DemoCatalog({.is_public = true}))->PublicProduct()->name,
            "accounts/demo/products/demo");
  EXPECT_EQ(TableOf(DemoCatalog({.is_public = false}))->PublicProduct(), nullptr);
}

TEST(DemoCatalogTest, GatewaysWithTheSameSecretHashPresenceAlike) {
  const auto secret = [](const char* shared) {
    return TableOf(DemoCatalog({.shared_secret = shared}))->FindByKey("demo")->presence_secret;
  };
  EXPECT_EQ(secret("token"), secret("token"));
  EXPECT_NE(secret("token"), secret("other"));
}

}  // namespace
}  // namespace livecounter::gateway
