// livecounter: composition root of all parts in one process, for one machine.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/time/clock.h"
#include "gateway/console/console_flags.h"
#include "gateway/gateway.h"
#include "gateway/gateway_flags.h"
#include "gateway/limit_flags.h"
#include "gateway/scrape.h"
#include "gateway/upstream/catalog_client.h"
#include "gateway/upstream/edge_counter_client.h"
#include "gateway/upstream/grpc_verifier_client.h"
#include "observability/metrics.h"
#include "services/admin/demo_data.h"
#include "services/counterd/counterd.h"
#include "services/counterd/counterd_flags.h"
#include "services/runtime/clock.h"
#include "services/runtime/common_flags.h"
#include "services/runtime/grpc_log.h"
#include "services/runtime/grpc_pulse.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_tls_flags.h"
#include "services/runtime/listen_check.h"
#include "services/runtime/metrics_port.h"
#include "services/runtime/random.h"
#include "services/runtime/server_runner.h"
#include "verifier/demo_customer_endpoint.h"
#include "verifier/verifier.h"
#include "verifier/verifier_flags.h"

namespace livecounter::standalone {
namespace {

constexpr char kProgram[] = "livecounter";
// For counterd, after the gateway's own drain: its streams are gone then.
constexpr absl::Duration kCounterdDrainLimit = absl::Seconds(5);
// For the products to come from one part of the process to the other, before it says that it serves.
constexpr absl::Duration kCatalogPatience = absl::Seconds(5);
// For calls of the console that are under way when the program is told to stop.
constexpr absl::Duration kConsolePatience = absl::Seconds(3);

runtime::Program Program() {
  return {kProgram,
          "live counters of hits and of who is present, all in one process",
          {{"Listening",
            {gateway::HttpListenFlag(), gateway::console::ConsoleListenFlag(),
             gateway::console::PublicUrlFlag(), counterd::GrpcListenFlag(),
             runtime::MetricsListenFlag({.host = "127.0.0.1", .port = 9100})}},
           runtime::GrpcTlsFlags(),
           counterd::StoreFlags(/*demo_by_default=*/true),
           gateway::GatewayFlags(),
           gateway::LimitFlags(),
           verifier::VerifierFlags(),
           runtime::LogFlags()}};
}

// The demo has a customer who verifies users, whose server is in this process.
void AddDemoCustomer(counterd::Options* options, verifier::Options* verifier_options) {
  options->demo_endpoint_uri = std::string(verifier::kDemoEndpointUri);
  verifier_options->demo_api_key = std::string(admin::kVerifiedDemoKey);
}

absl::Status CheckConfig(const counterd::Options& options) {
  for (const runtime::ListenAddress& address :
       {absl::GetFlag(FLAGS_http_listen), absl::GetFlag(FLAGS_console_listen),
        absl::GetFlag(FLAGS_metrics_listen)}) {
    if (absl::Status status = runtime::CheckListen(address); !status.ok()) return status;
  }
  return counterd::CheckOptions(options);
}

absl::Status Run(runtime::ServerRunner& runner) {
  runtime::SendLogsOfLibrariesTo(runner.logger());
  absl::StatusOr<counterd::Options> options = counterd::OptionsFromFlags();
  if (!options.ok()) return options.status();
  if (absl::Status status = gateway::CheckTlsFlags(); !status.ok()) return status;
  absl::StatusOr<verifier::Options> verifier_options = verifier::OptionsFromFlags();
  if (!verifier_options.ok()) return verifier_options.status();
  if (options->demo) AddDemoCustomer(&*options, &*verifier_options);
  if (runner.check_config()) return CheckConfig(*options);

  runtime::RealClock clock;
  const runtime::GrpcPulse pulse(clock);
  runtime::SecureRandom random;
  runtime::MetricsPort port(kProgram, runner);
  observability::GatewayMetrics gateway_metrics(port.registry());
  observability::ConsoleMetrics console_metrics(port.registry());
  observability::GrpcServerMetrics grpc_metrics(port.registry());

  // Without a port only this process reaches it, so its callers need no token.
  verifier::Verifier verifier(*verifier_options, {clock, random, port.registry()});
  const auto verifier_server = runtime::GrpcServer::Start(
      {.metrics = &grpc_metrics, .logger = &runner.logger()}, {verifier.service()});
  if (!verifier_server.ok()) return verifier_server.status();
  const auto verifier_channel = (*verifier_server)->InProcessChannel();

  const auto counterd = counterd::Counterd::Start(
      *options,
      {clock, random, runner.logger(), runner.health(), port.registry(), verifier_channel});
  if (!counterd.ok()) return counterd.status();
  const std::string& edge_token = (*counterd)->edge_token();
  gateway::EdgeCounterClient client({.token = edge_token}, (*counterd)->EdgeChannel(), clock,
                                    random, runner.logger());
  gateway::CatalogClient catalog(gateway::CatalogOptionsFromFlags(edge_token),
                                 (*counterd)->EdgeChannel(), clock, random, runner.logger());
  gateway::GrpcVerifierClient verifier_client(
      {.workers = {{"verifier", verifier_channel}}, .token = edge_token}, random);
  const auto gateway = gateway::Gateway::Start(
      gateway::GatewayOptionsFromFlags(),
      {client, catalog, gateway_metrics, runner.logger(), clock, random, &verifier_client});
  if (!gateway.ok()) return gateway.status();
  catalog.AwaitKnown(kCatalogPatience);
  const auto exposer = port.Open(
      {.before_scrape =
           [&] {
             (*counterd)->UpdateMetrics();
             verifier.UpdateMetrics();
             gateway::UpdateMetrics(**gateway, client, catalog, clock, gateway_metrics);
           },
       .before_ready = [&] { runner.health().SetReady("upstream", (*gateway)->Ready()); }});
  if (!exposer.ok()) return exposer.status();
  const auto console =
      gateway::console::StartConsoleFromFlags((*counterd)->GrpcChannel(), (*gateway)->address(),
                                              runner.logger(), {console_metrics, gateway_metrics});
  if (!console.ok()) return console.status();

  std::vector<runtime::Endpoint> endpoints = {{"http", (*gateway)->address()}};
  if (*console != nullptr) endpoints.push_back({"console", (*console)->address()});
  if (options->grpc_listen.enabled()) endpoints.push_back({"grpc", (*counterd)->grpc_address()});
  if (*exposer != nullptr) endpoints.push_back({"metrics", (*exposer)->address()});
  return runner.Serve(endpoints, gateway::DrainLimitFromFlags() + kCounterdDrainLimit,
                      [&](absl::Time deadline) {
                        if (*console != nullptr) {
                          (*console)->Drain(std::min(deadline, absl::Now() + kConsolePatience));
                        }
                        (*gateway)->Drain(deadline - kCounterdDrainLimit);
                        catalog.Stop();
                        (*counterd)->Drain(deadline);
                      });
}

}  // namespace
}  // namespace livecounter::standalone

int main(int argc, char** argv) {
  return livecounter::runtime::RunProgram(livecounter::standalone::Program(), argc, argv,
                                          livecounter::standalone::Run);
}
