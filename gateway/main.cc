// livecounter-gateway: composition root.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gateway/console/console_flags.h"
#include "gateway/gateway.h"
#include "gateway/gateway_flags.h"
#include "gateway/limit_flags.h"
#include "gateway/scrape.h"
#include "gateway/upstream/catalog_client.h"
#include "gateway/upstream/edge_counter_client.h"
#include "gateway/upstream/grpc_verifier_client.h"
#include "gateway/upstream/usage_journal.h"
#include "observability/metrics.h"
#include "services/runtime/bearer_token.h"
#include "services/runtime/clock.h"
#include "services/runtime/common_flags.h"
#include "services/runtime/grpc_client.h"
#include "services/runtime/grpc_log.h"
#include "services/runtime/grpc_pulse.h"
#include "services/runtime/listen_check.h"
#include "services/runtime/metrics_port.h"
#include "services/runtime/random.h"
#include "services/runtime/server_runner.h"
#include "services/runtime/target_check.h"
#include "services/runtime/upstream_tls_flags.h"

ABSL_FLAG(std::string, edge, "127.0.0.1:9091",
          "The counter service's port for gateways: --edge_listen of livecounter-counterd.");
ABSL_FLAG(std::string, edge_token_file, "", "What this gateway shows to the counter service.");
ABSL_FLAG(
    std::string, state_dir, "",
    "Where this gateway, and no other, keeps a journal of the connections that it accepts while "
    "the counter service is away, so that they are billed if the gateway is killed meanwhile. "
    "Without one they are not.");

ABSL_FLAG(
    std::string, verifier, "",
    "The verification workers: --grpc_listen of each livecounter-verifier. Without one, users of "
    "products with verification watch and do not count.");
ABSL_FLAG(std::string, counterd, "127.0.0.1:9090",
          "The counter service's port for the console: --grpc_listen of livecounter-counterd. With "
          "nothing the console has its pages only.");

