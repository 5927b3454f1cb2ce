#include "core/product_asks.h"

#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter {
namespace {

using test::At;
using test::Hash;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class ProductAsksTest : public testing::Test {
 protected:
  ~ProductAsksTest() override { asks_.CheckInvariants(); }

  // Begins the next call, and expects it to be for that user.
  void Begin(uint64_t user, AskId ask) {
    ASSERT_TRUE(asks_.HasNext(At(0)));
    const ProductAsks::Call call = asks_.Next();
    EXPECT_EQ(call.user, Hash(user));
    EXPECT_EQ(call.ask, ask);
  }

  ProductAsks asks_{{.max_calls = 2, .max_asks = 5, .breaker = {.failures_to_open = 2}},
                    [] { return 0.0; }};
};

TEST_F(ProductAsksTest, HoweverManyAskForAUserThereIsOneCall) {
  EXPECT_TRUE(asks_.Add(Hash(1), 10));
  EXPECT_TRUE(asks_.Add(Hash(1), 11));
  Begin(1, 10);
  EXPECT_TRUE(asks_.Add(Hash(1), 12));
  EXPECT_FALSE(asks_.HasNext(At(0)));
  EXPECT_THAT(asks_.End(Hash(1), true, At(0)), ElementsAre(10, 11, 12));
  EXPECT_TRUE(asks_.idle());
}

TEST_F(ProductAsksTest, SoManyCallsAtATimeAndTheRestInOrder) {
  for (uint64_t user = 1; user <= 4; ++user) EXPECT_TRUE(asks_.Add(Hash(user), user));
  Begin(1, 1);
  Begin(2, 2);
  EXPECT_FALSE(asks_.HasNext(At(0)));
  EXPECT_THAT(asks_.End(Hash(2), true, At(0)), ElementsAre(2));
  Begin(3, 3);
  EXPECT_FALSE(asks_.HasNext(At(0)));
  EXPECT_THAT(asks_.End(Hash(1), true, At(0)), ElementsAre(1));
  Begin(4, 4);
}

TEST_F(ProductAsksTest, NoMoreThanSoManyMayWait) {
  for (AskId ask = 0; ask < 5; ++ask) EXPECT_TRUE(asks_.Add(Hash(1), ask));
  EXPECT_FALSE(asks_.Add(Hash(1), 5));
  EXPECT_FALSE(asks_.Add(Hash(2), 5));
  Begin(1, 0);
  EXPECT_FALSE(asks_.Add(Hash(2), 5)) << "for a call to end is waiting too";
  asks_.End(Hash(1), true, At(0));
  EXPECT_TRUE(asks_.Add(Hash(2), 5));
}

TEST_F(ProductAsksTest, ForOneWhoNoLongerWaitsNobodyIsAsked) {
  EXPECT_TRUE(asks_.Add(Hash(1), 10));
  EXPECT_TRUE(asks_.Add(Hash(1), 11));
  EXPECT_TRUE(asks_.Add(Hash(2), 20));
  asks_.Withdraw(Hash(1), 10);
  asks_.Withdraw(Hash(2), 20);
  asks_.Withdraw(Hash(2), 20);
  Begin(1, 11);
  EXPECT_FALSE(asks_.HasNext(At(0)));
  asks_.Withdraw(Hash(1), 11);
  EXPECT_FALSE(asks_.idle()) << "the call goes on";
  EXPECT_THAT(asks_.End(Hash(1), true, At(0)), IsEmpty());
}

TEST_F(ProductAsksTest, WhileTheBreakerIsOpenNobodyIsAskedAndThenOneAtATime) {
  for (uint64_t user = 1; user <= 4; ++user) EXPECT_TRUE(asks_.Add(Hash(user), user));
  Begin(1, 1);
  Begin(2, 2);
  asks_.End(Hash(1), false, At(0));
  asks_.End(Hash(2), false, At(0));
  EXPECT_FALSE(asks_.HasNext(At(0)));
  EXPECT_THAT(asks_.TakeWaiting(), ElementsAre(Pair(Hash(3), 3), Pair(Hash(4), 4)));
  EXPECT_TRUE(asks_.idle());
  EXPECT_FALSE(asks_.breaker().untouched()) << "that it failed is remembered";
  EXPECT_TRUE(asks_.Add(Hash(5), 5));
  EXPECT_TRUE(asks_.Add(Hash(6), 6));
  EXPECT_FALSE(asks_.HasNext(At(0)));
  ASSERT_TRUE(asks_.HasNext(At(5)));
  EXPECT_EQ(asks_.Next().user, Hash(5));
  EXPECT_FALSE(asks_.HasNext(At(5)));
  asks_.End(Hash(5), true, At(5));
  Begin(6, 6);
}

}  // namespace
}  // namespace livecounter
