// The fixture of tests that look at one event loop of a gateway from outside: requests go in, a test plays
// the counter service, time moves when it is told to.

#ifndef LIVECOUNTER_GATEWAY_TESTING_EDGE_FIXTURE_H_
#define LIVECOUNTER_GATEWAY_TESTING_EDGE_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/admission.h"
#include "gateway/client_limits.h"
#include "gateway/http/assets.h"
#include "gateway/http/router.h"
#include "gateway/loop_parts.h"
#include "gateway/testing/fake_catalog.h"
#include "gateway/testing/fake_counter_client.h"
#include "gateway/testing/fake_transport.h"
#include "gateway/testing/fake_user_gate.h"
#include "gtest/gtest.h"
#include "observability/metrics.h"
#include "prometheus/registry.h"
#include "services/runtime/random.h"

namespace livecounter::gateway {

// The public product has the key "open" and takes any origin; "strict" takes https://shop.example.com;
// "auto" has auto_create_counters. All conflate to 100 ms.
class EdgeTest : public ::testing::Test {
 protected:
  static constexpr int64_t kMaxConnections = 5000;
  static constexpr char kAllowedOrigin[] = "https://shop.example.com";
  static constexpr uint64_t kEpoch = 7;

  explicit EdgeTest(const ClientLimits::Options& limits = {});

  static CounterId Open(absl::string_view id) {
    return {"accounts/a/products/open", std::string(id)};
  }
  static CounterId Auto(absl::string_view id) {
    return {"accounts/a/products/auto", std::string(id)};
  }

  // "/sub?key=a%20b" is written decoded: Get("/sub?key=a b").
  static Request MakeRequest(absl::string_view method, absl::string_view target,
                             std::vector<std::pair<std::string, std::string>> headers = {});

  std::shared_ptr<FakeClient> Send(absl::string_view method, absl::string_view target,
                                   std::vector<std::pair<std::string, std::string>> headers = {});
  std::shared_ptr<FakeClient> Get(absl::string_view target,
                                  std::vector<std::pair<std::string, std::string>> headers = {}) {
    return Send("GET", target, std::move(headers));
  }
  std::shared_ptr<FakeClient> Upgrade(
      absl::string_view target, std::vector<std::pair<std::string, std::string>> headers = {});
  std::shared_ptr<FakeClient> Stream(absl::string_view target) {
    return Get(target, {{"accept", "text/event-stream"}});
  }

  // The counter service says: the counter has these numbers at this revision.
  void Tell(const CounterId& counter, uint64_t revision, absl::optional<int64_t> hits,
            int64_t present = 0, uint64_t epoch = kEpoch);
  // The same, of presence, without a turn of the loop.
  void TellOnly(const CounterId& counter, uint64_t revision, int64_t present,
                absl::Time accepted_at = absl::InfinitePast());
  // The counter service answers the hit `ticket`.
  void Answer(uint64_t ticket, const absl::Status& status, int64_t value = 0);

  // All that was sent upstream since the last call, as one.
  LoopCommands TakeCommands();
  // The one hit among it.
  LoopCommands::Hit TakeHit();

  double Rejected(observability::RejectReason reason) { return metrics_.rejected(reason).Value(); }

  FakeLoop loop_;
  FakeCounterClient client_;
  prometheus::Registry registry_;
  observability::GatewayMetrics metrics_;
  Admission admission_;
  runtime::SeededRandom random_;
  FakeCatalog catalog_;
  FakeUserGate users_;
  LoopParts parts_;
  Assets assets_;
  Router router_;
  FakeTransport transport_;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_TESTING_EDGE_FIXTURE_H_
