// What changes of the catalog do to requests and open streams of one event loop (contract §3, §5).

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using observability::RejectReason;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kName[] = "accounts/a/products/open";
constexpr char kSub[] = "/sub?urlId=page&key=open&pId=me";
constexpr char kWatch[] = "/watch?urlId=page&key=open";

class ProductChangeTest : public EdgeTest {
 protected:
  // The product "open" as it is, changed.
  template <typename Change>
  void ChangeOpen(Change change) {
    Product product = *catalog_.FindByKey("open");
    change(product);
    catalog_.Set(std::move(product));
    loop_.Settle();
  }
  void Revoke(const std::string& key, std::vector<std::string> left = {}) {
    Product product = *catalog_.FindByKey(key);
    product.api_keys = std::move(left);
    catalog_.Set(std::move(product));
    loop_.Settle();
  }
};

// --- Keys ---

TEST_F(ProductChangeTest, ARevokedKeyClosesItsWebSocketsWith1008) {
  const auto sub = Upgrade(kSub);
  const auto watch = Upgrade(kWatch);
  const auto other = Upgrade("/sub?urlId=page&key=auto&pId=me");
  Revoke("open");
  for (const auto& closed : {sub, watch}) {
    ASSERT_TRUE(closed->close_reason());
    EXPECT_EQ(closed->close_reason()->code, 1008);
    EXPECT_EQ(closed->close_reason()->text, "key revoked");
  }
  EXPECT_FALSE(other->close_reason());
  EXPECT_EQ(Upgrade(kSub)->response()->status, 401);
  EXPECT_EQ(parts_.products.in_use(), 1u);
}

TEST_F(ProductChangeTest, ARevokedKeyEndsItsEventStreamsWithARetry) {
  const auto sub = Stream(kSub);
  const auto hits = Stream("/counters/2/?key=open");
  Tell(Open("2"), 1, 26);
  sub->TakeFrames();
  hits->TakeFrames();
  Revoke("open");
  for (const auto& ended : {sub, hits}) {
    EXPECT_THAT(ended->TakeFrames(), ElementsAre(StartsWith("retry: ")));
    EXPECT_TRUE(ended->close_reason());
  }
  EXPECT_EQ(Stream(kSub)->response()->status, 401);
}

TEST_F(ProductChangeTest, OtherKeysOfTheProductStayGood) {
  ChangeOpen([](Product& product) { product.api_keys = {"open", "second"}; });
  const auto first = Upgrade(kSub);
  const auto second = Upgrade("/sub?urlId=page&key=second&pId=me");
  Revoke("open", {"second"});
  EXPECT_TRUE(first->close_reason());
  EXPECT_FALSE(second->close_reason());
}

TEST_F(ProductChangeTest, ADeletedProductClosesItsStreams) {
  const auto sub = Upgrade(kSub);
  catalog_.Remove(kName);
  loop_.Settle();
  ASSERT_TRUE(sub->close_reason());
  EXPECT_EQ(sub->close_reason()->code, 1008);
}

TEST_F(ProductChangeTest, ThePublicProductThatIsNoMoreEndsItsStreams) {
  const auto hits = Stream("/counters/2/");
  Tell(Open("2"), 1, 26);
  ASSERT_TRUE(hits->opened());
  catalog_.SetPublic("");
  loop_.Settle();
  EXPECT_TRUE(hits->close_reason());
}

TEST_F(ProductChangeTest, AKeyThatIsRevokedWhileAStreamWaitsEndsItAtOnce) {
  const auto hits = Stream("/counters/2/?key=open");
  ASSERT_FALSE(hits->opened());
  Revoke("open");
  Tell(Open("2"), 1, 26);
  EXPECT_TRUE(hits->opened());
  EXPECT_TRUE(hits->close_reason());
}

TEST_F(ProductChangeTest, ManyAreClosedAndNothingIsLeft) {
  std::vector<std::shared_ptr<FakeClient>> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(Upgrade(kSub));
  Revoke("open");
  for (const auto& client : clients) EXPECT_TRUE(client->close_reason());
  EXPECT_EQ(parts_.streams.size(), 0);
  EXPECT_EQ(parts_.products.in_use(), 0u);
  EXPECT_EQ(admission_.places().products(), 0u);
}

