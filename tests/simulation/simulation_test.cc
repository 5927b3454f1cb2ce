// Many seeds of the simulated deployment. LIVECOUNTER_SIM_SEEDS says how many (default 1,000),
// LIVECOUNTER_SIM_SEED replays one and
// tells what happens in it.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/simulation/world.h"

namespace livecounter::simulation {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  uint64_t value = otherwise;
  if (text != nullptr && !absl::SimpleAtoi(text, &value)) ADD_FAILURE() << name << "=" << text;
  return value;
}

TEST(SimulationTest, EverySeedKeepsEveryPromise) {
  const uint64_t only = FromEnvironment("LIVECOUNTER_SIM_SEED", 0);
  const uint64_t first = only != 0 ? only : 1;
  const uint64_t seeds = only != 0 ? 1 : FromEnvironment("LIVECOUNTER_SIM_SEEDS", 1000);
  int64_t shown = 0, acknowledged = 0, faults = 0;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    const Report report = World(seed, Bug::kNone, /*tells=*/only != 0).Run();
    EXPECT_TRUE(report.violations.empty()) << "replay with LIVECOUNTER_SIM_SEED=" << seed << "\n  "
                                           << absl::StrJoin(report.violations, "\n  ");
    shown += report.shown;
    acknowledged += report.acknowledged;
    faults += report.faults;
  }
  std::printf("%lu seeds: %ld faults, %ld values shown, %ld hits acknowledged\n", seeds, faults,
              shown, acknowledged);
  // A run in which nothing happens proves nothing.
  EXPECT_GT(shown, static_cast<int64_t>(seeds) * 10);
  EXPECT_GT(faults, static_cast<int64_t>(seeds) * 3);
}

TEST(SimulationTest, ASeedReplaysExactly) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Report once = World(seed, Bug::kNone).Run();
    const std::string moves_the_heap(100'000 * seed, 'x');
    const Report again = World(seed, Bug::kNone).Run();
    EXPECT_EQ(once.trace, again.trace) << "seed " << seed;
    EXPECT_EQ(once.acknowledged, again.acknowledged) << "seed " << seed;
  }
}

class PlantedBugTest : public testing::TestWithParam<Bug> {};

TEST_P(PlantedBugTest, IsFoundWithinAThousandSeeds) {
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    const Report report = World(seed, GetParam()).Run();
    if (!report.violations.empty()) {
      std::printf("seed %lu: %s\n", seed, report.violations.front().c_str());
      return;
    }
  }
  ADD_FAILURE() << "no seed found it";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBugTest,
                         testing::Values(Bug::kForgetsSenders, Bug::kAnswersBeforeDurable,
                                         Bug::kIgnoresFloors, Bug::kDropsShareWithStream,
                                         Bug::kLosesLeaves, Bug::kKeepsEpoch, Bug::kNeverExpires,
                                         Bug::kForgetsUsageNumbers, Bug::kBillsLater,
                                         Bug::kKeepsConnections));

}  // namespace
}  // namespace livecounter::simulation
