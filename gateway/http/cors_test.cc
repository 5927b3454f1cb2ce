#include "gateway/http/cors.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::_;
using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr char kOrigin[] = "https://shop.example.com";

Request From(const char* origin) {
  Request request;
  request.headers = {{"origin", origin}};
  return request;
}

Product Allowing(std::vector<std::string> origins) {
  Product product;
  product.allowed_origins = std::move(origins);
  return product;
}

Headers CorsOf(const Request& request, const Product* product, Headers headers = {}) {
  AddCors(request, product, &headers);
  return headers;
}

TEST(CorsTest, AnyOriginIsTheSameForEverybody) {
  const Product product = Allowing({"*"});
  for (const Request& request : {Request(), From(kOrigin), From("null")}) {
    const Headers headers = CorsOf(request, &product);
    EXPECT_THAT(headers, Contains(Pair("access-control-allow-origin", "*")));
    EXPECT_THAT(headers, Not(Contains(Key("vary"))));
  }
}

TEST(CorsTest, AnswersAboutNoProductAreForEverybody) {
  EXPECT_THAT(CorsOf(From(kOrigin), nullptr), Contains(Pair("access-control-allow-origin", "*")));
}

TEST(CorsTest, AnAllowedOriginIsNamed) {
  const Product product = Allowing({"https://*.example.com"});
  const Headers headers = CorsOf(From(kOrigin), &product);
  EXPECT_THAT(headers, Contains(Pair("access-control-allow-origin", kOrigin)));
  EXPECT_THAT(headers, Contains(Pair("vary", "Origin")));
}

TEST(CorsTest, AnotherOriginIsNotAndCachesKeepThemApart) {
  const Product product = Allowing({"https://*.example.com"});
  for (const Request& request : {Request(), From("https://evil.test"), From("null")}) {
    const Headers headers = CorsOf(request, &product, {{"vary", "Accept"}});
    EXPECT_THAT(headers, Not(Contains(Key("access-control-allow-origin"))));
    EXPECT_THAT(headers, Contains(Pair("vary", "Accept, Origin")));
  }
}

TEST(CorsTest, CredentialsAreNeverAllowed) {
  const Product product = Allowing({kOrigin});
  EXPECT_THAT(CorsOf(From(kOrigin), &product),
              Not(Contains(Pair("access-control-allow-credentials", _))));
}

TEST(PreflightTest, SaysWhatAPageMaySend) {
  const Product product = Allowing({kOrigin});
  const Response response = Preflight(From(kOrigin), &product, "OPTIONS, GET, HEAD, POST");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_THAT(response.headers, Contains(Pair("access-control-allow-origin", kOrigin)));
  EXPECT_THAT(response.headers,
              Contains(Pair("access-control-allow-methods", "OPTIONS, GET, HEAD, POST")));
  EXPECT_THAT(response.headers, Contains(Pair("access-control-allow-headers",
                                              ::testing::HasSubstr("Idempotency-Key"))));
  EXPECT_THAT(response.headers, Contains(Pair("allow", "OPTIONS, GET, HEAD, POST")));
}

TEST(OriginMayUseTest, IsAskedOfPagesOnly) {
  const Product product = Allowing({kOrigin});
  EXPECT_TRUE(OriginMayUse(Request(), product));
  EXPECT_TRUE(OriginMayUse(From(kOrigin), product));
  EXPECT_FALSE(OriginMayUse(From("https://evil.test"), product));
  EXPECT_FALSE(OriginMayUse(From("null"), product));
  EXPECT_TRUE(OriginMayUse(From("null"), Allowing({"*"})));
}

}  // namespace
}  // namespace livecounter::gateway
