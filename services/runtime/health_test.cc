#include "services/runtime/health.h"

#include <thread>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(HealthTest, WithoutPartsItIsAliveAndReady) {
  Health health;
  EXPECT_TRUE(health.alive().ok());
  EXPECT_TRUE(health.ready().ok());
}

TEST(HealthTest, ReadyOnlyWhenEveryPartIs) {
  Health health({"engine", "upstream"});
  EXPECT_EQ(health.ready(), absl::UnavailableError("engine: starting; upstream: starting"));
  health.SetReady("engine", absl::OkStatus());
  EXPECT_EQ(health.ready(), absl::UnavailableError("upstream: starting"));
  health.SetReady("upstream", absl::OkStatus());
  EXPECT_TRUE(health.ready().ok());
}

TEST(HealthTest, APartCanBeLostAndComeBack) {
  Health health({"upstream"});
  health.SetReady("upstream", absl::OkStatus());
  health.SetReady("upstream", absl::DeadlineExceededError("lost for 31 s"));
  EXPECT_EQ(health.ready(), absl::UnavailableError("upstream: lost for 31 s"));
  health.SetReady("upstream", absl::OkStatus());
  EXPECT_TRUE(health.ready().ok());
}

TEST(HealthTest, APartMayBeAddedLater) {
  Health health;
  health.SetReady("engine", absl::UnavailableError("disk full"));
  EXPECT_EQ(health.ready(), absl::UnavailableError("engine: disk full"));
}

TEST(HealthTest, DrainingIsForEver) {
  Health health({"engine"});
  health.BeginDrain();
  health.SetReady("engine", absl::OkStatus());
  EXPECT_EQ(health.ready(), absl::UnavailableError("draining"));
  EXPECT_TRUE(health.alive().ok()) << "a draining process must not be restarted";
}

TEST(HealthTest, NotAliveKeepsItsReason) {
  Health health;
  health.SetAlive(absl::UnavailableError("loop 1 is stuck"));
  EXPECT_EQ(health.alive(), absl::UnavailableError("loop 1 is stuck"));
  health.SetAlive(absl::OkStatus());
  EXPECT_TRUE(health.alive().ok());
}

TEST(HealthTest, ListenersHearNothingOfWhatStaysAsItIs) {
  Health health({"engine", "upstream"});
  int told = 0;
  health.Listen([&told](bool, bool) { ++told; });
  health.SetReady("engine", absl::OkStatus());
  EXPECT_EQ(told, 1) << "one part of two";
  for (int i = 0; i < 3; ++i) health.SetReady("upstream", absl::OkStatus());
  EXPECT_EQ(told, 2);
}

TEST(HealthTest, ListenersHearTheStateAtOnceAndEachChange) {
  Health health({"engine"});
  std::vector<std::pair<bool, bool>> heard;
  health.Listen([&heard](bool alive, bool ready) { heard.emplace_back(alive, ready); });
  health.SetReady("engine", absl::OkStatus());
  health.SetAlive(absl::UnavailableError("stuck"));
  health.BeginDrain();
  EXPECT_THAT(heard, ElementsAre(Pair(true, false), Pair(true, true), Pair(false, true),
                                 Pair(false, false)));
}

TEST(HealthTest, ManyThreadsMayUseIt) {
  Health health({"a", "b"});
  bool last_ready = false;
  health.Listen([&last_ready](bool, bool ready) { last_ready = ready; });
  std::vector<std::thread> threads;
  for (const char* part : {"a", "b"}) {
    threads.emplace_back([&health, part] {
      for (int i = 0; i < 100; ++i) health.SetReady(part, absl::UnavailableError("away"));
      health.SetReady(part, absl::OkStatus());
    });
  }
  threads.emplace_back([&health] {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(health.alive().ok());
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(health.ready().ok());
  EXPECT_TRUE(last_ready);
}

}  // namespace
}  // namespace livecounter::runtime