namespace livecounter::gateway {
namespace {

constexpr char kProgram[] = "livecounter-gateway";
constexpr absl::Duration kReachPatience = absl::Seconds(5);
// How long the program waits before it says that it serves: without products it tells clients to come back.
constexpr absl::Duration kCatalogPatience = absl::Seconds(2);
// For calls of the console that are under way when the program is told to stop.
constexpr absl::Duration kConsolePatience = absl::Seconds(3);
constexpr char kEdgeTokenFileTakes[] =
    "the file with the token of the counter service, as <data_dir>/edge-token of "
    "livecounter-counterd";

constexpr char kStateDirTakes[] =
    "the path of a directory that this user may write to, or nothing for no journal";

constexpr char kVerifierTakes[] =
    "gRPC targets with commas between, as verifier-0:9092,verifier-1:9092, or nothing for none";

runtime::Program Program() {
  return {
      kProgram,
      "the edge: WebSockets, event streams and HTTP to the counter service",
      {{"Listening",
        {HttpListenFlag(), console::ConsoleListenFlag(), console::PublicUrlFlag(),
         runtime::MetricsListenFlag({.host = "127.0.0.1", .port = 9100})}},
       {"Counter service",
        {runtime::OwnFlag(FLAGS_edge, {.takes = "host:port, or another gRPC target",
                                       .valid = [](const std::string& t) { return !t.empty(); }}),
         runtime::OwnFlag(FLAGS_edge_token_file, {.takes = kEdgeTokenFileTakes}),
         runtime::OwnFlag(FLAGS_state_dir, {.takes = kStateDirTakes}),
         runtime::OwnFlag(FLAGS_verifier, {.takes = kVerifierTakes}),
         runtime::OwnFlag(FLAGS_counterd,
                          {.takes = "host:port, or another gRPC target, or nothing"})}},
       runtime::UpstreamTlsFlags(),
       GatewayFlags(),
       LimitFlags(),
       runtime::LogFlags()}};
}

absl::StatusOr<std::string> EdgeToken() {
  const std::string path = absl::GetFlag(FLAGS_edge_token_file);
  if (path.empty()) return runtime::BadFlag("edge_token_file", kEdgeTokenFileTakes);
  absl::StatusOr<std::string> token = runtime::LoadToken(path);
  if (token.ok()) return token;
  return runtime::BadFlag("edge_token_file",
                          absl::StrCat(kEdgeTokenFileTakes, "; ", token.status().message()));
}

absl::Status BadStateDir(const absl::Status& why) {
  return runtime::BadFlag("state_dir", absl::StrCat(kStateDirTakes, "; ", why.message()));
}

// Null without --state_dir.
absl::StatusOr<std::unique_ptr<UsageJournal>> OpenUsageJournal(
    const observability::Logger& logger) {
  const std::string directory = absl::GetFlag(FLAGS_state_dir);
  if (directory.empty()) return nullptr;
  auto journal = UsageJournal::Open(directory, logger);
  if (!journal.ok()) return BadStateDir(journal.status());
  return journal;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const runtime::TlsFiles& tls) {
  return runtime::MakeGrpcChannel({.target = target, .use_tls = tls.enabled(), .tls = tls});
}

// Null where the console calls nobody.
absl::StatusOr<std::shared_ptr<grpc::Channel>> ConsoleChannel(const runtime::TlsFiles& tls) {
  const std::string target = absl::GetFlag(FLAGS_counterd);
  if (target.empty()) return nullptr;
  return MakeChannel(target, tls);
}

using VerifierWorkers = std::vector<GrpcVerifierClient::Worker>;

// Those that --verifier names.
absl::StatusOr<VerifierWorkers> MakeVerifierWorkers(const runtime::TlsFiles& tls) {
  VerifierWorkers workers;
  const std::string targets = absl::GetFlag(FLAGS_verifier);
  for (const absl::string_view target : absl::StrSplit(targets, ',', absl::SkipWhitespace())) {
    auto channel = MakeChannel(std::string(target), tls);
    if (!channel.ok()) return channel.status();
    workers.push_back({std::string(target), *std::move(channel)});
  }
  return workers;
}

// Null without workers.
std::unique_ptr<VerifierClient> MakeVerifierClient(VerifierWorkers workers,
                                                   const std::string& token,
                                                   runtime::Random& random) {
  if (workers.empty()) return nullptr;
  return std::make_unique<GrpcVerifierClient>(
      GrpcVerifierClient::Options{.workers = std::move(workers), .token = token}, random);
}

// --check_config: tells of what the flags lead to, and a gateway can do without, when it is not there.
void WarnOfWhatIsAway(const VerifierWorkers& workers, grpc::Channel* console,
                      const observability::Logger& logger) {
  for (const GrpcVerifierClient::Worker& worker : workers) {
    runtime::WarnIfNotReached("verifier", worker.name, *worker.channel, kReachPatience, logger);
  }
  if (console == nullptr || !absl::GetFlag(FLAGS_console_listen).enabled()) return;
  runtime::WarnIfNotReached("counterd", absl::GetFlag(FLAGS_counterd), *console, kReachPatience,
                            logger);
}

// --check_config: whether what the flags lead to, and a gateway needs, is there.
absl::Status CheckConfig(const EdgeCounterClient& client) {
  if (const std::string directory = absl::GetFlag(FLAGS_state_dir); !directory.empty()) {
    const absl::Status usable = UsageJournal::Check(directory);
    if (!usable.ok()) return BadStateDir(usable);
  }
  for (const runtime::ListenAddress& address :
       {absl::GetFlag(FLAGS_http_listen), absl::GetFlag(FLAGS_console_listen),
        absl::GetFlag(FLAGS_metrics_listen)}) {
    if (absl::Status status = runtime::CheckListen(address); !status.ok()) return status;
  }
  const absl::Time deadline = absl::Now() + kReachPatience;
  while (!client.EverConnected()) {
    if (absl::Now() > deadline) {
      return absl::UnavailableError(absl::StrCat(
          "--edge: no counter service took this gateway at ", absl::GetFlag(FLAGS_edge), " within ",
          absl::FormatDuration(kReachPatience), ": ", client.LastFailure().message()));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  return absl::OkStatus();
}

absl::Status Run(runtime::ServerRunner& runner) {
  runtime::SendLogsOfLibrariesTo(runner.logger());
  const absl::StatusOr<std::string> token = EdgeToken();
  if (!token.ok()) return token.status();
  if (absl::Status status = CheckTlsFlags(); !status.ok()) return status;
  const absl::StatusOr<runtime::TlsFiles> tls = runtime::UpstreamTlsFilesFromFlags();
  if (!tls.ok()) return tls.status();
  const auto channel = MakeChannel(absl::GetFlag(FLAGS_edge), *tls);
  if (!channel.ok()) return channel.status();
  const auto console_channel = ConsoleChannel(*tls);
  if (!console_channel.ok()) return console_channel.status();
  auto workers = MakeVerifierWorkers(*tls);
  if (!workers.ok()) return workers.status();

  runtime::RealClock clock;
  const runtime::GrpcPulse pulse(clock);
  runtime::SecureRandom random;
  runtime::MetricsPort port(kProgram, runner);
  observability::GatewayMetrics metrics(port.registry());
  observability::ConsoleMetrics console_metrics(port.registry());
  EdgeCounterClient::Options client_options;
  client_options.token = *token;
  if (runner.check_config()) {
    EdgeCounterClient client(std::move(client_options), *channel, clock, random, runner.logger());
    WarnOfWhatIsAway(*workers, console_channel->get(), runner.logger());
    return CheckConfig(client);
  }
  const auto journal = OpenUsageJournal(runner.logger());
  if (!journal.ok()) return journal.status();
  EdgeCounterClient client(std::move(client_options), *channel, clock, random, runner.logger(),
                           journal->get());
  const auto verifier = MakeVerifierClient(*std::move(workers), *token, random);
  CatalogClient catalog(CatalogOptionsFromFlags(*token), *channel, clock, random, runner.logger());

  const auto gateway =
      Gateway::Start(GatewayOptionsFromFlags(),
                     {client, catalog, metrics, runner.logger(), clock, random, verifier.get()});
  if (!gateway.ok()) return gateway.status();
  catalog.AwaitKnown(kCatalogPatience);
  const auto exposer = port.Open(
      {.before_scrape = [&] { UpdateMetrics(**gateway, client, catalog, clock, metrics); },
       .before_ready = [&] { runner.health().SetReady("upstream", (*gateway)->Ready()); }});
  if (!exposer.ok()) return exposer.status();
  const auto console = console::StartConsoleFromFlags(*console_channel, (*gateway)->address(),
                                                      runner.logger(), {console_metrics, metrics});
  if (!console.ok()) return console.status();

  std::vector<runtime::Endpoint> endpoints = {{"http", (*gateway)->address()}};
  if (*console != nullptr) endpoints.push_back({"console", (*console)->address()});
  if (*exposer != nullptr) endpoints.push_back({"metrics", (*exposer)->address()});
  return runner.Serve(endpoints, DrainLimitFromFlags(), [&](absl::Time deadline) {
    if (*console != nullptr) (*console)->Drain(std::min(deadline, absl::Now() + kConsolePatience));
    (*gateway)->Drain(deadline);
  });
}

}  // namespace
}  // namespace livecounter::gateway

int main(int argc, char** argv) {
  return livecounter::runtime::RunProgram(livecounter::gateway::Program(), argc, argv,
                                          livecounter::gateway::Run);
}
