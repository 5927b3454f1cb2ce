#include "observability/program_metrics.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"

namespace livecounter::observability {
namespace {

using ::testing::HasSubstr;

std::string Text(const prometheus::Registry& registry) {
  return prometheus::TextSerializer().Serialize(registry.Collect());
}

TEST(ProgramMetricsTest, TheProcessIsShownAsItWasRead) {
  prometheus::Registry registry;
  ProgramMetrics metrics(registry, "p", "v");
  const Logger logger;
  metrics.Update({.cpu = absl::Milliseconds(1500),
                  .resident_bytes = 4096,
                  .open_files = 7,
                  .max_open_files = 20'000},
                 /*ready=*/true, logger);
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("process_cpu_seconds_total 1.5\n"));
  EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes 4096\n"));
  EXPECT_THAT(text, HasSubstr("process_open_fds 7\n"));
  EXPECT_THAT(text, HasSubstr("process_max_fds 20000\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_ready 1\n"));
}

TEST(ProgramMetricsTest, TotalsFollowWhatIsCountedElsewhere) {
  prometheus::Registry registry;
  ProgramMetrics metrics(registry, "p", "v");
  const Logger logger{{.minimum = LogLevel::kInfo, .sink = [](absl::string_view) {}}};
  logger.Info("one");
  logger.Info("two");
  logger.Debug("not_written");
  logger.Error("three");
  metrics.Update({.cpu = absl::Seconds(1)}, /*ready=*/false, logger);
  logger.Info("four");
  metrics.Update({.cpu = absl::Seconds(3)}, /*ready=*/false, logger);
  const std::string text = Text(registry);
  EXPECT_THAT(text, HasSubstr("livecounter_log_lines_total{level=\"info\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_log_lines_total{level=\"error\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_log_lines_total{level=\"debug\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("process_cpu_seconds_total 3\n"));
  EXPECT_THAT(text, HasSubstr("livecounter_ready 0\n"));
}

TEST(ProgramMetricsTest, ATotalNeverFalls) {
  prometheus::Counter counter;
  RaiseTo(5, counter);
  RaiseTo(3, counter);
  EXPECT_EQ(counter.Value(), 5);
}

TEST(ProgramMetricsTest, TheKernelTellsAboutThisProcess) {
  const ProcessUsage usage = ReadProcessUsage();
  EXPECT_GT(usage.cpu, absl::ZeroDuration());
  EXPECT_GT(usage.resident_bytes, 100'000);
  EXPECT_GE(usage.open_files, 3);
  EXPECT_GE(usage.max_open_files, usage.open_files);
}

}  // namespace
}  // namespace livecounter::observability
