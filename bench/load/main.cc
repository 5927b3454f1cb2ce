// livecounter-load: an audience for a server of counters on this machine, and what it costs the server.
// bench/README.md says how to use it.

#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "bench/load/audience.h"
#include "bench/load/change_maker.h"
#include "bench/load/join_changes.h"
#include "bench/load/measurement.h"
#include "bench/load/post_changes.h"
#include "bench/load/report.h"
#include "bench/load/scoreboard.h"

ABSL_FLAG(std::string, target, "127.0.0.1:8080",
          "the server: an address of loopback with its port");
ABSL_FLAG(std::string, transport, "websocket", "websocket or events");
ABSL_FLAG(std::string, path, "/sub?urlId=c{counter}&key=demo&pId=v{connection}",
          "what is asked for; {counter} and {connection} are replaced by numbers from 0");
ABSL_FLAG(int, connections, 1000, "how many are opened");
ABSL_FLAG(int, counters, 1, "how many counters they watch, in turn; divides --connections");
ABSL_FLAG(double, open_rate, 0, "connections a second; 0: as fast as they are accepted");
ABSL_FLAG(int, max_opening, 128, "handshakes on their way at a time, in each process");
ABSL_FLAG(int, open_steps, 1, "in how many steps they are opened, each with its own cost");
ABSL_FLAG(bool, await_first, false, "every connection gets a number before there is a change");
ABSL_FLAG(absl::Duration, settle, absl::Seconds(1), "pause before memory is looked at");
ABSL_FLAG(absl::Duration, hold, absl::ZeroDuration(), "how long nothing is done, and measured");
ABSL_FLAG(absl::Duration, paced, absl::ZeroDuration(), "how long changes are made at --pace");
ABSL_FLAG(double, pace, 10, "changes a second, over all counters");
ABSL_FLAG(absl::Duration, fast, absl::ZeroDuration(),
          "how long changes are made as fast as they are delivered");
ABSL_FLAG(int, window, 2, "how many changes are then on their way");
ABSL_FLAG(std::vector<std::string>, server_pid, {}, "processes whose use is measured");
ABSL_FLAG(std::string, changes, "none", "none, post (HTTP) or join (presence of Live Counter)");
ABSL_FLAG(int64_t, base, 0, "the number before the first change; change k makes it base + k");
ABSL_FLAG(std::string, post_target, "", "for post: where to; --target when empty");
ABSL_FLAG(std::string, post_path, "/c{counter}", "for post; {counter} and {number} are replaced");
ABSL_FLAG(std::string, post_body, "{number}", "for post; likewise");
ABSL_FLAG(int, post_unanswered, 8, "for post: how many may be sent on a connection at a time");
ABSL_FLAG(std::string, edge, "127.0.0.1:9091", "for join: --edge_listen of livecounter-counterd");
ABSL_FLAG(std::string, edge_token_file, "", "for join: its --edge_token_file");
ABSL_FLAG(std::string, product, "accounts/demo/products/demo", "for join: the counters' product");
ABSL_FLAG(std::string, counter, "c{counter}", "for join: the counters' name");
ABSL_FLAG(absl::Duration, batch, absl::Milliseconds(10),
          "for join: for how long joins are gathered");
ABSL_FLAG(int, processes, 0, "of the audience; 0: one for each 10,000 connections");
ABSL_FLAG(absl::Duration, deadline, absl::Minutes(5), "when all of it ends, done or not");
ABSL_FLAG(std::string, json, "",
          "a file for the result as JSON besides the table; - for JSON only");

