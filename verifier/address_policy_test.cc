#include "verifier/address_policy.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::verifier {
namespace {

using ::testing::HasSubstr;

absl::Status Check(const AddressPolicy& policy, absl::string_view address) {
  return policy.Check(runtime::IpAddress::Parse(address).value());
}

AddressPolicy Allowing(absl::string_view ranges) {
  runtime::IpRanges parsed;
  std::string error;
  EXPECT_TRUE(AbslParseFlag(ranges, &parsed, &error)) << error;
  return AddressPolicy(parsed);
}

TEST(AddressPolicyTest, PublicAddressesAreTaken) {
  for (const char* address :
       {"1.1.1.1",         "8.8.8.8",         "9.255.255.255",        "11.0.0.0",
        "100.63.255.255",  "100.128.0.0",     "126.255.255.255",      "128.0.0.0",
        "169.253.255.255", "169.255.0.0",     "172.15.255.255",       "172.32.0.0",
        "192.0.1.0",       "192.167.255.255", "192.169.0.0",          "198.17.255.255",
        "198.20.0.0",      "223.255.255.255", "168.63.129.15",        "::ffff:8.8.8.8",
        "2606:4700::1111", "2a00:1450::1",    "2001:4860:4860::8888", "2003::1",
        "2001:200::1"}) {
    EXPECT_TRUE(Check(AddressPolicy(), address).ok()) << address;
  }
}

TEST(AddressPolicyTest, OthersAreRefusedByTheirKind) {
  const std::pair<const char*, const char*> cases[] = {
      {"0.0.0.0", "this network"},
      {"0.255.255.255", "this network"},
      {"10.0.0.1", "private"},
      {"100.64.0.0", "carrier-grade NAT"},
      {"100.100.100.200", "carrier-grade NAT"},
      {"100.127.255.255", "carrier-grade NAT"},
      {"127.0.0.1", "loopback"},
      {"127.255.255.255", "loopback"},
      {"168.63.129.16", "metadata"},
      {"169.254.0.1", "link-local"},
      {"169.254.169.254", "metadata"},
      {"172.16.0.1", "private"},
      {"172.31.255.255", "private"},
      {"192.0.0.192", "reserved"},
      {"192.0.2.1", "documentation"},
      {"192.88.99.1", "6to4"},
      {"192.168.1.1", "private"},
      {"198.18.0.1", "benchmarking"},
      {"198.19.255.255", "benchmarking"},
      {"198.51.100.1", "documentation"},
      {"203.0.113.1", "documentation"},
      {"224.0.0.1", "multicast"},
      {"239.255.255.255", "multicast"},
      {"240.0.0.1", "reserved"},
      {"255.255.255.255", "broadcast"},
      {"::", "unspecified"},
      {"::1", "loopback"},
      {"::127.0.0.1", "IPv4-compatible"},
      {"::8.8.8.8", "IPv4-compatible"},
      {"::ffff:127.0.0.1", "loopback"},
      {"::ffff:10.0.0.1", "private"},
      {"::ffff:169.254.169.254", "metadata"},
      {"64:ff9b::7f00:1", "NAT64"},
      {"64:ff9b::8.8.8.8", "NAT64"},
      {"64:ff9b:1::a00:1", "NAT64"},
      {"100::1", "discard"},
      {"2001::7f00:1", "Teredo"},
      {"2001:2::1", "benchmarking"},
      {"2001:10::1", "reserved"},
      {"2001:20::1", "reserved"},
      {"2001:db8::1", "documentation"},
      {"2002:7f00:1::", "6to4"},
      {"2002:808:808::", "6to4"},
      {"3fff::1", "documentation"},
      {"4000::1", "reserved"},
      {"5f00::1", "reserved"},
      {"fc00::1", "unique-local"},
      {"fd00:ec2::254", "metadata"},
      {"fdff::1", "unique-local"},
      {"fe80::1", "link-local"},
      {"febf::1", "link-local"},
      {"fec0::1", "site-local"},
      {"ff02::1", "multicast"},
  };
  for (const auto& [address, kind] : cases) {
    const absl::Status status = Check(AddressPolicy(), address);
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << address;
    EXPECT_THAT(std::string(status.message()), HasSubstr(kind)) << address;
  }
}

TEST(AddressPolicyTest, TheMessageNamesTheAddressItsRangeAndTheWayOut) {
  EXPECT_EQ(
      Check(AddressPolicy(), "10.1.2.3").message(),
      "10.1.2.3 is a private address (10.0.0.0/8); an endpoint must have a public address, or "
      "one in a range that --verifier_allow_private_networks names");
}

TEST(AddressPolicyTest, NamedRangesAreTakenAndNoOthers) {
  const AddressPolicy policy = Allowing("127.0.0.0/8,fd12::/16");
  EXPECT_TRUE(Check(policy, "127.0.0.1").ok());
  EXPECT_TRUE(Check(policy, "::ffff:127.0.0.1").ok());
  EXPECT_TRUE(Check(policy, "fd12::1").ok());
  EXPECT_FALSE(Check(policy, "fd13::1").ok());
  EXPECT_FALSE(Check(policy, "::1").ok());
  EXPECT_FALSE(Check(policy, "::127.0.0.1").ok()) << "another way to write it is another range";
  EXPECT_FALSE(Check(policy, "10.0.0.1").ok());
}

}  // namespace
}  // namespace livecounter::verifier
