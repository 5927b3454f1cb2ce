// Many seeds of the simulated deployment. LIVECOUNTER_SIM_SEEDS says how many (default 1,000),
// LIVECOUNTER_SIM_SEED replays one and
// tells what happens in it.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
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

// A bug, and words of the check that is there to find it.
struct PlantedBug {
  Bug bug;
  const char* found_as;
};

class PlantedBugTest : public testing::TestWithParam<PlantedBug> {};

TEST_P(PlantedBugTest, IsFoundWithinAThousandSeeds) {
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    for (const std::string& violation : World(seed, GetParam().bug).Run().violations) {
      if (!absl::StrContains(violation, GetParam().found_as)) continue;
      std::printf("seed %lu: %s\n", seed, violation.c_str());
      return;
    }
  }
  ADD_FAILURE() << "no seed found it as \"" << GetParam().found_as << "\"";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBugTest,
                         testing::Values(PlantedBug{Bug::kForgetsSenders, "must be"},
                                         PlantedBug{Bug::kAnswersBeforeDurable, "twice"},
                                         PlantedBug{Bug::kIgnoresFloors, "dipped"},
                                         PlantedBug{Bug::kDropsShareWithStream, "dipped"},
                                         PlantedBug{Bug::kLosesLeaves, "counterd holds"},
                                         PlantedBug{Bug::kKeepsEpoch, "hits, the store has"},
                                         PlantedBug{Bug::kNeverExpires, "counterd holds"},
                                         PlantedBug{Bug::kOvertakesChanges, "was shown"},
                                         PlantedBug{Bug::kForgetsUsageNumbers, "is billed"},
                                         PlantedBug{Bug::kBillsLater, "is billed"},
                                         PlantedBug{Bug::kInheritsAsItsOwn, "it accepted"},
                                         PlantedBug{Bug::kForgetsJournal, "must be"},
                                         PlantedBug{Bug::kKeepsConnections, "counterd knows of"}));

}  // namespace
}  // namespace livecounter::simulation
