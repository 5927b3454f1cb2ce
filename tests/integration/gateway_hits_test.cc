// Hit counters through a whole gateway: sockets, EdgeService, engine and back (contract §2).

#include <algorithm>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/gateway_fixture.h"

namespace livecounter::integration {
namespace {

using gateway::net::Answer;
using gateway::net::Client;
using gateway::net::HttpRequest;
using ::testing::HasSubstr;

using GatewayHitsTest = GatewayIntegrationTest;

TEST_F(GatewayHitsTest, CountersAreReadAndHit) {
  Start();
  Create("20", 26);
  const auto gateway = StartGateway();
  EXPECT_EQ(gateway->Get("20"), 26);
  EXPECT_EQ(gateway->Post("20"), 27);
  EXPECT_EQ(gateway->Get("20"), 27);
  EXPECT_EQ(Get("20").hits(), 27);
  EXPECT_EQ(gateway->Request("GET", "/counters/nope/").status, 404);
  EXPECT_EQ(gateway->Request("POST", "/counters/nope/", "Content-Length: 0\r\n").status, 404);
  EXPECT_EQ(gateway->Request("PUT", "/counters/20/").status, 405);
  EXPECT_EQ(gateway->Request("OPTIONS", "/counters/20/").status, 204);
}

TEST_F(GatewayHitsTest, AStreamShowsEveryHitOfAnyGateway) {
  Start();
  Create("20");
  const auto a = StartGateway();
  const auto b = StartGateway();
  Client stream(a->port());
  stream.Send(HttpRequest("GET", "/counters/20/", "Accept: text/event-stream\r\n"));
  EXPECT_THAT(stream.ReadUntil("data: 0\n\n"), HasSubstr("event: message\nid: "));
  for (int64_t hits = 1; hits <= 5; ++hits) {
    EXPECT_EQ((hits % 2 == 0 ? a : b)->Post("20"), hits);
    const std::string end = absl::StrCat("data: ", hits, "\n\n");
    EXPECT_THAT(stream.ReadUntil(end), HasSubstr(end));
  }
}

TEST_F(GatewayHitsTest, ConcurrentPostsGetDistinctConsecutiveValues) {
  constexpr int kPosters = 16;
  constexpr int kPosts = 50;
  Start();
  Create("20");
  const auto a = StartGateway();
  const auto b = StartGateway();
  std::vector<std::vector<int64_t>> values(kPosters);
  std::vector<std::thread> posters;
  for (int i = 0; i < kPosters; ++i) {
    posters.emplace_back([&, i] {
      for (int post = 0; post < kPosts; ++post) {
        values[i].push_back((i % 2 == 0 ? a : b)->Post("20").value_or(-1));
      }
    });
  }
  for (std::thread& poster : posters) poster.join();

  std::vector<int64_t> all;
  for (const std::vector<int64_t>& own : values) {
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  std::vector<int64_t> expected(kPosters * kPosts);
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(all, expected);
  EXPECT_EQ(a->Get("20"), kPosters * kPosts);
}

TEST_F(GatewayHitsTest, WhoPostsReadsItsOwnWrite) {
  constexpr int kClients = 8;
  gateway_options_.threads = 4;
  Start();
  Create("20");
  const auto gateway = StartGateway();
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      for (int post = 0; post < 50; ++post) {
        const absl::optional<int64_t> own = gateway->Post("20");
        const absl::optional<int64_t> read = gateway->Get("20");
        ASSERT_TRUE(own && read);
        EXPECT_GE(*read, *own);
      }
    });
  }
  for (std::thread& client : clients) client.join();
}

TEST_F(GatewayHitsTest, AnIdempotencyKeyCountsOnceThroughAnyGateway) {
  Start();
  Create("20");
  const auto a = StartGateway();
  const auto b = StartGateway();
  EXPECT_EQ(a->Post("20", "Idempotency-Key: k1\r\n"), 1);
  EXPECT_EQ(a->Post("20"), 2);
  EXPECT_EQ(b->Post("20", "Idempotency-Key: k1\r\n"), 1);
  EXPECT_EQ(a->Post("20", "Idempotency-Key: k2\r\n"), 3);
  EXPECT_EQ(b->Get("20"), 3);
}

TEST_F(GatewayHitsTest, APostWaitsForARestartOfTheCounterService) {
  Start();
  Create("20");
  const auto gateway = StartGateway();
  ASSERT_EQ(gateway->Post("20"), 1);
  Stop();
  absl::optional<int64_t> answer;
  std::thread poster([&] { answer = gateway->Post("20"); });
  absl::SleepFor(absl::Seconds(1));
  Start();
  poster.join();
  EXPECT_EQ(answer, 2);
  EXPECT_EQ(Get("20").hits(), 2);
}

TEST_F(GatewayHitsTest, After5sAPostMayHaveCounted) {
  Start();
  Create("20");
  const auto gateway = StartGateway();
  ASSERT_EQ(gateway->Post("20"), 1);
  Stop();
  const absl::Time start = absl::Now();
  const Answer answer = gateway->Request("POST", "/counters/20/", "Content-Length: 0\r\n");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("may have been counted"));
  EXPECT_THAT(answer.body, HasSubstr("Idempotency-Key"));
  EXPECT_GT(absl::Now() - start, absl::Milliseconds(4500));
  EXPECT_LT(absl::Now() - start, absl::Seconds(6));
  // What nobody waits for any more was still behind the stream: it does not count afterwards.
  Start();
  EXPECT_THAT(*gateway->Post("20"), ::testing::AnyOf(2, 3));
}

TEST_F(GatewayHitsTest, ACounterThatIsStreamedIsReadWhileTheCounterServiceIsAway) {
  Start();
  Create("20", 26);
  const auto gateway = StartGateway();
  Client stream(gateway->port());
  stream.Send(HttpRequest("GET", "/counters/20/", "Accept: text/event-stream\r\n"));
  stream.ReadUntil("data: 26\n\n");
  Stop();
  EXPECT_EQ(gateway->Get("20"), 26);
  EXPECT_TRUE(stream.SilentFor(absl::Milliseconds(200))) << "streams stay open";
}

}  // namespace
}  // namespace livecounter::integration
