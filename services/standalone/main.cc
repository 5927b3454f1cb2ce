// livecounter: composition root of everything in one process, for one machine. The gateway reaches the
// counter service over EdgeService as it always does, on a channel without a socket.

#include <memory>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "gateway/demo_catalog.h"
#include "gateway/gateway.h"
#include "gateway/gateway_flags.h"
#include "gateway/upstream/edge_counter_client.h"
#include "observability/exposer.h"
#include "observability/metrics.h"
#include "prometheus/registry.h"
#include "services/counterd/counterd.h"
#include "services/counterd/counterd_flags.h"
#include "services/runtime/clock.h"
#include "services/runtime/common_flags.h"
#include "services/runtime/grpc_log.h"
#include "services/runtime/listen_check.h"
#include "services/runtime/random.h"
#include "services/runtime/server_runner.h"
#include "services/runtime/version.h"

namespace livecounter::standalone {
namespace {

using counterd::Counterd;
using gateway::EdgeCounterClient;
using gateway::Gateway;
using runtime::ListenAddress;

constexpr char kProgram[] = "livecounter";
// What the counter service takes after the gateway: calls under way are short.
constexpr absl::Duration kCounterdDrain = absl::Seconds(5);

runtime::Program Program() {
  return {kProgram,
          "live counters on one machine: edge, counter service and store in one process",
          {{"Listening",
            {gateway::HttpListenFlag(), gateway::ConsoleListenFlag(), counterd::GrpcListenFlag(),
             runtime::MetricsListenFlag({.host = "127.0.0.1", .port = 9100})}},
           counterd::StoreFlags(/*demo_by_default=*/true),
           gateway::GatewayFlags(),
           runtime::LogFlags()}};
}

absl::Status CheckConfig(const counterd::Options& options) {
  if (absl::Status status = counterd::CheckOptions(options); !status.ok()) return status;
  for (const ListenAddress& address :
       {absl::GetFlag(FLAGS_http_listen), absl::GetFlag(FLAGS_metrics_listen)}) {
    if (absl::Status status = runtime::CheckListen(address); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Null where --metrics_listen says so.
absl::StatusOr<std::unique_ptr<observability::Exposer>> StartExposer(
    std::shared_ptr<prometheus::Registry> registry, runtime::Health& health,
    const Gateway& gateway) {
  const ListenAddress address = absl::GetFlag(FLAGS_metrics_listen);
  if (!address.enabled()) return nullptr;
  return observability::Exposer::Start({.host = address.host,
                                        .port = address.port,
                                        .registry = std::move(registry),
                                        .alive = [&health] { return health.alive(); },
                                        .ready =
                                            [&health, &gateway] {
                                              health.SetReady("upstream", gateway.Ready());
                                              return health.ready();
                                            }});
}

absl::Status Run(runtime::ServerRunner& runner) {
  runtime::SendGrpcLogsTo(runner.logger());
  const absl::StatusOr<counterd::Options> options = counterd::OptionsFromFlags();
  if (!options.ok()) return options.status();
  if (runner.check_config()) return CheckConfig(*options);

  runtime::RealClock clock;
  runtime::SecureRandom random;
  const auto registry = std::make_shared<prometheus::Registry>();
  observability::RegisterBuildInfo(*registry, kProgram, runtime::Version());
  observability::GatewayMetrics metrics(*registry);
  const auto counterd =
      Counterd::Start(*options, {clock, random, runner.logger(), runner.health(), *registry});
  if (!counterd.ok()) return counterd.status();

  const gateway::DemoCatalog catalog(
      gateway::DemoCatalogOptionsFromFlags((*counterd)->edge_token()));
  EdgeCounterClient client({.token = (*counterd)->edge_token()}, (*counterd)->EdgeChannel(), clock,
                           random, runner.logger());
  const auto gateway = Gateway::Start(gateway::GatewayOptionsFromFlags(),
                                      {client, catalog, metrics, runner.logger(), clock, random});
  if (!gateway.ok()) return gateway.status();
  const auto exposer = StartExposer(registry, runner.health(), **gateway);
  if (!exposer.ok()) return exposer.status();

  std::vector<runtime::Endpoint> endpoints = {{"http", (*gateway)->address()}};
  if (options->grpc_listen.enabled()) endpoints.push_back({"grpc", (*counterd)->grpc_address()});
  if (*exposer != nullptr) endpoints.push_back({"metrics", (*exposer)->address()});
  return runner.Serve(endpoints, gateway::DrainLimitFromFlags() + kCounterdDrain,
                      [&](absl::Time deadline) {
                        (*gateway)->Drain(deadline - kCounterdDrain);
                        (*counterd)->Drain(deadline);
                      });
}

}  // namespace
}  // namespace livecounter::standalone

int main(int argc, char** argv) {
  return livecounter::runtime::RunProgram(livecounter::standalone::Program(), argc, argv,
                                          livecounter::standalone::Run);
}