namespace livecounter::bench {
namespace {

absl::StatusOr<sockaddr_in> ParseLoopback(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  sockaddr_in address = {.sin_family = AF_INET, .sin_port = 0, .sin_addr = {}, .sin_zero = {}};
  int port = 0;
  if (inet_pton(AF_INET, parts.first.c_str(), &address.sin_addr) != 1 ||
      ntohl(address.sin_addr.s_addr) >> 24 != IN_LOOPBACKNET ||
      !absl::SimpleAtoi(parts.second, &port) || port <= 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text,
                     "\" is no target: takes 127.x.x.x:port, for this loads a server "
                     "on the same machine only"));
  }
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  std::ifstream file(path);
  const std::string token{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read --edge_token_file=", path));
  return std::string(absl::StripAsciiWhitespace(token));
}

absl::StatusOr<AudienceOptions> AudienceFromFlags() {
  const std::string target = absl::GetFlag(FLAGS_target);
  const absl::StatusOr<sockaddr_in> address = ParseLoopback(target);
  if (!address.ok()) return address.status();
  const std::string transport = absl::GetFlag(FLAGS_transport);
  if (transport != "websocket" && transport != "events") {
    return absl::InvalidArgumentError("--transport takes websocket or events");
  }
  const int counters = absl::GetFlag(FLAGS_counters);
  const int connections = absl::GetFlag(FLAGS_connections);
  if (counters < 1 || counters > kMaxCounters || connections < 1 || connections % counters != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--counters takes 1 to ", kMaxCounters, ", and must divide --connections"));
  }
  int processes = absl::GetFlag(FLAGS_processes);
  if (processes == 0) processes = (connections + 9999) / 10000;
  if (processes < 1 || processes > kMaxProcesses) {
    return absl::InvalidArgumentError(absl::StrCat("--processes takes 0 to ", kMaxProcesses));
  }
  return AudienceOptions{
      .target = *address,
      .transport = transport == "websocket" ? Transport::kWebSocket : Transport::kEvents,
      .host = target,
      .path = absl::GetFlag(FLAGS_path),
      .counters = counters,
      .processes = processes,
      .base = absl::GetFlag(FLAGS_base),
      .max_opening = absl::GetFlag(FLAGS_max_opening)};
}

absl::StatusOr<std::unique_ptr<ChangeMaker>> ChangesFromFlags() {
  const std::string kind = absl::GetFlag(FLAGS_changes);
  if (kind == "none") return nullptr;
  if (kind == "post") {
    std::string target = absl::GetFlag(FLAGS_post_target);
    if (target.empty()) target = absl::GetFlag(FLAGS_target);
    const absl::StatusOr<sockaddr_in> address = ParseLoopback(target);
    if (!address.ok()) return address.status();
    return std::make_unique<PostChanges>(
        PostChanges::Options{.target = *address,
                             .host = target,
                             .path = absl::GetFlag(FLAGS_post_path),
                             .body = absl::GetFlag(FLAGS_post_body),
                             .unanswered = absl::GetFlag(FLAGS_post_unanswered)});
  }
  if (kind == "join") {
    absl::StatusOr<std::string> token = ReadToken(absl::GetFlag(FLAGS_edge_token_file));
    if (!token.ok()) return token.status();
    return std::make_unique<JoinChanges>(
        JoinChanges::Options{.edge = absl::GetFlag(FLAGS_edge),
                             .token = *std::move(token),
                             .product = absl::GetFlag(FLAGS_product),
                             .name = absl::GetFlag(FLAGS_counter),
                             .batch = absl::GetFlag(FLAGS_batch)});
  }
  return absl::InvalidArgumentError("--changes takes none, post or join");
}

absl::StatusOr<Plan> PlanFromFlags() {
  Plan plan = {.connections = absl::GetFlag(FLAGS_connections),
               .counters = absl::GetFlag(FLAGS_counters),
               .base = absl::GetFlag(FLAGS_base),
               .open_rate = absl::GetFlag(FLAGS_open_rate),
               .open_steps = absl::GetFlag(FLAGS_open_steps),
               .await_first = absl::GetFlag(FLAGS_await_first),
               .settle = absl::GetFlag(FLAGS_settle),
               .hold = absl::GetFlag(FLAGS_hold),
               .paced = absl::GetFlag(FLAGS_paced),
               .pace = absl::GetFlag(FLAGS_pace),
               .fast = absl::GetFlag(FLAGS_fast),
               .window = absl::GetFlag(FLAGS_window),
               .server_pids = {}};
  for (const std::string& text : absl::GetFlag(FLAGS_server_pid)) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(text, &pid)) {
      return absl::InvalidArgumentError("--server_pid takes process ids with commas between");
    }
    plan.server_pids.push_back(pid);
  }
  const bool has_phase = plan.paced + plan.fast > absl::ZeroDuration();
  if (has_phase && absl::GetFlag(FLAGS_changes) == "none") {
    return absl::InvalidArgumentError("--paced and --fast need --changes");
  }
  return plan;
}

// As many open files as this process may have at all.
void RaiseFileLimit() {
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Scoreboard& NewScoreboard() {
  void* memory =
      mmap(nullptr, sizeof(Scoreboard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  return *new (memory) Scoreboard;
}

// The audience's processes, as children that do not outlive this one.
class AudienceProcesses {
 public:
  AudienceProcesses(const AudienceOptions& options, Scoreboard& scoreboard)
      : scoreboard_(scoreboard) {
    for (int process = 0; process < options.processes; ++process) Start(options, process);
  }
  ~AudienceProcesses() {
    scoreboard_.stop = true;
    for (const pid_t child : children_) waitpid(child, nullptr, 0);
  }
  AudienceProcesses(const AudienceProcesses&) = delete;
  AudienceProcesses& operator=(const AudienceProcesses&) = delete;

 private:
  void Start(AudienceOptions options, int process) {
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child < 0) {
      perror("fork");
      exit(1);
    }
    if (child > 0) {
      children_.push_back(child);
      return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    options.process = process;
    Audience(std::move(options), scoreboard_).Run();
    _exit(0);
  }

  Scoreboard& scoreboard_;
  std::vector<pid_t> children_;
};

absl::StatusOr<Result> MeasureByFlags() {
  const absl::StatusOr<AudienceOptions> audience = AudienceFromFlags();
  if (!audience.ok()) return audience.status();
  absl::StatusOr<Plan> plan = PlanFromFlags();
  if (!plan.ok()) return plan.status();
  const absl::StatusOr<std::unique_ptr<ChangeMaker>> changes = ChangesFromFlags();
  if (!changes.ok()) return changes.status();

  RaiseFileLimit();
  Scoreboard& scoreboard = NewScoreboard();
  // Before gRPC has threads.
  const AudienceProcesses processes(*audience, scoreboard);
  alarm(static_cast<unsigned>(absl::ToInt64Seconds(absl::GetFlag(FLAGS_deadline))));
  return Measurement(*std::move(plan), scoreboard, changes->get()).Run();
}

int Main() {
  const absl::StatusOr<Result> result = MeasureByFlags();
  if (!result.ok()) {
    std::cerr << "livecounter-load: " << result.status().message() << "\n";
    return 1;
  }
  const std::string json = absl::GetFlag(FLAGS_json);
  if (json == "-") {
    std::cout << ToJson(*result);
    return 0;
  }
  std::cout << ToTable(*result);
  if (json.empty()) return 0;
  std::ofstream file(json);
  file << ToJson(*result) << std::flush;
  if (!file) {
    std::cerr << "livecounter-load: cannot write --json=" << json << "\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace livecounter::bench

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "An audience for a server of counters on this machine, and what it costs the server.");
  absl::FlagsUsageConfig usage;
  usage.contains_help_flags = [](absl::string_view file) {
    return absl::StrContains(file, "bench/load/");
  };
  absl::SetFlagsUsageConfig(usage);
  absl::ParseCommandLine(argc, argv);
  return livecounter::bench::Main();
}
