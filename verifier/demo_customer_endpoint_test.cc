#include "verifier/demo_customer_endpoint.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/await.h"

namespace livecounter::verifier {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The world outside the demo: remembers what came to it.
class OtherEndpoint final : public CustomerEndpoint {
 public:
  void Post(EndpointCall call, Done done) override {
    asked.push_back(call.uri);
    done({.status = 500});
  }
  void PostTogether(std::vector<EndpointCall> calls, EachDone done) override {
    for (size_t i = 0; i < calls.size(); ++i) {
      asked.push_back(calls[i].uri);
      done(i, {.status = 500});
    }
  }

  std::vector<std::string> asked;
};

class DemoCustomerEndpointTest : public ::testing::Test {
 protected:
  EndpointAnswer Ask(std::string uri, std::string body) {
    return runtime::AwaitResult<EndpointAnswer>([&](auto done) {
      endpoint_.Post({.uri = std::move(uri), .body = std::move(body)}, std::move(done));
    });
  }
  int StatusFor(absl::string_view presence_id) {
    return Ask(std::string(kDemoEndpointUri), absl::StrCat(R"({"pId":")", presence_id, R"("})"))
        .status;
  }

  OtherEndpoint others_;
  DemoCustomerEndpoint endpoint_{"the-key", others_};
};

TEST_F(DemoCustomerEndpointTest, KnowsItsMembersAndWhatTestsAskFor) {
  EXPECT_EQ(StatusFor("member-1"), 200);
  EXPECT_EQ(StatusFor("w-valid"), 200);
  EXPECT_EQ(StatusFor("w-invalid"), 401);
  EXPECT_EQ(StatusFor("stranger"), 401);
  EXPECT_EQ(StatusFor("a-member-1"), 401);
  EXPECT_THAT(others_.asked, IsEmpty());
}

TEST_F(DemoCustomerEndpointTest, ShowsItsApiKeyInEveryAnswer) {
  for (const char* body :
       {R"({"pId":"member-1"})", R"({"pId":"x"})", R"({"pId":1})", "[]", "{", ""}) {
    const EndpointAnswer answer = Ask(std::string(kDemoEndpointUri), body);
    EXPECT_TRUE(answer.result.ok());
    EXPECT_EQ(answer.body, "the-key");
  }
}

TEST_F(DemoCustomerEndpointTest, CallsOfOtherEndpointsGoOn) {
  EXPECT_EQ(Ask("https://shop.example/verify", R"({"pId":"member-1"})").status, 500);
  endpoint_.PostTogether({{.uri = "https://shop.example/load", .body = ""}}, [](size_t, auto) {});
  EXPECT_THAT(others_.asked,
              ElementsAre("https://shop.example/verify", "https://shop.example/load"));
}

TEST_F(DemoCustomerEndpointTest, AnswersALoadCallByCall) {
  constexpr int kCalls = 500;
  const EndpointCall call = {.uri = std::string(kDemoEndpointUri), .body = R"({"pId":"w-valid"})"};
  std::vector<int> statuses(kCalls);
  absl::BlockingCounter waiting(kCalls);
  endpoint_.PostTogether(std::vector<EndpointCall>(kCalls, call),
                         [&](size_t index, const EndpointAnswer& answer) {
                           statuses[index] = answer.status;
                           waiting.DecrementCount();
                         });
  waiting.Wait();
  EXPECT_THAT(statuses, Each(200));
  EXPECT_THAT(others_.asked, IsEmpty());
}

}  // namespace
}  // namespace livecounter::verifier
