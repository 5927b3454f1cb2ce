#include "services/runtime/flag_types.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

using ::testing::HasSubstr;

TEST(ListenAddressTest, AcceptedFormsKeepHostAndPort) {
  const struct {
    const char* text;
    const char* host;
    int port;
  } kCases[] = {
      {"127.0.0.1:8080", "127.0.0.1", 8080},
      {"localhost:0", "localhost", 0},
      {"0.0.0.0:65535", "0.0.0.0", 65535},
      {"[::1]:9090", "::1", 9090},
      {"[::]:1", "::", 1},
      {"host-1.example:080", "host-1.example", 80},
  };
  for (const auto& c : kCases) {
    absl::StatusOr<ListenAddress> address = ParseListenAddress(c.text);
    ASSERT_TRUE(address.ok()) << c.text << ": " << address.status();
    EXPECT_TRUE(address->enabled()) << c.text;
    EXPECT_EQ(address->host, c.host) << c.text;
    EXPECT_EQ(address->port, c.port) << c.text;
  }
}

TEST(ListenAddressTest, NothingMeansNoListener) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress("");
  ASSERT_TRUE(address.ok());
  EXPECT_FALSE(address->enabled());
  EXPECT_EQ(address->ToString(), "");
}

TEST(ListenAddressTest, PrintsWhatItParses) {
  for (const char* text : {"127.0.0.1:8080", "[::1]:0", "localhost:1"}) {
    absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(ListenAddressTest, RefusalsSayWhatIsWrong) {
  const struct {
    const char* text;
    const char* why;
  } kCases[] = {
      {"localhost", "there is no port"},
      {"8080", "there is no port"},
      {"localhost:", "not a number from 0 to 65535"},
      {"localhost:http", "not a number from 0 to 65535"},
      {"localhost:-1", "not a number from 0 to 65535"},
      {"localhost:+1", "not a number from 0 to 65535"},
      {"localhost: 1", "not a number from 0 to 65535"},
      {"localhost:65536", "not a number from 0 to 65535"},
      {"localhost:99999999999", "not a number from 0 to 65535"},
      {":8080", "for all interfaces the host is 0.0.0.0 or [::]"},
      {"[:8080", "the host is not a name or an address"},
      {"[]:8080", "for all interfaces the host is 0.0.0.0 or [::]"},
      {"::1:8080", "brackets go around an IPv6 address"},
      {"[127.0.0.1]:8080", "brackets go around an IPv6 address"},
      {"[localhost:8080", "the host is not a name or an address"},
      {"http://localhost:8080", "brackets go around an IPv6 address"},
      {"local/host:8080", "the host is not a name or an address"},
      {"local host:8080", "the host is not a name or an address"},
  };
  for (const auto& c : kCases) {
    const absl::Status status = ParseListenAddress(c.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.why)) << c.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("host:port or [IPv6]:port")) << c.text;
  }
}

enum class Fruit { kApple, kPear };
constexpr std::pair<absl::string_view, Fruit> kFruits[] = {{"apple", Fruit::kApple},
                                                           {"pear", Fruit::kPear}};

TEST(ParseChoiceTest, PicksByName) {
  Fruit fruit = Fruit::kApple;
  std::string error;
  EXPECT_TRUE(ParseChoice<Fruit>("pear", kFruits, &fruit, &error));
  EXPECT_EQ(fruit, Fruit::kPear);
}

TEST(ParseChoiceTest, RefusalListsTheNamesAndChangesNothing) {
  Fruit fruit = Fruit::kPear;
  std::string error;
  EXPECT_FALSE(ParseChoice<Fruit>("Apple", kFruits, &fruit, &error));
  EXPECT_EQ(fruit, Fruit::kPear);
  EXPECT_EQ(error, "one of apple, pear");
}

}  // namespace
}  // namespace livecounter::runtime
