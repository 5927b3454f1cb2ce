#include "gateway/origins.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

bool Allows(const std::string& entry, absl::string_view origin) {
  return OriginIsAllowed({entry}, origin);
}

TEST(OriginsTest, StarAllowsAnything) {
  for (const char* origin : {"https://example.com", "http://localhost:3000", "null", "", "?"}) {
    EXPECT_TRUE(Allows("*", origin)) << origin;
  }
  EXPECT_TRUE(AnyOriginIsAllowed({"https://example.com", "*"}));
  EXPECT_FALSE(AnyOriginIsAllowed({"https://*.example.com"}));
}

TEST(OriginsTest, NothingIsAllowedByAnEmptyList) {
  EXPECT_FALSE(OriginIsAllowed({}, "https://example.com"));
  EXPECT_FALSE(OriginIsAllowed({}, "null"));
}

TEST(OriginsTest, SchemeHostAndPortMustBeTheSame) {
  EXPECT_TRUE(Allows("https://example.com", "https://example.com"));
  EXPECT_FALSE(Allows("https://example.com", "http://example.com"));
  EXPECT_FALSE(Allows("https://example.com", "https://www.example.com"));
  EXPECT_FALSE(Allows("https://example.com", "https://example.com:8443"));
  EXPECT_TRUE(Allows("http://localhost:3000", "http://localhost:3000"));
  EXPECT_FALSE(Allows("http://localhost:3000", "http://localhost:3001"));
  EXPECT_TRUE(Allows("http://[::1]:3000", "http://[::1]:3000"));
  EXPECT_TRUE(Allows("http://[::1]", "http://[::1]:80"));
  EXPECT_TRUE(Allows("app://bundle", "app://bundle"));
}

TEST(OriginsTest, TheDefaultPortIsTheSameAsNone) {
  EXPECT_TRUE(Allows("https://example.com:443", "https://example.com"));
  EXPECT_TRUE(Allows("https://example.com", "https://example.com:443"));
  EXPECT_TRUE(Allows("http://example.com", "http://example.com:80"));
  EXPECT_FALSE(Allows("http://example.com", "http://example.com:443"));
}

TEST(OriginsTest, CaseDoesNotMatter) {
  EXPECT_TRUE(Allows("https://Example.COM", "https://example.com"));
  EXPECT_TRUE(Allows("https://example.com", "HTTPS://EXAMPLE.com"));
  EXPECT_TRUE(Allows("https://*.Example.com", "https://Shop.example.com"));
}

TEST(OriginsTest, HostsThatOnlyLookAlikeAreOthers) {
  for (const char* origin : {
           "https://example.com.evil.test",
           "https://evilexample.com",
           "https://example.com.",
           "https://example.co",
           "https://example.comm",
           "https://ex\xC3\xA4mple.com",
           "https://xn--exmple-cua.com",
           "https://example.com@evil.test",
           "https://evil.test/https://example.com",
           "https://example.com/",
           "https://example.com?",
           "https://example.com:443:443",
           "https://example.com:",
           "https://example.com:0",
           "https://example.com:0443",
           "https://example.com:000443",
           "https://example.com:99999999999999999999",
           "https://example.com:65536",
           " https://example.com",
           "https://example.com ",
           "example.com",
           "//example.com",
           "://example.com",
           "https:example.com",
           "https://",
           "null",
           "",
       }) {
    EXPECT_FALSE(Allows("https://example.com", origin)) << origin;
  }
}

TEST(OriginsTest, InternationalNamesAreComparedInTheirAsciiForm) {
  EXPECT_TRUE(Allows("https://xn--exmple-cua.com", "https://xn--exmple-cua.com"));
  EXPECT_FALSE(Allows("https://ex\xC3\xA4mple.com", "https://xn--exmple-cua.com"));
}

TEST(OriginsTest, AWildcardStandsForExactlyOneLabel) {
  EXPECT_TRUE(Allows("https://*.example.com", "https://shop.example.com"));
  EXPECT_TRUE(Allows("https://*.example.com:8443", "https://shop.example.com:8443"));
  for (const char* origin : {
           "https://example.com",
           "https://.example.com",
           "https://a.b.example.com",
           "https://shop.example.com.",
           "https://shop.example.com.evil.test",
           "https://shopexample.com",
           "https://shop.example.com:8443",
           "http://shop.example.com",
           "https://*.example.com",
       }) {
    EXPECT_FALSE(Allows("https://*.example.com", origin)) << origin;
  }
}

TEST(OriginsTest, EntriesThatAreNoOriginsMatchNothing) {
  for (const char* entry :
       {"", "null", "example.com", "https://*", "https://*example.com", "https://a.*.com",
        "https://*.", "https://example.com/", "*.example.com", "https://**.example.com"}) {
    for (const char* origin : {"https://example.com", "https://a.example.com", "null", "", entry}) {
      EXPECT_FALSE(Allows(entry, origin)) << entry << " and " << origin;
    }
  }
}

TEST(OriginsTest, OneMatchingEntryIsEnough) {
  const std::vector<std::string> allowed = {"https://a.test", "broken", "https://b.test"};
  EXPECT_TRUE(OriginIsAllowed(allowed, "https://b.test"));
  EXPECT_FALSE(OriginIsAllowed(allowed, "https://c.test"));
}

}  // namespace
}  // namespace livecounter::gateway
