#include "services/runtime/listen_check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

using ::testing::StartsWith;

TEST(CheckListenTest, FreePortsAreFine) {
  EXPECT_TRUE(CheckListen({"127.0.0.1", 0}).ok());
  EXPECT_TRUE(CheckListen({"localhost", 0}).ok());
}

TEST(CheckListenTest, NoListenerIsFine) { EXPECT_TRUE(CheckListen({}).ok()); }

TEST(CheckListenTest, ATakenPortIsNamedWithTheReason) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int port = ntohs(address.sin_port);
  EXPECT_EQ(CheckListen({"127.0.0.1", port}),
            absl::UnavailableError(
                absl::StrCat("cannot listen on 127.0.0.1:", port, ": Address already in use")));
  close(fd);
}

TEST(CheckListenTest, AnAddressOfAnotherMachineIsNamedWithTheReason) {
  EXPECT_EQ(
      CheckListen({"192.0.2.1", 0}),
      absl::UnavailableError("cannot listen on 192.0.2.1:0: Cannot assign requested address"));
}

TEST(CheckListenTest, AnUnknownHostIsNamed) {
  const absl::Status status = CheckListen({"no-such-host.invalid", 1});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              StartsWith("cannot listen on no-such-host.invalid:1: "));
}

}  // namespace
}  // namespace livecounter::runtime
