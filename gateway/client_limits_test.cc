// The limits as clients meet them: at the resources of one event loop.

#include "gateway/client_limits.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;
using ::testing::AllOf;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::MatchesRegex;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr char kSub[] = "/sub?urlId=page&key=open&pId=me";
constexpr char kWatch[] = "/watch?urlId=page&key=open";
constexpr char kEventStream[] = "text/event-stream";

runtime::IpRanges Trusting(absl::string_view text) {
  runtime::IpRanges ranges;
  std::string error;
  EXPECT_TRUE(AbslParseFlag(text, &ranges, &error)) << error;
  return ranges;
}

// Requests come through a trusted proxy, 127.0.0.1.
class LimitsTest : public EdgeTest {
 protected:
  explicit LimitsTest(ClientLimits::Options limits) : EdgeTest(Behind(std::move(limits))) {}

  static ClientLimits::Options Behind(ClientLimits::Options limits) {
    limits.trusted_proxies = Trusting("127.0.0.0/8");
    return limits;
  }
  static Headers From(absl::string_view address, absl::string_view accept = "*/*") {
    return {{"x-forwarded-for", std::string(address)}, {"accept", std::string(accept)}};
  }
  static int Status(const FakeClient& client) {
    return client.response() ? client.response()->status : 0;
  }
  static std::string Detail(const FakeClient& client) {
    return nlohmann::json::parse(client.response()->body)["detail"];
  }
};

// --- Connections ---

class ConnectionLimitTest : public LimitsTest {
 protected:
  ConnectionLimitTest() : LimitsTest({.max_connections_per_ip = 2}) {}
};

TEST_F(ConnectionLimitTest, OneMoreWebSocketIs429WithRetryAfter) {
  for (const char* target : {kSub, kWatch}) EXPECT_TRUE(Upgrade(target, From("1.1.1.1"))->opened());
  for (const char* target : {kSub, kWatch}) {
    const auto refused = Upgrade(target, From("1.1.1.1"));
    EXPECT_EQ(Status(*refused), 429);
    EXPECT_THAT(std::stoi(refused->header("retry-after")), AllOf(Ge(1), Le(5)));
    EXPECT_EQ(refused->header("content-type"), "application/problem+json");
    EXPECT_EQ(refused->header("access-control-allow-origin"), "*");
    EXPECT_THAT(Detail(*refused), HasSubstr("as many connections here as one may have"));
  }
  EXPECT_EQ(Rejected(RejectReason::kAddressConnections), 2);
  EXPECT_TRUE(Upgrade(kSub, From("1.1.1.2"))->opened());
}

TEST_F(ConnectionLimitTest, OneMoreEventStreamIsToldToComeBack) {
  Tell(Open("2"), 1, 26);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Get(kSub, From("1.1.1.1", kEventStream))->opened());
  for (const char* target : {kSub, kWatch, "/counters/2/"}) {
    const auto refused = Get(target, From("1.1.1.1", kEventStream));
    for (const CounterId& counter : TakeCommands().watch) Tell(counter, 1, 26);
    EXPECT_FALSE(refused->opened());
    EXPECT_EQ(Status(*refused), 200) << target;
    EXPECT_EQ(refused->header("content-type"), kEventStream);
    EXPECT_THAT(refused->response()->body, MatchesRegex("retry: [1-5][0-9]{3}\n\n"));
  }
  EXPECT_EQ(Rejected(RejectReason::kAddressConnections), 3);
}

TEST_F(ConnectionLimitTest, APlainRequestForAStreamIs429Too) {
  for (int i = 0; i < 2; ++i) Upgrade(kSub, From("1.1.1.1"));
  EXPECT_EQ(Status(*Get(kSub, From("1.1.1.1"))), 429);
  EXPECT_EQ(Status(*Get(kSub, From("1.1.1.2"))), 426);
}

TEST_F(ConnectionLimitTest, AllKindsOfStreamsCountTogetherAndReadingDoesNot) {
  const auto hits = Get("/counters/2/", From("1.1.1.1", kEventStream));
  for (const CounterId& counter : TakeCommands().watch) Tell(counter, 1, 26);
  EXPECT_TRUE(hits->opened());
  EXPECT_TRUE(Get(kWatch, From("1.1.1.1", kEventStream))->opened());
  EXPECT_EQ(Status(*Upgrade(kSub, From("1.1.1.1"))), 429);
  EXPECT_EQ(Status(*Get("/counters/2/", From("1.1.1.1"))), 200);
}

TEST_F(ConnectionLimitTest, APlaceIsFreeWhenItsConnectionHasGone) {
  const auto socket = Upgrade(kSub, From("1.1.1.1"));
  const auto stream = Get(kSub, From("1.1.1.1", kEventStream));
  EXPECT_EQ(Status(*Upgrade(kSub, From("1.1.1.1"))), 429);
  socket->Disconnect();
  EXPECT_TRUE(Upgrade(kSub, From("1.1.1.1"))->opened());
  stream->Disconnect();
  EXPECT_TRUE(Upgrade(kSub, From("1.1.1.1"))->opened());
  EXPECT_EQ(Status(*Upgrade(kSub, From("1.1.1.1"))), 429);
}

