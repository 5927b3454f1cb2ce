#include "services/runtime/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <utility>

#include "absl/hash/hash_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

using ::testing::HasSubstr;

IpAddress Ip(absl::string_view text) {
  const auto address = IpAddress::Parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress());
}

TEST(IpAddressTest, ReadsBothFamilies) {
  for (const auto& [text, printed] :
       {std::pair("1.2.3.4", "1.2.3.4"), std::pair("0.0.0.0", "0.0.0.0"),
        std::pair("2001:DB8:0:0::1", "2001:db8::1"), std::pair("::", "::"),
        std::pair("::1", "::1")}) {
    EXPECT_EQ(Ip(text).ToString(), printed);
  }
  EXPECT_TRUE(Ip("1.2.3.4").is_v4());
  EXPECT_FALSE(Ip("::1").is_v4());
}

TEST(IpAddressTest, AMappedAddressIsTheIPv4One) {
  EXPECT_EQ(Ip("::ffff:1.2.3.4"), Ip("1.2.3.4"));
  EXPECT_EQ(Ip("::ffff:102:304").ToString(), "1.2.3.4");
  EXPECT_NE(Ip("::1.2.3.4"), Ip("1.2.3.4"));
}

TEST(IpAddressTest, OfASocketIsThatOfBothFamiliesAndNoOther) {
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0x01020304);
  EXPECT_EQ(IpAddress::FromSocketAddress(reinterpret_cast<const sockaddr&>(v4)), Ip("1.2.3.4"));
  sockaddr_in6 v6 = {};
  v6.sin6_family = AF_INET6;
  for (const char* text : {"2001:db8::1", "::ffff:1.2.3.4"}) {
    ASSERT_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    EXPECT_EQ(IpAddress::FromSocketAddress(reinterpret_cast<const sockaddr&>(v6)), Ip(text));
  }
  v6.sin6_family = AF_UNIX;
  EXPECT_EQ(IpAddress::FromSocketAddress(reinterpret_cast<const sockaddr&>(v6)), absl::nullopt);
}

TEST(IpAddressTest, OtherTextIsNone) {
  for (const std::string& text :
       {std::string(), std::string("localhost"), std::string("1.2.3"), std::string("1.2.3.4.5"),
        std::string("256.1.1.1"), std::string("1.2.3.4 "), std::string("1.2.3.4:80"),
        std::string("[::1]"), std::string("fe80::1%eth0"), std::string("1::2::3"),
        std::string("0x7f.0.0.1"), std::string("010.0.0.1"), std::string("1.2.3.4\0x", 9)}) {
    EXPECT_FALSE(IpAddress::Parse(text)) << text;
  }
}

TEST(IpAddressTest, ASiteIsAnIPv4AddressOrASlash64) {
  EXPECT_EQ(Ip("1.2.3.4").Site(), Ip("1.2.3.4"));
  EXPECT_EQ(Ip("2001:db8:1:2:3:4:5:6").Site(), Ip("2001:db8:1:2::"));
  EXPECT_NE(Ip("2001:db8:1:2::1").Site(), Ip("2001:db8:1:3::1").Site());
}

TEST(IpAddressTest, HashesAsItCompares) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {IpAddress(), Ip("1.2.3.4"), Ip("::ffff:1.2.3.4"), Ip("1.2.3.5"), Ip("2001:db8::1")}));
}

TEST(IpRangeTest, HoldsWhatBeginsWithItsBits) {
  struct Case {
    const char* range;
    const char* address;
    bool contains;
  };
  const Case cases[] = {
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.1.2.3/8", "10.9.9.9", true},
      {"192.168.4.0/22", "192.168.7.255", true},
      {"192.168.4.0/22", "192.168.8.0", false},
      {"0.0.0.0/0", "8.8.8.8", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "8.8.8.8", false},
      {"10.0.0.1", "10.0.0.1", true},
      {"10.0.0.1", "10.0.0.2", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::1/128", "::1", true},
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"::ffff:10.0.0.0/104", "10.1.2.3", true},
      {"::ffff:10.0.0.0/104", "11.1.2.3", false},
  };
  for (const Case& each : cases) {
    const auto range = IpRange::Parse(each.range);
    ASSERT_TRUE(range.ok()) << range.status();
    EXPECT_EQ(range->Contains(Ip(each.address)), each.contains)
        << each.range << " " << each.address;
  }
}

TEST(IpRangeTest, SaysWhatIsWrong) {
  for (const char* text : {"", "/8", "example.com", "10.0.0.0.0/8", "[::1]/128"}) {
    EXPECT_THAT(std::string(IpRange::Parse(text).status().message()), HasSubstr("is no IP address"))
        << text;
  }
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/ 8",
                           "10.0.0.0/255.0.0.0"}) {
    EXPECT_THAT(std::string(IpRange::Parse(text).status().message()), HasSubstr("of 0 to 32"));
  }
  EXPECT_THAT(std::string(IpRange::Parse("::/129").status().message()), HasSubstr("of 0 to 128"));
}

TEST(IpRangesTest, AreAFlag) {
  IpRanges ranges;
  std::string error;
  ASSERT_TRUE(AbslParseFlag("10.1.0.0/8, ::1,,2001:db8::/32", &ranges, &error)) << error;
  EXPECT_EQ(AbslUnparseFlag(ranges), "10.0.0.0/8,::1/128,2001:db8::/32");
  EXPECT_TRUE(ranges.Contain(Ip("10.9.9.9")));
  EXPECT_TRUE(ranges.Contain(Ip("2001:db8::1")));
  EXPECT_FALSE(ranges.Contain(Ip("11.0.0.1")));

  EXPECT_FALSE(AbslParseFlag("10.0.0.0/8,nonsense", &ranges, &error));
  EXPECT_EQ(
      error,
      "IP ranges with commas between, as 10.0.0.0/8,2001:db8::/32; \"nonsense\" is no IP address");
  EXPECT_EQ(ranges.ranges.size(), 3u);

  ASSERT_TRUE(AbslParseFlag("", &ranges, &error));
  EXPECT_FALSE(ranges.Contain(Ip("10.9.9.9")));
  EXPECT_EQ(AbslUnparseFlag(ranges), "");
}

}  // namespace
}  // namespace livecounter::runtime
