// What the tests of whole gateways share: gateways on real sockets, attached to a counterd over TCP, and
// clients that speak HTTP and WebSocket to them.

#ifndef LIVECOUNTER_TESTS_INTEGRATION_GATEWAY_FIXTURE_H_
#define LIVECOUNTER_TESTS_INTEGRATION_GATEWAY_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gateway/gateway.h"
#include "gateway/net/testing/client.h"
#include "gateway/upstream/catalog_client.h"
#include "gateway/upstream/edge_counter_client.h"
#include "observability/metrics.h"
#include "prometheus/registry.h"
#include "services/runtime/random.h"
#include "tests/integration/counterd_fixture.h"

namespace livecounter::integration {

// A gateway as livecounter-gateway puts it together, on a free port.
class RunningGateway {
 public:
  // All outlive it.
  RunningGateway(const std::shared_ptr<grpc::Channel>& channel, gateway::Gateway::Options options,
                 runtime::Clock& clock, runtime::Random& random,
                 const observability::Logger& logger);

  int port() const { return port_; }
  gateway::Gateway& gateway() { return *gateway_; }
  observability::GatewayMetrics& metrics() { return metrics_; }

  // One whole request on a connection of its own.
  gateway::net::Answer Request(absl::string_view method, absl::string_view target,
                               absl::string_view headers = "") const;
  // The number that a 200 answers; nothing for other answers.
  absl::optional<int64_t> Get(absl::string_view id) const;
  absl::optional<int64_t> Post(absl::string_view id, absl::string_view headers = "") const;

 private:
  prometheus::Registry registry_;
  observability::GatewayMetrics metrics_;
  gateway::EdgeCounterClient client_;
  gateway::CatalogClient catalog_;
  std::unique_ptr<gateway::Gateway> gateway_;
  int port_ = 0;
};

// A page that shows who is here. Closing it without Leave() is a lost connection.
class Viewer {
 public:
  // `contributes`: it is counted too.
  Viewer(const RunningGateway& gateway, absl::string_view presence_id, bool contributes = true,
         absl::string_view url_id = "page");

  // Reads until the page shows `number`; what it showed on the way, that number included. Ends too when
  // nothing comes for long.
  std::vector<std::string> ReadUntil(int64_t number);
  // Whether it came to that.
  bool Shows(int64_t number);
  // Everything until the connection ends; the close code, if there was one.
  absl::optional<uint16_t> ReadToClose(std::vector<std::string>* numbers = nullptr);
  // A clean close, as a browser does it when its page goes.
  void Leave();
  bool SilentFor(absl::Duration time) { return client_.SilentFor(time); }

 private:
  gateway::net::WebSocketClient client_;
};

// The numbers that a page saw, as numbers.
std::vector<int64_t> Numbers(const std::vector<std::string>& texts);

// With the demo account.
class GatewayIntegrationTest : public CounterdTest {
 protected:
  GatewayIntegrationTest() { options_.demo = true; }

  // Attached to a counterd that runs, or soon will.
  std::unique_ptr<RunningGateway> StartGateway();

  gateway::Gateway::Options gateway_options_ = {
      .listen = {.host = "127.0.0.1", .port = 0}, .threads = 2, .drain = absl::Seconds(2)};
};

}  // namespace livecounter::integration

#endif  // LIVECOUNTER_TESTS_INTEGRATION_GATEWAY_FIXTURE_H_
