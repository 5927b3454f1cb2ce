#include "gateway/update_tally.h"

#include <algorithm>
#include <vector>

#include "gateway/testing/edge_fixture.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using observability::Transport;

class UpdateTallyTest : public EdgeTest {
 protected:
  UpdateTally& tally() { return parts_.hub.tally(); }
  double Sent(Transport transport) { return metrics_.updates_sent(transport).Value(); }
  prometheus::ClientMetric::Histogram Delays() {
    return metrics_.update_delay().Collect().histogram;
  }
};

TEST_F(UpdateTallyTest, TheMetricsAreToldWithinHalfASecondAndOnce) {
  tally().CountSent(Connection::Kind::kWebSocket, 1);
  tally().CountSent(Connection::Kind::kWebSocket, 1);
  tally().CountSent(Connection::Kind::kEventStream, 1);
  EXPECT_EQ(Sent(Transport::kWebSocket), 0);
  loop_.Advance(absl::Milliseconds(500));
  EXPECT_EQ(Sent(Transport::kWebSocket), 2);
  EXPECT_EQ(Sent(Transport::kSse), 1);
  loop_.Advance(absl::Seconds(10));
  EXPECT_EQ(Sent(Transport::kWebSocket), 2);
  tally().CountSent(Connection::Kind::kWebSocket, 1);
  loop_.Advance(absl::Milliseconds(500));
  EXPECT_EQ(Sent(Transport::kWebSocket), 3);
}

TEST_F(UpdateTallyTest, ADelayIsInTheBucketThatTheMetricWouldHavePutItIn) {
  const std::vector<absl::Duration> delays = {
      absl::Milliseconds(-1), absl::ZeroDuration(), absl::Milliseconds(1), absl::Microseconds(1001),
      absl::Milliseconds(99), absl::Seconds(10),    absl::Seconds(11)};
  prometheus::Histogram expected(observability::GatewayMetrics::UpdateDelayBounds());
  for (const absl::Duration delay : delays) {
    tally().ObserveDelay(delay);
    expected.Observe(std::max(0.0, absl::ToDoubleSeconds(delay)));
  }
  tally().TellMetrics();
  const auto told = Delays();
  const auto wanted = expected.Collect().histogram;
  EXPECT_EQ(told.sample_count, delays.size());
  EXPECT_NEAR(told.sample_sum, wanted.sample_sum, 1e-9);
  ASSERT_EQ(told.bucket.size(), wanted.bucket.size());
  for (size_t i = 0; i < wanted.bucket.size(); ++i) {
    EXPECT_EQ(told.bucket[i].cumulative_count, wanted.bucket[i].cumulative_count) << i;
  }
}

}  // namespace
}  // namespace livecounter::gateway
