#include "gateway/net/listen_sockets.h"

#include <arpa/inet.h>

#include "gateway/net/socket_address.h"
#include "gateway/net/testing/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(OpenListenSocketsTest, AllShareThePortThatTheFirstOneGot) {
  const absl::StatusOr<ListenSockets> opened = OpenListenSockets("127.0.0.1", 0, 3, 16);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT(opened->sockets, SizeIs(3));
  EXPECT_GT(opened->port, 0);
  EXPECT_EQ(opened->address, "127.0.0.1:" + std::to_string(opened->port));
  EXPECT_TRUE(Client(opened->port).connected());
}

TEST(OpenListenSocketsTest, TakesNamesAndIpv6) {
  const absl::StatusOr<ListenSockets> named = OpenListenSockets("localhost", 0, 1, 16);
  ASSERT_TRUE(named.ok()) << named.status();
  const absl::StatusOr<ListenSockets> any = OpenListenSockets("::", 0, 1, 16);
  ASSERT_TRUE(any.ok()) << any.status();
  EXPECT_THAT(any->address, StartsWith("[::]:"));
  EXPECT_TRUE(Client(any->port).connected());
}

TEST(OpenListenSocketsTest, APortInUseIsAnErrorEvenWhenItsUserWouldShare) {
  const absl::StatusOr<ListenSockets> first = OpenListenSockets("127.0.0.1", 0, 2, 16);
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::StatusOr<ListenSockets> second = OpenListenSockets("127.0.0.1", first->port, 2, 16);
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.status().message(), HasSubstr("cannot listen on " + first->address));
}

TEST(OpenListenSocketsTest, AnUnknownHostIsAnError) {
  const absl::StatusOr<ListenSockets> opened = OpenListenSockets("nowhere.invalid", 0, 1, 16);
  ASSERT_FALSE(opened.ok());
  EXPECT_THAT(opened.status().message(), HasSubstr("'nowhere.invalid'"));
}

SocketAddress Address6(const char* text, uint16_t port) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  EXPECT_EQ(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
  return SocketAddress(reinterpret_cast<const sockaddr&>(address), sizeof(address));
}

TEST(SocketAddressTest, PrintsEachFamilyInItsOwnForm) {
  EXPECT_EQ(Address6("2001:db8::1", 80).HostToString(), "2001:db8::1");
  EXPECT_EQ(Address6("2001:db8::1", 80).ToString(), "[2001:db8::1]:80");
  EXPECT_EQ(Address6("::ffff:192.0.2.1", 80).HostToString(), "192.0.2.1");
  EXPECT_EQ(SocketAddress().HostToString(), "");
}

}  // namespace
}  // namespace livecounter::gateway::net