TEST_F(ConnectionLimitTest, WhatIsRefusedOrOnlyAHeadTakesNoPlace) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Status(*Upgrade("/sub?urlId=page&key=open", From("1.1.1.1"))), 400);
    EXPECT_EQ(Status(*Get(kSub, From("1.1.1.1"))), 426);
    EXPECT_EQ(Status(*Send("HEAD", kSub, From("1.1.1.1", kEventStream))), 200);
  }
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Upgrade(kSub, From("1.1.1.1"))->opened());
}

TEST_F(ConnectionLimitTest, TheAddressIsTheOneThatTheProxySaw) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(Upgrade(kSub, From(absl::StrCat("9.9.9.", i, ", 1.1.1.1")))->opened());
  }
  EXPECT_EQ(Status(*Upgrade(kSub, From("9.9.9.9, 1.1.1.1"))), 429);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(Upgrade(kSub, From(absl::StrCat("[2001:db8::", i, "]:80")))->opened());
  }
  EXPECT_EQ(Status(*Upgrade(kSub, From("2001:db8::ffff:2"))), 429);
}

// --- Hits ---

class HitLimitTest : public LimitsTest {
 protected:
  HitLimitTest()
      : LimitsTest({.hits_per_ip = TokenBucket::Rate{.interval = absl::Seconds(4), .burst = 2},
                    .hits_per_product =
                        TokenBucket::Rate{.interval = absl::Milliseconds(500), .burst = 3}}) {}

  // Whether a hit of this client went on to the counter service; 429 if not.
  bool Hits(absl::string_view address, absl::string_view target = "/counters/2/") {
    last_ = Send("POST", target, From(address));
    const bool went_on = !TakeCommands().hits.empty();
    EXPECT_EQ(Status(*last_), went_on ? 0 : 429);
    return went_on;
  }

  std::shared_ptr<FakeClient> last_;
};

TEST_F(HitLimitTest, AnAddressHasABurstThenItsRate) {
  EXPECT_TRUE(Hits("1.1.1.1"));
  EXPECT_TRUE(Hits("1.1.1.1"));
  EXPECT_FALSE(Hits("1.1.1.1"));
  EXPECT_EQ(last_->header("retry-after"), "4");
  EXPECT_EQ(last_->header("content-type"), "application/problem+json");
  EXPECT_EQ(last_->header("access-control-allow-origin"), "*");
  EXPECT_THAT(Detail(*last_),
              HasSubstr("Your address sends more hits than one may. The hit was not "
                        "counted."));
  EXPECT_EQ(Rejected(RejectReason::kRateLimit), 1);
  loop_.Advance(absl::Milliseconds(3500));
  EXPECT_FALSE(Hits("1.1.1.1"));
  EXPECT_EQ(last_->header("retry-after"), "1");
  loop_.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(Hits("1.1.1.1"));
}

TEST_F(HitLimitTest, AProductHasItsOwnRateOverAllAddresses) {
  for (const char* address : {"1.1.1.1", "1.1.1.2", "1.1.1.3"}) EXPECT_TRUE(Hits(address));
  EXPECT_FALSE(Hits("1.1.1.4"));
  EXPECT_EQ(last_->header("retry-after"), "1");
  EXPECT_THAT(Detail(*last_), HasSubstr("The product gets more hits"));
  EXPECT_TRUE(Hits("1.1.1.5", "/counters/2/?key=auto"));
  loop_.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(Hits("1.1.1.5"));
}

TEST_F(HitLimitTest, AnAddressThatIsRefusedTakesNothingOfItsProducts) {
  for (int i = 0; i < 10; ++i) Hits("1.1.1.1");
  EXPECT_TRUE(Hits("1.1.1.2"));
}

TEST_F(HitLimitTest, ASlash64OfIPv6IsOneClient) {
  EXPECT_TRUE(Hits("2001:db8::1"));
  EXPECT_TRUE(Hits("2001:db8::2"));
  EXPECT_FALSE(Hits("2001:db8::3"));
  EXPECT_TRUE(Hits("2001:db8:0:1::1"));
}

TEST_F(HitLimitTest, WhatIsRefusedForAnotherReasonIsNoHit) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Status(*Send("POST", "/counters/2/?key=nope", From("1.1.1.1"))), 404);
    Headers bad_key = From("1.1.1.1");
    bad_key.emplace_back("idempotency-key", "");
    EXPECT_EQ(Status(*Send("POST", "/counters/2/", bad_key)), 400);
  }
  EXPECT_TRUE(Hits("1.1.1.1"));
}

// --- No limits ---

TEST_F(EdgeTest, WithoutLimitsAnAddressHasWhatItLikes) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(Upgrade(kSub)->opened());
    Send("POST", "/counters/2/");
  }
  EXPECT_EQ(TakeCommands().hits.size(), 100u);
}

}  // namespace
}  // namespace livecounter::gateway
