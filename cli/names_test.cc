#include "cli/names.h"

#include "cli/command.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::cli {
namespace {

using testing::HasSubstr;

TEST(NamesTest, ShortAndFullNamesAreTheSame) {
  EXPECT_EQ(*AccountName("demo", ""), "accounts/demo");
  EXPECT_EQ(*AccountName("accounts/demo", ""), "accounts/demo");
  EXPECT_EQ(*ProductName("demo/web", ""), "accounts/demo/products/web");
  EXPECT_EQ(*ProductName("accounts/demo/products/web", ""), "accounts/demo/products/web");
  EXPECT_EQ(*ApiKeyName("demo/web/k1", ""), "accounts/demo/products/web/keys/k1");
  EXPECT_EQ(*CounterName("demo/web/7", ""), "accounts/demo/products/web/counters/7");
  EXPECT_EQ(*CounterName("accounts/demo/products/web/counters/a%2Fb", ""),
            "accounts/demo/products/web/counters/a%2Fb");
}

TEST(NamesTest, AShortCounterIdStandsAsItIs) {
  EXPECT_EQ(*CounterName("demo/web/https://shop.example/a b", ""),
            "accounts/demo/products/web/counters/https%3A%2F%2Fshop.example%2Fa%20b");
  EXPECT_EQ(*CounterName("demo/web/50%", ""), "accounts/demo/products/web/counters/50%25");
}

TEST(NamesTest, TheDefaultAccountStandsBeforeNamesThatAreShortOfIt) {
  EXPECT_EQ(*AccountName("", "demo"), "accounts/demo");
  EXPECT_EQ(*AccountName("", "accounts/demo"), "accounts/demo");
  EXPECT_EQ(*ProductName("web", "demo"), "accounts/demo/products/web");
  EXPECT_EQ(*ApiKeyName("web/k1", "demo"), "accounts/demo/products/web/keys/k1");
  EXPECT_EQ(*CounterName("web/7", "accounts/demo"), "accounts/demo/products/web/counters/7");
  EXPECT_EQ(*CounterName("a/web/7", "demo"), "accounts/a/products/web/counters/7");
}

TEST(NamesTest, WhatIsNoNameIsBadUsageThatSaysWhatIs) {
  EXPECT_TRUE(IsUsageError(AccountName("", "").status()));
  EXPECT_THAT(AccountName("", "").status().message(), HasSubstr("--account"));
  EXPECT_THAT(ProductName("web", "").status().message(), HasSubstr("account/product"));
  EXPECT_THAT(CounterName("web/7", "").status().message(), HasSubstr("--account"));
  for (const char* text :
       {"", "/", "demo//1", "demo/web/", "accounts/demo/products/web",
        "accounts/demo/things/web/counters/1", "accounts/demo/products/web/counters/%zz"}) {
    EXPECT_TRUE(IsUsageError(CounterName(text, "").status())) << text;
  }
  EXPECT_FALSE(AccountName("demo/web", "").ok());
}

TEST(NamesTest, NewNamesComeApart) {
  const absl::StatusOr<NewName> product = NewProductName("web", "demo");
  ASSERT_TRUE(product.ok());
  EXPECT_EQ(product->parent, "accounts/demo");
  EXPECT_EQ(product->id, "web");
  const absl::StatusOr<NewName> counter =
      NewCounterName("accounts/demo/products/web/counters/a%2Fb", "");
  ASSERT_TRUE(counter.ok());
  EXPECT_EQ(counter->parent, "accounts/demo/products/web");
  EXPECT_EQ(counter->id, "a/b");
}

TEST(NamesTest, TheShortNameCanBeGivenBack) {
  for (const char* name :
       {"accounts/demo/products/web/counters/a%2Fb", "accounts/demo/products/web/counters/50%25"}) {
    EXPECT_EQ(*CounterName(ShortName(name), ""), name);
  }
  EXPECT_EQ(ShortName("accounts/demo"), "demo");
  EXPECT_EQ(ShortName("accounts/demo/products/web"), "demo/web");
  EXPECT_EQ(ShortName("accounts/demo/products/web/keys/k1"), "demo/web/k1");
  EXPECT_EQ(ShortName("something else"), "something else");
}

}  // namespace
}  // namespace livecounter::cli
