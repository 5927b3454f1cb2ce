#include "verifier/curl_transfer.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "services/runtime/clock.h"
#include "verifier/curl_loop.h"
#include "verifier/testing/endpoint_server.h"
#include "verifier/testing/in_time.h"

namespace livecounter::verifier {
namespace {

AddressPolicy Allow(const std::string& ranges) {
  runtime::IpRanges parsed;
  std::string error;
  EXPECT_TRUE(AbslParseFlag(ranges, &parsed, &error)) << error;
  return AddressPolicy(parsed);
}

// One call of a target that nobody looked at before: whatever its addresses are, the socket's own check is
// the only one.
EndpointAnswer Call(const AddressPolicy& policy, const CallTarget& target) {
  runtime::RealClock clock;
  CurlTransfer transfer(policy, /*ca_file=*/"");
  absl::optional<EndpointAnswer> answer;
  CurlLoop loop(/*max_idle_connections=*/1, clock,
                [&](CURL*, CURLcode code) { answer = transfer.Finish(code); });
  transfer.Prepare(target, {.uri = target.uri, .body = "{}"}, kCallTimeout);
  loop.Add(transfer.easy());
  const absl::Time deadline = clock.Now() + kInTime;
  while (!answer && clock.Now() < deadline) loop.Turn(deadline);
  if (!answer) loop.Remove(transfer.easy());
  return answer.value_or(EndpointAnswer{.result = absl::DeadlineExceededError("it does not end")});
}

class CurlTransferTest : public testing::Test {
 protected:
  EndpointServer server_{{}, GoodCustomer("key")};
};

TEST_F(CurlTransferTest, ASocketToAnAddressThatIsNotPublicIsNotOpened) {
  const std::string port = absl::StrCat(server_.port());
  const CallTarget targets[] = {
      {.uri = server_.Uri()},
      {.uri = server_.Uri("shop.example"),
       .pinned = absl::StrCat("+shop.example:", port, ":127.0.0.1")},
      {.uri = server_.Uri("shop.example"),
       .pinned = absl::StrCat("+shop.example:", port, ":[::1]")},
      {.uri = server_.Uri("shop.example"),
       .pinned = absl::StrCat("+shop.example:", port, ":[::ffff:127.0.0.1]")},
  };
  for (const CallTarget& target : targets) {
    const absl::Status result = Call(AddressPolicy(), target).result;
    EXPECT_TRUE(absl::IsPermissionDenied(result)) << target.uri << target.pinned << ": " << result;
  }
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(CurlTransferTest, OneToAnAddressThatIsAllowedIs) {
  const AddressPolicy policy = Allow("127.0.0.0/8");
  EXPECT_EQ(Call(policy, {.uri = server_.Uri()}).body, "key");
  const std::string pinned = absl::StrCat("+shop.example:", server_.port(), ":127.0.0.1");
  EXPECT_EQ(Call(policy, {.uri = server_.Uri("shop.example"), .pinned = pinned}).body, "key");
  EXPECT_EQ(server_.connections(), 2);
}

// Of several addresses each is checked for itself.
TEST_F(CurlTransferTest, BesideOneThatIsNotAllowedTheOtherIsConnectedTo) {
  const std::string pinned =
      absl::StrCat("+shop.example:", server_.port(), ":127.99.0.1,127.0.0.1");
  const EndpointAnswer answer =
      Call(Allow("127.0.0.0/16"), {.uri = server_.Uri("shop.example"), .pinned = pinned});
  EXPECT_TRUE(answer.result.ok()) << answer.result;
}

}  // namespace
}  // namespace livecounter::verifier
