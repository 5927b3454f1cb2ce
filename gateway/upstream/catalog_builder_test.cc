#include "gateway/upstream/catalog_builder.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kP[] = "accounts/a/products/p";
constexpr char kQ[] = "accounts/a/products/q";

v1::EdgeProduct Minimal(const std::string& name) {
  v1::EdgeProduct product;
  product.set_name(name);
  product.set_active(true);
  product.add_api_keys(name + "-key");
  product.set_presence_secret(std::string(32, 's'));
  return product;
}

v1::WatchCatalogResponse Message(std::vector<v1::EdgeProduct> products, bool complete) {
  v1::WatchCatalogResponse message;
  for (v1::EdgeProduct& product : products) *message.add_products() = std::move(product);
  message.set_complete(complete);
  return message;
}

TEST(CatalogBuilderTest, NothingIsInForceBeforeAllHasCome) {
  CatalogBuilder builder({});
  EXPECT_TRUE(builder.Apply(Message({Minimal(kP)}, false)).ok());
  EXPECT_FALSE(builder.is_complete());
  EXPECT_EQ(builder.Build()->FindByName(kP), nullptr);
  EXPECT_TRUE(builder.Apply(Message({Minimal(kQ)}, true)).ok());
  EXPECT_TRUE(builder.is_complete());
  EXPECT_NE(builder.Build()->FindByName(kP), nullptr);
  EXPECT_NE(builder.Build()->FindByName(kQ), nullptr);
}

TEST(CatalogBuilderTest, ThenChangesAreInForceAsTheyCome) {
  CatalogBuilder builder({});
  EXPECT_TRUE(builder.Apply(Message({Minimal(kP), Minimal(kQ)}, true)).ok());
  v1::EdgeProduct inactive = Minimal(kP);
  inactive.set_active(false);
  EXPECT_TRUE(builder.Apply(Message({inactive}, false)).ok());
  EXPECT_FALSE(builder.Build()->FindByName(kP)->active);
  v1::WatchCatalogResponse removed;
  removed.add_removed(kQ);
  EXPECT_TRUE(builder.Apply(removed).ok());
  EXPECT_EQ(builder.Build()->FindByName(kQ), nullptr);
  EXPECT_EQ(builder.products(), 1u);
}

TEST(CatalogBuilderTest, ANewStreamReplacesItOnlyWhole) {
  CatalogBuilder builder({});
  EXPECT_TRUE(builder.Apply(Message({Minimal(kP), Minimal(kQ)}, true)).ok());
  builder.Restart();
  EXPECT_TRUE(builder.Apply(Message({Minimal(kQ)}, false)).ok());
  EXPECT_NE(builder.Build()->FindByName(kP), nullptr) << "the last one stays in force";
  builder.Restart();
  EXPECT_TRUE(builder.Apply(Message({}, false)).ok());
  EXPECT_TRUE(builder.Apply(Message({Minimal(kP)}, true)).ok());
  EXPECT_NE(builder.Build()->FindByName(kP), nullptr);
  EXPECT_EQ(builder.Build()->FindByName(kQ), nullptr) << "what was not among them is gone";
}

TEST(CatalogBuilderTest, WhatIsAsItWasIsTheSameObject) {
  CatalogBuilder builder({});
  EXPECT_TRUE(builder.Apply(Message({Minimal(kP), Minimal(kQ)}, true)).ok());
  const ProductTablePtr before = builder.Build();
  builder.Restart();
  v1::EdgeProduct changed = Minimal(kQ);
  changed.set_max_connections(5);
  EXPECT_TRUE(builder.Apply(Message({Minimal(kP), changed}, true)).ok());
  const ProductTablePtr after = builder.Build();
  EXPECT_EQ(after->FindByName(kP), before->FindByName(kP));
  EXPECT_NE(after->FindByName(kQ), before->FindByName(kQ));
  EXPECT_EQ(before->FindByName(kQ)->max_connections, 0) << "tables do not change";
}