// --- Settings ---

TEST_F(ProductChangeTest, OpenStreamsFollowNewIntervalsAndGraces) {
  const auto sub = Upgrade(kSub);
  Tell(Open("page"), 1, absl::nullopt, 1);
  ChangeOpen([](Product& product) {
    product.min_update_interval = absl::Seconds(2);
    product.clean_leave_grace = absl::Seconds(7);
  });
  Tell(Open("page"), 2, absl::nullopt, 2);
  Tell(Open("page"), 3, absl::nullopt, 3);
  EXPECT_THAT(sub->TakeFrames(), ElementsAre("1", "2"));
  loop_.Advance(absl::Milliseconds(1900));
  EXPECT_THAT(sub->TakeFrames(), IsEmpty());
  loop_.Advance(absl::Milliseconds(100));
  EXPECT_THAT(sub->TakeFrames(), ElementsAre("3"));

  TakeCommands();
  sub->Disconnect(1000);
  loop_.Advance(absl::Seconds(6.5));
  EXPECT_THAT(TakeCommands().presence, IsEmpty());
  loop_.Advance(absl::Seconds(1));
  EXPECT_THAT(TakeCommands().presence, SizeIs(1));
}

TEST_F(ProductChangeTest, NewOriginsHoldForWhatComes) {
  const auto open = Upgrade(kSub, {{"origin", "https://a.example"}});
  ChangeOpen([](Product& product) { product.allowed_origins = {"https://b.example"}; });
  EXPECT_FALSE(open->close_reason());
  EXPECT_EQ(Upgrade(kSub, {{"origin", "https://a.example"}})->response()->status, 403);
  EXPECT_TRUE(Upgrade(kSub, {{"origin", "https://b.example"}})->opened());
}

TEST_F(ProductChangeTest, AutoCreateCountersHoldsAtOnce) {
  const auto read = [&] { return Get("/counters/new/?key=open"); };
  read();
  Tell(Open("new"), 1, absl::nullopt);
  EXPECT_EQ(read()->response()->status, 404);
  ChangeOpen([](Product& product) { product.auto_create_counters = true; });
  EXPECT_EQ(read()->response()->body, "0\n");
}

// --- Before the first catalog ---

class NoCatalogTest : public ::testing::Test {
 protected:
  static Request MakeRequest(std::vector<std::pair<std::string, std::string>> headers) {
    Request request;
    request.method = "GET";
    request.path = "/sub";
    request.query = {{"urlId", "page"}, {"key", "open"}, {"pId", "me"}};
    request.headers = std::move(headers);
    request.peer_address = "127.0.0.1";
    return request;
  }

  FakeLoop loop_;
  FakeCounterClient client_;
  FakeCatalog catalog_;
  FakeUserGate users_;
  prometheus::Registry registry_;
  observability::GatewayMetrics metrics_{registry_};
  Admission admission_{10};
  runtime::SeededRandom random_{1};
  LoopParts parts_{loop_, client_, catalog_, users_, metrics_, admission_, random_};
  Assets assets_{EmbeddedAssets(), /*serve_demo=*/false};
  Router router_{parts_, assets_, absl::Seconds(1)};
  FakeTransport transport_{loop_, router_};
};

TEST_F(NoCatalogTest, WebSocketsGet503AndEventStreamsARetry) {
  const auto socket = transport_.Upgrade(MakeRequest({}));
  EXPECT_EQ(socket->response()->status, 503);
  EXPECT_FALSE(socket->header("retry-after").empty());
  const auto stream = transport_.Send(MakeRequest({{"accept", "text/event-stream"}}));
  EXPECT_EQ(stream->response()->status, 200);
  EXPECT_THAT(stream->response()->body, StartsWith("retry: "));
  EXPECT_EQ(metrics_.rejected(RejectReason::kUpstream).Value(), 2);
  Request head = MakeRequest({{"accept", "text/event-stream"}});
  head.method = "HEAD";
  EXPECT_EQ(transport_.Send(std::move(head))->response()->status, 200);
  catalog_.Add("open", Product{.name = kName, .allowed_origins = {"*"}});
  loop_.Settle();
  EXPECT_TRUE(transport_.Upgrade(MakeRequest({}))->opened());
}

}  // namespace
}  // namespace livecounter::gateway
