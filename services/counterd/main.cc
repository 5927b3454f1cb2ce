// livecounter-counterd: composition root.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "services/counterd/counterd.h"
#include "services/counterd/counterd_flags.h"
#include "services/runtime/clock.h"
#include "services/runtime/common_flags.h"
#include "services/runtime/grpc_client.h"
#include "services/runtime/grpc_log.h"
#include "services/runtime/grpc_pulse.h"
#include "services/runtime/grpc_tls_flags.h"
#include "services/runtime/listen_check.h"
#include "services/runtime/metrics_port.h"
#include "services/runtime/random.h"
#include "services/runtime/server_runner.h"
#include "services/runtime/target_check.h"
#include "services/runtime/upstream_tls_flags.h"

using livecounter::runtime::ListenAddress;

ABSL_FLAG(ListenAddress, edge_listen, (ListenAddress{.host = "127.0.0.1", .port = 9091}),
          "Where EdgeService listens, for gateways only. Empty: nowhere.");
ABSL_FLAG(std::string, edge_token_file, "",
          "A file with the token that gateways show; by default <data_dir>/edge-token, made at the "
          "first start.");
ABSL_FLAG(
    std::string, verifier, "",
    "Where VerifierService is, which tests customers' endpoints; it takes the same edge token. "
    "Empty: endpoints cannot be tested or saved.");
ABSL_FLAG(std::string, engine, "embedded", "Where counters are kept.");

namespace livecounter::counterd {
namespace {

constexpr char kProgram[] = "livecounter-counterd";
// Calls under way are short; streams are ended by ourselves.
constexpr absl::Duration kDrainLimit = absl::Seconds(10);

runtime::Program Program() {
  const auto is_embedded = [](const std::string& engine) { return engine == "embedded"; };
  return {kProgram,
          "counters: hits and presence, over gRPC, in a store of its own",
          {{"Listening",
            {GrpcListenFlag(), runtime::OwnFlag(FLAGS_edge_listen),
             runtime::OwnFlag(FLAGS_edge_token_file, {.takes = "the path of a file, or nothing"}),
             runtime::OwnFlag(FLAGS_verifier, {.takes = "host:port, or nothing"}),
             runtime::MetricsListenFlag({.host = "127.0.0.1", .port = 9101})}},
           runtime::GrpcTlsFlags(),
           runtime::UpstreamTlsFlags(),
           {"Engine",
            {runtime::OwnFlag(FLAGS_engine, {.takes = "embedded; redis is not there yet",
                                             .valid = is_embedded})}},
           StoreFlags(/*demo_by_default=*/false),
           runtime::LogFlags()}};
}

absl::Status CheckConfig(const Options& options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  return runtime::CheckListen(absl::GetFlag(FLAGS_metrics_listen));
}

// For --check_config.
constexpr absl::Duration kReachPatience = absl::Seconds(5);

// Null where --verifier is empty.
absl::StatusOr<std::shared_ptr<grpc::Channel>> VerifierChannel() {
  const std::string target = absl::GetFlag(FLAGS_verifier);
  if (target.empty()) return nullptr;
  const absl::StatusOr<runtime::TlsFiles> tls = runtime::UpstreamTlsFilesFromFlags();
  if (!tls.ok()) return tls.status();
  return runtime::MakeGrpcChannel({.target = target, .use_tls = tls->enabled(), .tls = *tls});
}

absl::Status Run(runtime::ServerRunner& runner) {
  runtime::SendLogsOfLibrariesTo(runner.logger());
  absl::StatusOr<Options> options = OptionsFromFlags();
  if (!options.ok()) return options.status();
  auto edge_token = TokenFromFlag("edge_token_file", absl::GetFlag(FLAGS_edge_token_file));
  if (!edge_token.ok()) return edge_token.status();
  options->edge_token = *std::move(edge_token);
  options->edge_listen = absl::GetFlag(FLAGS_edge_listen);
  const auto verifier = VerifierChannel();
  if (!verifier.ok()) return verifier.status();
  if (runner.check_config()) {
    if (*verifier != nullptr) {
      runtime::WarnIfNotReached("verifier", absl::GetFlag(FLAGS_verifier), **verifier,
                                kReachPatience, runner.logger());
    }
    return CheckConfig(*options);
  }

  runtime::RealClock clock;
  const runtime::GrpcPulse pulse(clock);
  runtime::SecureRandom random;
  runtime::MetricsPort port(kProgram, runner);
  const auto counterd = Counterd::Start(
      *options, {clock, random, runner.logger(), runner.health(), port.registry(), *verifier});
  if (!counterd.ok()) return counterd.status();
  const auto exposer = port.Open({.before_scrape = [&] { (*counterd)->UpdateMetrics(); }});
  if (!exposer.ok()) return exposer.status();

  std::vector<runtime::Endpoint> endpoints;
  if (options->grpc_listen.enabled()) endpoints.push_back({"grpc", (*counterd)->grpc_address()});
  if (options->edge_listen.enabled()) endpoints.push_back({"edge", (*counterd)->edge_address()});
  if (*exposer != nullptr) endpoints.push_back({"metrics", (*exposer)->address()});
  return runner.Serve(endpoints, kDrainLimit,
                      [&](absl::Time deadline) { (*counterd)->Drain(deadline); });
}

}  // namespace
}  // namespace livecounter::counterd

int main(int argc, char** argv) {
  return livecounter::runtime::RunProgram(livecounter::counterd::Program(), argc, argv,
                                          livecounter::counterd::Run);
}
