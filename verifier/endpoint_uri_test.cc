#include "verifier/endpoint_uri.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::verifier {
namespace {

using ::testing::HasSubstr;

TEST(EndpointUriTest, HasAHostAndAPort) {
  const auto uri = ParseEndpointUri("https://Shop.Example/verify?a=b");
  ASSERT_TRUE(uri.ok()) << uri.status();
  EXPECT_EQ(uri->host, "shop.example");
  EXPECT_EQ(uri->port, 443);
  EXPECT_EQ(uri->address, absl::nullopt);
  EXPECT_THAT(uri->uri, HasSubstr("/verify?a=b"));
  EXPECT_EQ(ParseEndpointUri("http://shop.example")->port, 80);
  EXPECT_EQ(ParseEndpointUri("http://shop.example:8080/")->port, 8080);
  EXPECT_EQ(ParseEndpointUri("https://xn--bcher-kva.example/")->host, "xn--bcher-kva.example");
}

TEST(EndpointUriTest, AddressesAreKnownInWhateverSpelling) {
  const std::pair<const char*, const char*> cases[] = {
      {"http://127.0.0.1/", "127.0.0.1"},
      {"http://2130706433/", "127.0.0.1"},
      {"http://0x7f000001/", "127.0.0.1"},
      {"http://0177.0.0.1/", "127.0.0.1"},
      {"http://0x7f.1/", "127.0.0.1"},
      {"http://127.1/", "127.0.0.1"},
      {"http://[::1]/", "::1"},
      {"http://[0:0:0:0:0:0:0:1]/", "::1"},
      {"http://[::ffff:7f00:1]/", "127.0.0.1"},
  };
  for (const auto& [text, address] : cases) {
    const auto uri = ParseEndpointUri(text);
    ASSERT_TRUE(uri.ok()) << text << uri.status();
    ASSERT_TRUE(uri->address) << text << " has the host " << uri->host;
    EXPECT_EQ(uri->address->ToString(), address) << text;
  }
}

TEST(EndpointUriTest, WhatIsNoneIsToldWithTheReason) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "is empty"},
      {"shop.example/verify", "cannot be read"},
      {"ftp://shop.example/", "scheme \"ftp\""},
      {"file:///etc/passwd", "scheme \"file\""},
      {"gopher://shop.example/", "scheme \"gopher\""},
      {"javascript:alert(1)", "cannot be read"},
      {"https://", "cannot be read"},
      {"https:///verify", "two slashes"},
      {"https:/shop.example/", "two slashes"},
      {"https://user@shop.example/", "a user or a password"},
      {"https://user:secret@shop.example/", "a user or a password"},
      {"https://shop.example@127.0.0.1/", "a user or a password"},
      {"https://@127.0.0.1/", "a user or a password"},
      {"http://%31%32%37.0.0.1/", "an escape"},
      {"http://21%300643/", "an escape"},
      {"https://shop.example/#part", "a fragment"},
      {"http://[fe80::1%25eth0]/", "zone"},
      {"http://shop.example:0/", "port"},
      {"http://shop.example:65536/", "cannot be read"},
      {"http://shop.example:80:90/", "cannot be read"},
      {"http://shop.example/a b", "blanks"},
      {" http://shop.example/", "blanks"},
      {"http://shop.example/\n", "blanks"},
      {std::string("http://shop.example/\0x", 22), "blanks"},
      {"http://b\xc3\xbc"
       "cher.example/",
       "xn--"},
      {"http://[::1/", "cannot be read"},
      {"http://shop,example/", "cannot be read"},
      {"http://shop%2eexample%00/", "cannot be read"},
      {absl::StrCat("https://shop.example/", std::string(2048, 'a')), "2069 bytes"},
  };
  for (const auto& [text, reason] : cases) {
    const absl::Status status = ParseEndpointUri(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(reason)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("https://host/path")) << text;
  }
}

}  // namespace
}  // namespace livecounter::verifier
