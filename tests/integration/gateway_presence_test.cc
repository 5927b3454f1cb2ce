// Presence through whole gateways: who is here is counted once, wherever they are connected, and no number
// moves that should not (contract §3, §7).

#include <memory>
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

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Ge;
using ::testing::Le;

using GatewayPresenceTest = GatewayIntegrationTest;

std::vector<std::unique_ptr<Viewer>> Viewers(const RunningGateway& gateway, int count,
                                             absl::string_view prefix) {
  std::vector<std::unique_ptr<Viewer>> viewers;
  for (int i = 0; i < count; ++i) {
    viewers.push_back(std::make_unique<Viewer>(gateway, absl::StrCat(prefix, i)));
  }
  return viewers;
}

TEST_F(GatewayPresenceTest, ViewersOfAllGatewaysAreCounted) {
  Start();
  const auto a = StartGateway();
  const auto b = StartGateway();
  Viewer watcher(*a, "watcher", /*contributes=*/false);
  EXPECT_TRUE(watcher.Shows(0));
  const auto at_a = Viewers(*a, 3, "a");
  const auto at_b = Viewers(*b, 4, "b");
  EXPECT_TRUE(watcher.Shows(7));
  EXPECT_TRUE(at_b[0]->Shows(7));
}

TEST_F(GatewayPresenceTest, OnePresenceAtTwoGatewaysCountsOnce) {
  Start();
  const auto a = StartGateway();
  const auto b = StartGateway();
  Viewer first(*a, "me");
  EXPECT_TRUE(first.Shows(1));
  Viewer second(*b, "me");
  EXPECT_TRUE(second.Shows(1));
  Viewer third(*b, "you");
  EXPECT_TRUE(first.Shows(2));
  EXPECT_TRUE(second.Shows(2));
}

TEST_F(GatewayPresenceTest, ACleanLeaveShowsAfter1s) {
  Start();
  const auto gateway = StartGateway();
  Viewer watcher(*gateway, "watcher");
  auto leaver = std::make_unique<Viewer>(*gateway, "leaver");
  EXPECT_TRUE(watcher.Shows(2));
  const absl::Time left = absl::Now();
  leaver->Leave();
  EXPECT_TRUE(watcher.Shows(1));
  EXPECT_GE(absl::Now() - left, absl::Milliseconds(900));
  EXPECT_LT(absl::Now() - left, absl::Seconds(3));
}

TEST_F(GatewayPresenceTest, ALostConnectionShowsAfter10s) {
  Start();
  const auto gateway = StartGateway();
  Viewer watcher(*gateway, "watcher");
  auto lost = std::make_unique<Viewer>(*gateway, "lost");
  EXPECT_TRUE(watcher.Shows(2));
  const absl::Time gone = absl::Now();
  lost.reset();
  EXPECT_TRUE(watcher.Shows(1));
  EXPECT_GE(absl::Now() - gone, absl::Milliseconds(9900));
  EXPECT_LT(absl::Now() - gone, absl::Seconds(13));
}

TEST_F(GatewayPresenceTest, ARestartOfTheCounterServiceDoesNotDip) {
  Start();
  const auto a = StartGateway();
  const auto b = StartGateway();
  const auto at_a = Viewers(*a, 5, "a");
  const auto at_b = Viewers(*b, 5, "b");
  Viewer watcher(*a, "watcher", /*contributes=*/false);
  ASSERT_TRUE(watcher.Shows(10));
  Stop();
  absl::SleepFor(absl::Seconds(1));
  Start();
  Viewer late(*b, "late");
  EXPECT_THAT(Numbers(watcher.ReadUntil(11)), Each(AllOf(Ge(10), Le(11))));
  EXPECT_TRUE(late.Shows(11));
}

TEST_F(GatewayPresenceTest, ADrainedGatewaysViewersMoveWithoutADip) {
  constexpr int kViewers = 20;
  Start();
  const auto a = StartGateway();
  const auto b = StartGateway();
  const auto at_a = Viewers(*a, kViewers, "v");
  Viewer watcher(*b, "watcher", /*contributes=*/false);
  ASSERT_TRUE(watcher.Shows(kViewers));

  std::thread drain([&] { a->gateway().Drain(absl::Now() + absl::Seconds(20)); });
  std::vector<std::unique_ptr<Viewer>> at_b;
  for (int i = 0; i < kViewers; ++i) {
    EXPECT_EQ(at_a[i]->ReadToClose(), 1001);
    at_a[i]->Leave();
    at_b.push_back(std::make_unique<Viewer>(*b, absl::StrCat("v", i)));
  }
  drain.join();
  EXPECT_FALSE(a->gateway().Ready().ok());
  Viewer last(*b, "last");
  EXPECT_THAT(Numbers(watcher.ReadUntil(kViewers + 1)),
              Each(AllOf(Ge(kViewers), Le(kViewers + 1))));
}

TEST_F(GatewayPresenceTest, NewViewersWaitForTheirNumberWhileTheCounterServiceIsAway) {
  Start();
  const auto gateway = StartGateway();
  Viewer first(*gateway, "first");
  ASSERT_TRUE(first.Shows(1));
  Stop();
  Viewer second(*gateway, "second", true, "other");
  EXPECT_TRUE(second.SilentFor(absl::Milliseconds(300)));
  Start();
  EXPECT_TRUE(second.Shows(1));
}

}  // namespace
}  // namespace livecounter::integration
