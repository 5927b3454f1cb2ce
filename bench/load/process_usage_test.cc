#include "bench/load/process_usage.h"

#include <unistd.h>

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace livecounter::bench {
namespace {

constexpr pid_t kNobody = 5'000'000;  // no process: above the largest pid_max, 2²²

TEST(ProcessUsage, ReadsTheSizesOfARollup) {
  const absl::StatusOr<Memory> memory = ParseSmapsRollup(
      "55e8-7ffd ---p 00000000 00:00 0    [rollup]\n"
      "Rss:                1380 kB\n"
      "Pss:                 101 kB\n"
      "Pss_Dirty:            96 kB\n");
  ASSERT_TRUE(memory.ok()) << memory.status();
  EXPECT_EQ(memory->resident, 1380 * 1024);
  EXPECT_EQ(memory->proportional, 101 * 1024);
}

TEST(ProcessUsage, ARollupWithoutASizeIsRefused) {
  EXPECT_EQ(ParseSmapsRollup("Rss: 1380 kB\n").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseSmapsRollup("").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ProcessUsage, MemoryThatIsTouchedIsSeen) {
  const absl::StatusOr<std::vector<Memory>> before = ResidentMemory({getpid()});
  ASSERT_TRUE(before.ok()) << before.status();
  constexpr int64_t kSize = 32 << 20;
  const std::vector<char> touched(kSize, 'x');
  const absl::StatusOr<std::vector<Memory>> after = ResidentMemory({getpid()});
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_GE((after->at(0) - before->at(0)).resident, kSize - (kSize >> 4)) << touched.size();
}

TEST(ProcessUsage, ProcessorTimeGrowsWithWork) {
  const absl::StatusOr<std::vector<int64_t>> before = ProcessorTimes({getpid(), getpid()});
  ASSERT_TRUE(before.ok()) << before.status();
  std::vector<int64_t> last;
  for (int i = 0; i < 1000; ++i) last = *ProcessorTimes({getpid(), getpid()});  // work
  ASSERT_EQ(last.size(), 2u);
  EXPECT_GT(last[0], before->at(1));
}

TEST(ProcessUsage, AProcessThatIsGoneIsAnError) {
  EXPECT_EQ(ProcessorTimes({getpid(), kNobody}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ResidentMemory({getpid(), kNobody}).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace livecounter::bench
