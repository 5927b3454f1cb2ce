#include "wire/names.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::wire {
namespace {

using ::testing::HasSubstr;

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

TEST(NamesTest, AProductNameHasTwoPlainIds) {
  EXPECT_TRUE(CheckProductName("accounts/a/products/p").ok());
  EXPECT_TRUE(CheckProductName("accounts/Az-09/products/_.~").ok());
  EXPECT_TRUE(CheckProductName("accounts/" + std::string(64, 'a') + "/products/p").ok());
  for (const std::string& name : std::initializer_list<std::string>{
           "", "accounts", "accounts/a", "accounts/a/products", "accounts/a/products/",
           "accounts//products/p", "accounts/a/products/p/", "accounts/a/products/p/counters/c",
           "Accounts/a/products/p", "accounts/a/product/p", "accounts/a b/products/p",
           "accounts/a/products/é", "accounts/a%41/products/p",
           "accounts/" + std::string(65, 'a') + "/products/p"}) {
    EXPECT_EQ(CheckProductName(name).code(), kInvalid) << name;
  }
}

TEST(NamesTest, AccountsAndApiKeysHavePlainIdsToo) {
  EXPECT_TRUE(CheckAccountName("accounts/a").ok());
  for (const char* name : {"", "accounts", "accounts/", "accounts/a/", "accounts/-/x", "account/a",
                           "accounts/a/products/p", "accounts/a b"}) {
    EXPECT_EQ(CheckAccountName(name).code(), kInvalid) << name;
  }
  EXPECT_TRUE(CheckApiKeyName("accounts/a/products/p/keys/k").ok());
  for (const char* name : {"", "accounts/a/products/p", "accounts/a/products/p/keys",
                           "accounts/a/products/p/keys/", "accounts/a/products/p/counters/k"}) {
    EXPECT_EQ(CheckApiKeyName(name).code(), kInvalid) << name;
  }
  EXPECT_TRUE(CheckResourceId("shop-1").ok());
  EXPECT_THAT(std::string(CheckResourceId("shop/1").message()), HasSubstr("1 to 64 letters"));
}

TEST(NamesTest, WhatStandsInAnAccountOrProductNamesIt) {
  EXPECT_EQ(AccountOf("accounts/a"), "accounts/a");
  EXPECT_EQ(AccountOf("accounts/a/products/p/keys/k"), "accounts/a");
  EXPECT_EQ(ProductOf("accounts/a/products/p"), "accounts/a/products/p");
  EXPECT_EQ(ProductOf("accounts/a/products/p/counters/c"), "accounts/a/products/p");
}

TEST(NamesTest, ACounterIdIsUpTo2048BytesOfText) {
  EXPECT_TRUE(CheckCounterId("c").ok());
  EXPECT_TRUE(CheckCounterId("https://example.org/a?b=c#d é").ok());
  EXPECT_TRUE(CheckCounterId(std::string(2048, 'c')).ok());
  EXPECT_EQ(CheckCounterId("").code(), kInvalid);
  EXPECT_EQ(CheckCounterId(std::string(2049, 'c')).code(), kInvalid);
  EXPECT_EQ(CheckCounterId("\xFF").code(), kInvalid);
}

TEST(NamesTest, AHitCounterIdIsUpTo64BytesWithoutSlash) {
  EXPECT_TRUE(CheckHitCounterId("1").ok());
  EXPECT_TRUE(CheckHitCounterId(std::string(64, 'c')).ok());
  EXPECT_EQ(CheckHitCounterId("").code(), kInvalid);
  EXPECT_EQ(CheckHitCounterId(std::string(65, 'c')).code(), kInvalid);
  EXPECT_EQ(CheckHitCounterId("a/b").code(), kInvalid);
  EXPECT_EQ(CheckHitCounterId("\xC3").code(), kInvalid);
}

TEST(NamesTest, CounterNamesSurviveARoundTrip) {
  for (const std::string& id :
       std::initializer_list<std::string>{"2", "a/b", "100%", "%2F", "é", " ", "..",
                                          std::string("\0", 1), std::string(2048, '/')}) {
    const CounterId counter{"accounts/a/products/p", id};
    EXPECT_EQ(ParseCounterName(CounterName(counter)).value(), counter) << id;
  }
  EXPECT_EQ(CounterName({"accounts/a/products/p", "a/b"}), "accounts/a/products/p/counters/a%2Fb");
}

TEST(NamesTest, WhatIsNoCounterNameIsRefusedWithItsForm) {
  for (const char* name : {"", "/", "2", "accounts/a/products/p", "accounts/a/products/p/counters",
                           "accounts/a/products/p/counters/a/b", "accounts/a/products/p/counter/c",
                           "accounts//products/p/counters/c", "accounts/a/products/p/counters/c/",
                           "x/accounts/a/products/p/counters/c"}) {
    const auto counter = ParseCounterName(name);
    EXPECT_EQ(counter.status().code(), kInvalid) << name;
    EXPECT_THAT(std::string(counter.status().message()),
                HasSubstr("accounts/{account}/products/{product}/counters/{counter}"));
  }
}

TEST(NamesTest, TheLastPartOfACounterNameIsDecodedAndChecked) {
  EXPECT_EQ(ParseCounterName("accounts/a/products/p/counters/").status().code(), kInvalid);
  EXPECT_EQ(ParseCounterName("accounts/a/products/p/counters/%FF").status().code(), kInvalid);
  EXPECT_EQ(ParseCounterName("accounts/a/products/p/counters/%4").status().code(), kInvalid);
  EXPECT_EQ(
      ParseCounterName("accounts/a/products/p/counters/" + std::string(2049, 'c')).status().code(),
      kInvalid);
}

TEST(NamesTest, AMessageShowsAtMostTheBeginningOfWhatWasSent) {
  EXPECT_LT(ParseCounterName(std::string(100'000, '\n')).status().message().size(), 1'000u);
}

}  // namespace
}  // namespace livecounter::wire
