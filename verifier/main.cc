// livecounter-verifier: composition root.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "observability/grpc_server_metrics.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/clock.h"
#include "services/runtime/common_flags.h"
#include "services/runtime/grpc_log.h"
#include "services/runtime/grpc_pulse.h"
#include "services/runtime/grpc_server.h"
#include "services/runtime/grpc_tls_flags.h"
#include "services/runtime/ip_address.h"
#include "services/runtime/listen_check.h"
#include "services/runtime/metrics_port.h"
#include "services/runtime/random.h"
#include "services/runtime/server_runner.h"
#include "verifier/verifier.h"
#include "verifier/verifier_flags.h"

using livecounter::runtime::ListenAddress;

ABSL_FLAG(ListenAddress, grpc_listen, (ListenAddress{.host = "127.0.0.1", .port = 9092}),
          "Where VerifierService listens: gRPC, with health and reflection.");
ABSL_FLAG(std::string, edge_token_file, "", "A file with the token that gateways show.");
ABSL_FLAG(std::string, admin_token_file, "", "A file with the operator's token.");

namespace livecounter::verifier {
namespace {

constexpr char kProgram[] = "livecounter-verifier";
// Calls of customers' endpoints end after 3 s, a test after some more.
constexpr absl::Duration kDrainLimit = absl::Seconds(10);
constexpr char kTokenFileTakes[] = "the path of a file, or nothing";

runtime::Program Program() {
  const auto is_enabled = [](const ListenAddress& address) { return address.enabled(); };
  return {kProgram,
          "asks customers' own servers which users may count",
          {{"Listening",
            {runtime::OwnFlag(FLAGS_grpc_listen,
                              {.takes = "host:port or [IPv6]:port, with port 0 for any free one",
                               .valid = is_enabled}),
             runtime::MetricsListenFlag({.host = "127.0.0.1", .port = 9103})}},
           {"Callers",
            {runtime::OwnFlag(FLAGS_edge_token_file, {.takes = kTokenFileTakes}),
             runtime::OwnFlag(FLAGS_admin_token_file, {.takes = kTokenFileTakes})}},
           runtime::GrpcTlsFlags(),
           VerifierFlags(),
           runtime::LogFlags()}};
}

absl::Status AddToken(absl::string_view flag, const std::string& path,
                      std::vector<std::string>* tokens) {
  if (path.empty()) return absl::OkStatus();
  absl::StatusOr<std::string> token = runtime::LoadToken(path);
  if (!token.ok()) {
    return runtime::BadFlag(flag, absl::StrCat("a file with a token: ", token.status().message()));
  }
  tokens->push_back(*std::move(token));
  return absl::OkStatus();
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  const auto address = runtime::IpAddress::Parse(host);
  return address && (runtime::IpRange::Parse("127.0.0.0/8")->Contains(*address) ||
                     runtime::IpRange::Parse("::1")->Contains(*address));
}

// Nobody who is not on this machine may call without showing who they are.
absl::Status CheckCallers(const Options& options, const runtime::TlsFiles& tls) {
  const bool are_known = !options.tokens.empty() || !tls.ca.empty();
  if (are_known || IsLoopback(absl::GetFlag(FLAGS_grpc_listen).host)) return absl::OkStatus();
  return runtime::BadFlag(
      "grpc_listen",
      "an address of loopback, as 127.0.0.1:9092; any other needs "
      "--edge_token_file, --admin_token_file or --grpc_tls_client_ca, which say "
      "who may call");
}

absl::Status CheckConfig() {
  for (const ListenAddress& address :
       {absl::GetFlag(FLAGS_grpc_listen), absl::GetFlag(FLAGS_metrics_listen)}) {
    if (absl::Status status = runtime::CheckListen(address); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<Options> ReadOptions(const runtime::TlsFiles& tls) {
  absl::StatusOr<Options> options = OptionsFromFlags();
  if (!options.ok()) return options;
  for (const auto& [flag, path] :
       {std::pair("edge_token_file", absl::GetFlag(FLAGS_edge_token_file)),
        std::pair("admin_token_file", absl::GetFlag(FLAGS_admin_token_file))}) {
    if (absl::Status status = AddToken(flag, path, &options->tokens); !status.ok()) return status;
  }
  if (absl::Status status = CheckCallers(*options, tls); !status.ok()) return status;
  return options;
}

absl::Status Run(runtime::ServerRunner& runner) {
  runtime::SendLogsOfLibrariesTo(runner.logger());
  const absl::StatusOr<runtime::TlsFiles> tls = runtime::GrpcTlsFilesFromFlags();
  if (!tls.ok()) return tls.status();
  const absl::StatusOr<Options> options = ReadOptions(*tls);
  if (!options.ok()) return options.status();
  if (runner.check_config()) return CheckConfig();

  runtime::RealClock clock;
  const runtime::GrpcPulse pulse(clock);
  runtime::SecureRandom random;
  runtime::MetricsPort port(kProgram, runner);
  observability::GrpcServerMetrics grpc_metrics(port.registry());
  Verifier verifier(*options, {clock, random, port.registry()});
  const auto server = runtime::GrpcServer::Start(
      {.listen = absl::GetFlag(FLAGS_grpc_listen),
       .tls = *tls,
       .on_tls_change = runtime::LogTlsChange(runner.logger(), tls->cert),
       .metrics = &grpc_metrics,
       .logger = &runner.logger(),
       .health = &runner.health()},
      {verifier.service()});
  if (!server.ok()) return server.status();
  const auto exposer = port.Open({.before_scrape = [&] { verifier.UpdateMetrics(); }});
  if (!exposer.ok()) return exposer.status();

  std::vector<runtime::Endpoint> endpoints = {{"grpc", (*server)->address()}};
  if (*exposer != nullptr) endpoints.push_back({"metrics", (*exposer)->address()});
  return runner.Serve(endpoints, kDrainLimit,
                      [&](absl::Time deadline) { (*server)->Shutdown(deadline); });
}

}  // namespace
}  // namespace livecounter::verifier

int main(int argc, char** argv) {
  return livecounter::runtime::RunProgram(livecounter::verifier::Program(), argc, argv,
                                          livecounter::verifier::Run);
}
