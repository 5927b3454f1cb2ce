// Products with verification as one event loop's connections see it (contract §4): watching at once, counting
// by decision.

#include <memory>
#include <string>
#include <vector>

#include "gateway/presence_hash.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kSub[] = "/sub?urlId=page&key=open&pId=me";

class GatingTest : public EdgeTest {
 protected:
  GatingTest() { SetVerification(true); }

  void SetVerification(bool on) {
    Product product = *catalog_.FindByKey("open");
    product.verification.reset();
    if (on) product.verification = Verification{.endpoint_uri = "https://shop.example/verify"};
    catalog_.Set(std::move(product));
    loop_.Settle();
  }
  UserId User(absl::string_view presence_id) const {
    const ProductPtr product = catalog_.FindByKey("open");
    return {product->name, HashPresenceId(presence_id, product->presence_secret)};
  }
  void Decide(absl::string_view presence_id, bool counts) {
    users_.Decide(User(presence_id), counts);
    loop_.Settle();
  }
  // What was told upstream of `urlId` since the last call: +1 and -1.
  std::vector<int> Edges(absl::string_view url_id) {
    std::vector<int> edges;
    for (const PresenceDelta& delta : TakeCommands().presence) {
      if (delta.counter.id != url_id) continue;
      for (size_t i = 0; i < delta.joined.size(); ++i) edges.push_back(+1);
      for (size_t i = 0; i < delta.left.size(); ++i) edges.push_back(-1);
    }
    return edges;
  }
};

TEST_F(GatingTest, AConnectionWatchesAtOnceAndCountsWhenItIsDecided) {
  const auto sub = Upgrade(kSub);
  Tell(Open("page"), 1, absl::nullopt, 7);
  EXPECT_THAT(sub->TakeFrames(), ElementsAre("7"));
  EXPECT_THAT(Edges("page"), IsEmpty());
  ASSERT_THAT(users_.held(), SizeIs(1));
  EXPECT_EQ(users_.held().begin()->second.presence_id, "me");
  EXPECT_FALSE(users_.held().begin()->second.counts);
  Decide("me", true);
  EXPECT_THAT(Edges("page"), ElementsAre(+1));
}

TEST_F(GatingTest, ViewOnlyConnectionsAndOtherProductsAreNotAskedAbout) {
  Upgrade("/sub?urlId=page&key=open&pId=me&i=f");
  Upgrade("/watch?urlId=page&key=open");
  Upgrade("/sub?urlId=page&key=auto&pId=me");
  EXPECT_THAT(users_.held(), IsEmpty());
  EXPECT_EQ(parts_.presence.size(), 1);
}

TEST_F(GatingTest, AllTabsOfAUserAreOneQuestion) {
  const auto first = Upgrade(kSub);
  const auto second = Upgrade(kSub);
  const auto third = Upgrade("/sub?urlId=other&key=open&pId=me");
  EXPECT_THAT(users_.held(), SizeIs(1));
  users_.Decide(User("me"), true);
  loop_.RunTurn();
  loop_.Settle();
  EXPECT_EQ(parts_.presence.size(), 2);
  Upgrade("/sub?urlId=third&key=open&pId=me");
  EXPECT_THAT(Edges("third"), ElementsAre(+1)) << "who counts, counts everywhere at once";
  first->Disconnect(1000);
  third->Disconnect(1000);
  loop_.Advance(absl::Seconds(2));
  EXPECT_THAT(Edges("page"), IsEmpty()) << "the second tab is still there";
  EXPECT_THAT(users_.held(), SizeIs(1));
}

TEST_F(GatingTest, WhoCountsLeavesWithTheGraceAndIsReleased) {
  const auto sub = Upgrade(kSub);
  Decide("me", true);
  Edges("page");
  sub->Disconnect();
  loop_.Settle();
  EXPECT_THAT(users_.held(), IsEmpty());
  EXPECT_EQ(parts_.contributions.gated_users(), 0u);
  loop_.Advance(absl::Seconds(9));
  EXPECT_THAT(Edges("page"), IsEmpty());
  loop_.Advance(absl::Seconds(2));
  EXPECT_THAT(Edges("page"), ElementsAre(-1));
}

TEST_F(GatingTest, WhoDoesNotCountLeavesNothing) {
  const auto sub = Upgrade(kSub);
  sub->Disconnect();
  loop_.Advance(absl::Seconds(20));
  EXPECT_THAT(Edges("page"), IsEmpty());
  EXPECT_THAT(users_.held(), IsEmpty());
}

TEST_F(GatingTest, WhoIsFoundInvalidStopsCountingAtOnceAndGoesOnWatching) {
  const auto sub = Upgrade(kSub);
  const auto tab = Upgrade(kSub);
  Decide("me", true);
  tab->Disconnect();
  Edges("page");
  Decide("me", false);
  EXPECT_THAT(Edges("page"), ElementsAre(-1)) << "whatever the graces of other tabs";
  EXPECT_FALSE(sub->close_reason());
  Tell(Open("page"), 1, absl::nullopt, 5);
  EXPECT_THAT(sub->TakeFrames(), ElementsAre("5"));
  Decide("me", true);
  EXPECT_THAT(Edges("page"), ElementsAre(+1));
}

TEST_F(GatingTest, SwitchedOnAllWhoArePresentAreAskedAboutAndCountMeanwhile) {
  SetVerification(false);
  const auto me = Upgrade(kSub);
  const auto you = Upgrade("/sub?urlId=page&key=open&pId=you");
  const auto tab = Upgrade("/sub?urlId=page&key=open&pId=you");
  Edges("page");
  SetVerification(true);
  EXPECT_THAT(Edges("page"), IsEmpty());
  ASSERT_THAT(users_.held(), SizeIs(2));
  for (const auto& [user, held] : users_.held()) EXPECT_TRUE(held.counts);
  EXPECT_EQ(users_.held().at(User("you")).presence_id, "you");
  Decide("you", false);
  EXPECT_THAT(Edges("page"), ElementsAre(-1));
  for (const auto& client : {me, you, tab}) EXPECT_FALSE(client->close_reason());
}

TEST_F(GatingTest, SwitchedOffEverybodyCounts) {
  Upgrade(kSub);
  Upgrade("/sub?urlId=page&key=open&pId=you");
  Upgrade("/sub?urlId=page&key=open&pId=you");
  Decide("me", true);
  Edges("page");
  SetVerification(false);
  EXPECT_THAT(Edges("page"), ElementsAre(+1));
  EXPECT_EQ(parts_.presence.size(), 2);
  EXPECT_THAT(users_.held(), IsEmpty());
  Decide("you", false);
  EXPECT_THAT(Edges("page"), IsEmpty()) << "a decision that was on its way";
}

TEST_F(GatingTest, NothingIsLeftOfManyThatCameAndWent) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::shared_ptr<FakeClient>> clients;
    for (int i = 0; i < 10; ++i) {
      clients.push_back(Upgrade(absl::StrCat("/sub?urlId=page&key=open&pId=user", i % 7)));
    }
    if (round % 2 == 0) Decide("user3", true);
    SetVerification(round % 3 != 0);
    for (const auto& client : clients) client->Disconnect(1000);
  }
  loop_.Advance(absl::Seconds(20));
  EXPECT_EQ(parts_.presence.size(), 0);
  EXPECT_EQ(parts_.contributions.gated_users(), 0u);
  EXPECT_THAT(users_.held(), IsEmpty());
}

}  // namespace
}  // namespace livecounter::gateway
