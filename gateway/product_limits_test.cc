// The limits that a product has of its own, as clients meet them (contract §2, §3, §5).

#include <memory>
#include <string>
#include <vector>

#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::StartsWith;

constexpr char kName[] = "accounts/a/products/bounded";
constexpr char kSub[] = "/sub?urlId=page&key=bounded&pId=me";

MATCHER_P(Differs, difference, "") { return arg.product == kName && arg.connections == difference; }

class ProductLimitsTest : public EdgeTest {
 protected:
  explicit ProductLimitsTest(const ClientLimits::Options& limits = {}) : EdgeTest(limits) {}
  void Bound(Product product) {
    product.name = kName;
    product.allowed_origins = {"*"};
    catalog_.Add("bounded", std::move(product));
    loop_.Settle();
  }
  void TellElsewhere(int64_t connections) {
    client_.Tell({.connections_elsewhere = {{kName, connections}}});
    loop_.Settle();
  }
};

TEST_F(ProductLimitsTest, OneMoreConnectionIs429AndAnEventStreamIsToldToComeBack) {
  Bound({.max_connections = 2});
  const auto first = Upgrade(kSub);
  const auto second = Stream("/watch?urlId=page&key=bounded");
  EXPECT_TRUE(first->opened() && second->opened());
  const auto refused = Upgrade(kSub);
  EXPECT_EQ(refused->response()->status, 429);
  EXPECT_THAT(std::stoi(refused->header("retry-after")), AllOf(Ge(1), Le(5)));
  const auto told = Stream(kSub);
  EXPECT_EQ(told->response()->status, 200);
  EXPECT_THAT(told->response()->body, StartsWith("retry: "));
  EXPECT_EQ(Rejected(RejectReason::kProductConnections), 2);
  EXPECT_TRUE(Upgrade("/sub?urlId=page&key=open&pId=me")->opened());
  first->Disconnect();
  EXPECT_TRUE(Upgrade(kSub)->opened());
}

TEST_F(ProductLimitsTest, HitStreamsCountToo) {
  Bound({.auto_create_counters = true, .max_connections = 1});
  const CounterId counter = {kName, "2"};
  const auto stream = Stream("/counters/2/?key=bounded");
  Tell(counter, 1, 0);
  EXPECT_TRUE(stream->opened());
  EXPECT_THAT(Stream("/counters/2/?key=bounded")->response()->body, StartsWith("retry: "));
  EXPECT_EQ(Get("/counters/2/?key=bounded")->response()->status, 200);
}

TEST_F(ProductLimitsTest, ConnectionsOfOtherGatewaysCountAsTheyAreTold) {
  Bound({.max_connections = 3});
  const auto first = Upgrade(kSub);
  TellElsewhere(2);
  EXPECT_EQ(Upgrade(kSub)->response()->status, 429);
  TellElsewhere(1);
  EXPECT_TRUE(Upgrade(kSub)->opened());
  EXPECT_EQ(Upgrade(kSub)->response()->status, 429);
}

TEST_F(ProductLimitsTest, AnotherBoundHoldsForWhatComes) {
  Bound({.max_connections = 3});
  std::vector<std::shared_ptr<FakeClient>> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(Upgrade(kSub));
  Bound({.max_connections = 2});
  for (const auto& client : clients) EXPECT_FALSE(client->close_reason());
  clients[0]->Disconnect();
  EXPECT_EQ(Upgrade(kSub)->response()->status, 429);
  Bound({.max_connections = 0});
  EXPECT_TRUE(Upgrade(kSub)->opened());
}

TEST_F(ProductLimitsTest, TheCounterServiceIsToldWhatChanged) {
  Bound({});
  TakeCommands();
  const auto first = Upgrade(kSub);
  EXPECT_THAT(TakeCommands().connections, ElementsAre(Differs(1)));
  const auto second = transport_.Upgrade(MakeRequest("GET", kSub));
  first->Disconnect();
  loop_.Settle();
  EXPECT_THAT(TakeCommands().connections, IsEmpty()) << "one came and one went";
  second->Disconnect();
  loop_.Settle();
  EXPECT_THAT(TakeCommands().connections, ElementsAre(Differs(-1)));
}

TEST_F(ProductLimitsTest, AnAddressMayHaveTheProductsOwnNumber) {
  Bound({.max_connections_per_ip = 1});
  EXPECT_TRUE(Upgrade(kSub)->opened());
  EXPECT_EQ(Upgrade(kSub)->response()->status, 429);
  EXPECT_EQ(Rejected(RejectReason::kAddressConnections), 1);
  EXPECT_TRUE(Upgrade("/sub?urlId=page&key=open&pId=me")->opened());
}

class TwoConnectionsPerAddressTest : public ProductLimitsTest {
 protected:
  TwoConnectionsPerAddressTest() : ProductLimitsTest({.max_connections_per_ip = 2}) {}
};

TEST_F(TwoConnectionsPerAddressTest, AProductMayAskForFewerAndNotForMore) {
  Bound({.max_connections_per_ip = 1'000});
  EXPECT_TRUE(Upgrade(kSub)->opened());
  EXPECT_TRUE(Upgrade(kSub)->opened());
  EXPECT_EQ(Upgrade(kSub)->response()->status, 429);
  Bound({.max_connections_per_ip = 1});
  EXPECT_EQ(Upgrade(kSub)->response()->status, 429);
}

TEST_F(ProductLimitsTest, HitsHaveTheProductsOwnRate) {
  Bound({.auto_create_counters = true, .max_hits_per_second = 2});
  for (int i = 0; i < 2; ++i) Send("POST", "/counters/2/?key=bounded");
  EXPECT_EQ(TakeCommands().hits.size(), 2u);
  EXPECT_EQ(Send("POST", "/counters/2/?key=bounded")->response()->status, 429);
  loop_.Advance(absl::Milliseconds(500));
  Send("POST", "/counters/2/?key=bounded");
  EXPECT_EQ(TakeCommands().hits.size(), 1u);
}

}  // namespace
}  // namespace livecounter::gateway