TEST(CatalogBuilderTest, DecodesEveryField) {
  v1::EdgeProduct message = Minimal(kP);
  message.add_allowed_origins("https://shop.example");
  message.set_auto_create_counters(true);
  message.mutable_min_update_interval()->set_nanos(250'000'000);
  message.mutable_clean_leave_grace()->set_seconds(2);
  message.mutable_lost_leave_grace()->set_seconds(20);
  message.set_max_connections(3);
  message.set_max_connections_per_ip(4);
  message.set_max_posts_per_second(5.5);
  message.set_life(6);
  message.mutable_verification()->set_endpoint_uri("https://shop.example/verify");
  message.mutable_verification()->set_signing_secret("whsec_x");
  CatalogBuilder builder({.public_key = std::string(kP) + "-key"});
  EXPECT_TRUE(builder.Apply(Message({message}, true)).ok());
  const ProductPtr product = builder.Build()->PublicProduct();
  ASSERT_NE(product, nullptr);
  EXPECT_EQ(product->name, kP);
  EXPECT_TRUE(product->active);
  EXPECT_THAT(product->api_keys, ElementsAre(std::string(kP) + "-key"));
  EXPECT_THAT(product->allowed_origins, ElementsAre("https://shop.example"));
  EXPECT_TRUE(product->auto_create_counters);
  EXPECT_EQ(product->min_update_interval, absl::Milliseconds(250));
  EXPECT_EQ(product->clean_leave_grace, absl::Seconds(2));
  EXPECT_EQ(product->lost_leave_grace, absl::Seconds(20));
  EXPECT_EQ(product->max_connections, 3);
  EXPECT_EQ(product->max_connections_per_ip, 4);
  EXPECT_EQ(product->max_hits_per_second, 5.5);
  EXPECT_EQ(product->life, 6u);
  EXPECT_EQ(product->presence_secret[31], 's');
  EXPECT_EQ(product->verification, (Verification{"https://shop.example/verify", "whsec_x"}));
}

TEST(CatalogBuilderTest, TheGatewaysIntervalIsThatOfProductsWithTheDefault) {
  CatalogBuilder builder({.min_update_interval = absl::Seconds(2)});
  v1::EdgeProduct written = Minimal(kQ);
  written.mutable_min_update_interval()->set_nanos(100'000'000);
  EXPECT_TRUE(builder.Apply(Message({Minimal(kP), written}, true)).ok());
  EXPECT_EQ(builder.Build()->FindByName(kP)->min_update_interval, absl::Seconds(2));
  EXPECT_EQ(builder.Build()->FindByName(kQ)->min_update_interval, absl::Seconds(2));
  EXPECT_EQ(builder.Build()->FindByName(kP)->lost_leave_grace, absl::Seconds(10));
}

TEST(CatalogBuilderTest, ALongerIntervalOfTheGatewayHoldsForAllAndAShorterOneIsAProductsChoice) {
  struct Case {
    int of_gateway_ms, of_product_ms, expected_ms;
  };
  for (const Case& each : {Case{100, 20, 20}, Case{100, 250, 250}, Case{500, 20, 500},
                           Case{500, 2'000, 2'000}, Case{10, 100, 10}, Case{10, 50, 50}}) {
    CatalogBuilder builder({.min_update_interval = absl::Milliseconds(each.of_gateway_ms)});
    v1::EdgeProduct message = Minimal(kP);
    message.mutable_min_update_interval()->set_seconds(each.of_product_ms / 1000);
    message.mutable_min_update_interval()->set_nanos(each.of_product_ms % 1000 * 1'000'000);
    EXPECT_TRUE(builder.Apply(Message({message}, true)).ok());
    EXPECT_EQ(builder.Build()->FindByName(kP)->min_update_interval,
              absl::Milliseconds(each.expected_ms))
        << each.of_gateway_ms << " and " << each.of_product_ms;
  }
}

TEST(CatalogBuilderTest, AProductThatIsWrongIsLeftOutAndTheOthersAreNot) {
  CatalogBuilder builder({});
  v1::EdgeProduct wrong = Minimal(kP);
  wrong.set_presence_secret("short");
  const absl::Status status = builder.Apply(Message({wrong, Minimal(kQ)}, true));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("presence_secret has 5 bytes"));
  EXPECT_EQ(builder.Build()->FindByName(kP), nullptr);
  EXPECT_NE(builder.Build()->FindByName(kQ), nullptr);
  EXPECT_FALSE(builder.Apply(Message({Minimal("p")}, false)).ok());
}

}  // namespace
}  // namespace livecounter::gateway
