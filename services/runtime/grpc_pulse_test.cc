#include "services/runtime/grpc_pulse.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "services/runtime/clock.h"
#include "services/runtime/grpc_server_fixture.h"

namespace livecounter::runtime {
namespace {

class GrpcPulseTest : public GrpcServerTest {
 protected:
  // How long a call takes that comes when there was nothing to do for a little over a second.
  absl::Duration TimeOfACallAfterQuiet() {
    const auto channel = Connect();
    for (int i = 0; i < 50; ++i) Get(channel, "busy");  // each thread does some
    absl::SleepFor(absl::Milliseconds(1040));
    const absl::Time start = absl::Now();
    EXPECT_EQ(Get(channel, "first").code, 0);
    return absl::Now() - start;
  }

  RealClock clock_;
};

TEST_F(GrpcPulseTest, ACallAfterASecondOfQuietDoesNotWait) {
  const GrpcPulse pulse(clock_);
  Start(Options());
  absl::Duration shortest = absl::InfiniteDuration();
  for (int i = 0; i < 3; ++i) shortest = std::min(shortest, TimeOfACallAfterQuiet());
  EXPECT_LT(shortest, absl::Milliseconds(25)) << "60 without a pulse";
}

TEST_F(GrpcPulseTest, EndsWhileACallIsUnderWay) {
  for (int i = 0; i < 100; ++i) const GrpcPulse pulse(clock_);
}

}  // namespace
}  // namespace livecounter::runtime
