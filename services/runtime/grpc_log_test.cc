#include "services/runtime/grpc_log.h"

#include <grpc/grpc.h>
#include <grpc/support/log.h>

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::runtime {
namespace {

// gRPC keeps what it is given until the process ends, and so does this.
struct Captured {
  absl::Mutex mutex;
  std::string lines ABSL_GUARDED_BY(mutex);
  observability::Logger logger{{.sink = [this](absl::string_view line) {
    absl::MutexLock lock(&mutex);
    lines.append(line.data(), line.size());
  }}};
  std::string Take() {
    absl::MutexLock lock(&mutex);
    return std::exchange(lines, "");
  }
};

Captured& ProcessLog() {
  static Captured& captured = *new Captured;
  return captured;
}

class GrpcLogTest : public testing::Test {
 protected:
  void SetUp() override {
    grpc_init();  // which decides what severity is logged
    SendGrpcLogsTo(ProcessLog().logger);
    ProcessLog().Take();
  }
  void TearDown() override { grpc_shutdown(); }
};

TEST_F(GrpcLogTest, ErrorsOfGrpcAreWarningsOfOurs) {
  gpr_log(GPR_ERROR, "port %d is taken", 80);
  const nlohmann::json line = nlohmann::json::parse(ProcessLog().Take());
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["event"], "grpc");
  EXPECT_EQ(line["message"], "port 80 is taken");
  EXPECT_EQ(line["source"], "grpc_log_test.cc");
}

TEST_F(GrpcLogTest, ItsDetailsAreBelowTheUsualLevel) {
  gpr_log(GPR_INFO, "a detail");
  EXPECT_EQ(ProcessLog().Take(), "");
}

}  // namespace
}  // namespace livecounter::runtime
