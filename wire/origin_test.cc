#include "wire/origin.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::wire {
namespace {

using ::testing::HasSubstr;

TEST(OriginTest, HasSchemeHostAndPort) {
  const auto origin = ParseOrigin("HTTPS://Shop.example:8443");
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->scheme, "https");
  EXPECT_EQ(origin->host, "shop.example");
  EXPECT_EQ(origin->port, 8443);
  EXPECT_EQ(ParseOrigin("https://a.test")->port, 443);
  EXPECT_EQ(ParseOrigin("http://a.test")->port, 80);
  EXPECT_EQ(ParseOrigin("app://bundle")->port, 0);
}

TEST(OriginTest, OnlyAnEntryMayLeaveALabelOpen) {
  EXPECT_FALSE(ParseOrigin("https://*.shop.example"));
  EXPECT_EQ(ParseOriginEntry("https://*.Shop.example")->host, "*.shop.example");
}

TEST(OriginTest, EntriesAreOriginsOrAStar) {
  for (const char* entry : {"*", "https://shop.example", "https://*.shop.example",
                            "http://localhost:3000", "http://[::1]:3000", "app://bundle"}) {
    EXPECT_TRUE(CheckOriginEntry(entry).ok()) << entry;
  }
  for (const std::string& entry : std::initializer_list<std::string>{
           "", "null", "shop.example", "https://", "https://*", "https://*shop.example",
           "https://a.*.example", "https://shop.example/", "https://shop.example/path", "**",
           "https://shop.example:0", "https://shop.example:0443", "https://shop.example:65536",
           "https://b\xC3\xBC.example", "https://" + std::string(300, 'a')}) {
    const absl::Status status = CheckOriginEntry(entry);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << entry;
    EXPECT_THAT(std::string(status.message()), HasSubstr("https://*.shop.example")) << entry;
  }
}

}  // namespace
}  // namespace livecounter::wire
