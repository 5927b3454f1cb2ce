#include "gateway/client_address.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

constexpr char kTrusted[] = "10.0.0.0/8,192.0.2.7,2001:db8:f::/48";

std::string AddressOf(absl::string_view peer, absl::string_view forwarded_for,
                      absl::string_view trusted = kTrusted) {
  Request request;
  request.peer_address = std::string(peer);
  request.headers = {{"x-forwarded-for", std::string(forwarded_for)}};
  runtime::IpRanges ranges;
  std::string error;
  EXPECT_TRUE(AbslParseFlag(trusted, &ranges, &error)) << error;
  return ClientAddress(request, ranges).ToString();
}

TEST(ClientAddressTest, IsThePeerWhereThatIsNoTrustedProxy) {
  EXPECT_EQ(AddressOf("203.0.113.9", "198.51.100.1"), "203.0.113.9");
  EXPECT_EQ(AddressOf("2001:db8::9", "198.51.100.1"), "2001:db8::9");
  EXPECT_EQ(AddressOf("10.0.0.1", "198.51.100.1", /*trusted=*/""), "10.0.0.1");
  Request bare;
  bare.peer_address = "203.0.113.9";
  EXPECT_EQ(ClientAddress(bare, {}).ToString(), "203.0.113.9");
}

TEST(ClientAddressTest, IsTheRightmostHopThatIsNoTrustedProxy) {
  struct Case {
    const char* what;
    const char* forwarded_for;
    const char* address;
  };
  const Case cases[] = {
      {"one proxy", "198.51.100.1", "198.51.100.1"},
      {"two proxies", "198.51.100.1, 10.1.1.1", "198.51.100.1"},
      {"no spaces, or more of them", "198.51.100.1,10.1.1.1 ,\t10.1.1.2", "198.51.100.1"},
      {"the client made some up", "1.1.1.1, 10.2.2.2, 198.51.100.1, 10.1.1.1", "198.51.100.1"},
      {"the client wrote rubbish", "<script>, 198.51.100.1, 10.1.1.1", "198.51.100.1"},
      {"all are trusted", "10.3.3.3, 192.0.2.7", "10.3.3.3"},
      {"none", "", "10.0.0.1"},
      {"empty items", ", 198.51.100.1, ,10.1.1.1,", "198.51.100.1"},
      {"only commas", ",, ,", "10.0.0.1"},
      {"a port", "198.51.100.1:4711, 10.1.1.1:80", "198.51.100.1"},
      {"IPv6", "2001:db8::5, 2001:db8:f::1", "2001:db8::5"},
      {"brackets", "[2001:db8::5], [2001:db8:f::1]", "2001:db8::5"},
      {"brackets and a port", "[2001:db8::5]:4711, [2001:db8:f::1]:443", "2001:db8::5"},
      {"a mapped proxy", "198.51.100.1, ::ffff:10.1.1.1", "198.51.100.1"},
      {"a mapped client", "::ffff:198.51.100.1", "198.51.100.1"},
      {"a mapped client in brackets", "[::ffff:198.51.100.1]:1", "198.51.100.1"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(AddressOf("10.0.0.1", each.forwarded_for), each.address) << each.what;
  }
}

TEST(ClientAddressTest, AHopThatCannotBeReadIsTheProxyThatAddedIt) {
  for (const char* hop :
       {"unknown", "_hidden", "198.51.100.1.1", "198.51.100.1:", "198.51.100.1:http",
        "198.51.100.1:123456", "[2001:db8::5", "2001:db8::5]", "[2001:db8::5]443",
        "[2001:db8::5]:", "[198.51.100.1]", "[]", ":80", "\"198.51.100.1\"", "for=198.51.100.1",
        "fe80::1%eth0", "198.51.100.1 10.1.1.1", "1"}) {
    EXPECT_EQ(AddressOf("10.0.0.1", absl::StrCat("198.51.100.9, ", hop, ", 10.1.1.1")), "10.1.1.1")
        << hop;
  }
}

TEST(ClientAddressTest, APeerThatIsMappedOrUnknownIsReadAllTheSame) {
  EXPECT_EQ(AddressOf("::ffff:10.0.0.1", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(AddressOf("", "198.51.100.1"), "::");
}

}  // namespace
}  // namespace livecounter::gateway
