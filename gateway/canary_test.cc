#include "gateway/canary.h"

#include "core/canary.h"
#include "gateway/testing/fake_counter_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wire/names.h"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class CanaryTest : public ::testing::Test {
 protected:
  void Move(absl::Time accepted_at) { client_.Tell({.changes = {CanaryChange(1, accepted_at)}}); }

  runtime::FakeClock clock_;
  FakeCounterClient client_;
  Canary canary_{client_, clock_};
};

TEST_F(CanaryTest, TheCanaryIsWatchedLikeAnyCounter) {
  const std::vector<LoopCommands> sent = client_.TakeSent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent[0].watch, ElementsAre(CanaryId()));
}

TEST_F(CanaryTest, ItsNameIsAProductsThatNoAccountCanHave) {
  EXPECT_TRUE(wire::CheckProductName(CanaryId().product).ok());
  // CreateAccount() refuses "-", which stands for all accounts.
  EXPECT_EQ(CanaryId().product.find("accounts/-/"), 0U);
}

TEST_F(CanaryTest, TheAgeIsThatOfTheNewestValue) {
  const absl::Time start = clock_.Now();
  Move(start);
  clock_.Advance(absl::Milliseconds(700));
  EXPECT_EQ(canary_.Age(), absl::Milliseconds(700));
  Move(start + absl::Milliseconds(600));
  EXPECT_EQ(canary_.Age(), absl::Milliseconds(100));
  Move(start);  // late
  EXPECT_EQ(canary_.Age(), absl::Milliseconds(100));
}

TEST_F(CanaryTest, TheAgeGrowsWhileNothingComes) {
  clock_.Advance(absl::Seconds(5));
  EXPECT_EQ(canary_.Age(), absl::Seconds(5));
  Change without_value = CanaryChange(1, clock_.Now());
  without_value.hits.reset();
  Change of_another = CanaryChange(1, clock_.Now());
  of_another.counter.product = "accounts/a/products/p";
  client_.Tell({.changes = {without_value, of_another}});
  EXPECT_EQ(canary_.Age(), absl::Seconds(5));
}

TEST_F(CanaryTest, AClockThatIsBehindShowsNoNegativeAge) {
  Move(clock_.Now() + absl::Seconds(3));
  EXPECT_EQ(canary_.Age(), absl::ZeroDuration());
}

TEST(CanaryOfAGatewayThatIsGoneTest, ValuesThatStillComeGoNowhere) {
  FakeCounterClient client;
  runtime::FakeClock clock;
  { const Canary canary(client, clock); }
  client.Tell({.changes = {CanaryChange(1, clock.Now())}});
}

}  // namespace
}  // namespace livecounter::gateway
