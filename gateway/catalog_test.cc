#include "gateway/catalog.h"

#include <string>
#include <utility>

#include "gateway/catalog_inboxes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;

ProductPtr Make(const std::string& name, std::vector<std::string> keys) {
  return std::make_shared<const Product>(Product{.name = name, .api_keys = std::move(keys)});
}

TEST(ProductTableTest, FindsProductsByAnyKeyAndByName) {
  const ProductPtr p = Make("p", {"k1", "k2"});
  const ProductPtr q = Make("q", {});
  const ProductTable table({p, q});
  EXPECT_EQ(table.FindByKey("k1"), p);
  EXPECT_EQ(table.FindByKey("k2"), p);
  EXPECT_EQ(table.FindByName("p"), p);
  EXPECT_EQ(table.FindByName("q"), q);
  for (const char* key : {"", "K1", "p", "k"}) EXPECT_EQ(table.FindByKey(key), nullptr) << key;
  EXPECT_EQ(table.FindByName("k1"), nullptr);
}

TEST(ProductTableTest, ThePublicProductIsThatOfItsKey) {
  const ProductPtr p = Make("p", {"k"});
  EXPECT_EQ(ProductTable({p}, "k").PublicProduct(), p);
  EXPECT_EQ(ProductTable({p}, "revoked").PublicProduct(), nullptr);
  EXPECT_EQ(ProductTable({p}).PublicProduct(), nullptr);
}

TEST(CatalogInboxesTest, EachGetsTheNewestAndWhatFollows) {
  CatalogInboxes inboxes;
  std::vector<ProductTablePtr> early, late;
  inboxes.Add([&](ProductTablePtr table) { early.push_back(std::move(table)); });
  EXPECT_FALSE(inboxes.has_told());
  const auto first = std::make_shared<const ProductTable>(std::vector<ProductPtr>());
  const auto second = std::make_shared<const ProductTable>(std::vector<ProductPtr>());
  inboxes.Tell(first);
  EXPECT_TRUE(inboxes.has_told());
  inboxes.Add([&](ProductTablePtr table) { late.push_back(std::move(table)); });
  inboxes.Tell(second);
  EXPECT_THAT(early, ElementsAre(first, second));
  EXPECT_THAT(late, ElementsAre(first, second));
}

}  // namespace
}  // namespace livecounter::gateway
