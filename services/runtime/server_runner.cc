#include "services/runtime/server_runner.h"

#include <sys/resource.h>

#include <algorithm>
#include <deque>
#include <iostream>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "services/runtime/common_flags.h"
#include "services/runtime/stop_signals.h"
#include "services/runtime/version.h"

namespace livecounter::runtime {
namespace {

constexpr char kStartup[] = "startup";
constexpr int kExitOk = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

// How long the ready line waits for parts that are about to be ready, such as a store that is asked for
// the first time.
constexpr absl::Duration kReadyPatience = absl::Seconds(1);

// How long a drain may outlive its limit before the process is ended.
constexpr absl::Duration kDrainGrace = absl::Seconds(5);

// With a limit of 0 the kernel still hands a core to a program, as to systemd-coredump; with 1, which no file
// fits into, it does neither (fs/coredump.c).
void ForbidCoreDumps() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max = std::min<rlim_t>(limit.rlim_max, 1);
  setrlimit(RLIMIT_CORE, &limit);
}

// Debian builds Abseil with its check of the order of locks: each Lock() looks into a graph that all threads
// share, and takes eight times as long. Tests of parts keep it; programs do without.
void TrustTheOrderOfLocks() { absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore); }

void AwaitReady(const Health& health) {
  const absl::Time deadline = absl::Now() + kReadyPatience;
  while (!health.ready().ok() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
}

}  // namespace

ServerRunner::ServerRunner(const observability::Logger& logger, StopSignals& signals)
    : logger_(logger), signals_(signals), health_({kStartup}) {}

bool ServerRunner::check_config() const { return absl::GetFlag(FLAGS_check_config); }

absl::Status ServerRunner::Serve(const std::vector<Endpoint>& endpoints, absl::Duration drain_limit,
                                 absl::FunctionRef<void(absl::Time deadline)> drain) {
  health_.SetReady(kStartup, absl::OkStatus());
  AwaitReady(health_);
  std::cout << ReadyLine(endpoints) << std::flush;
  logger_.Info("serving");

  absl::Status why = signals_.Wait();
  health_.BeginDrain();
  signals_.EndProcessAfter(drain_limit + kDrainGrace);
  logger_.Info("draining", {{"limit_seconds", drain_limit}});
  const absl::Time start = absl::Now();
  drain(start + drain_limit);
  logger_.Info("drained", {{"took_seconds", absl::Now() - start}});
  return why;
}

void ServerRunner::RequestStop(const absl::Status& why) { signals_.RequestStop(why); }

std::string ReadyLine(const std::vector<Endpoint>& endpoints) {
  std::string line = "ready";
  for (const Endpoint& endpoint : endpoints) {
    absl::StrAppend(&line, " ", endpoint.name, "=", endpoint.address);
  }
  absl::StrAppend(&line, "\n");
  return line;
}

int RunProgram(const Program& program, int argc, const char* const* argv,
               absl::FunctionRef<absl::Status(ServerRunner&)> body) {
  if (absl::optional<int> exit_code = ParseCommandLine(program, argc, argv)) return *exit_code;
  if (!absl::GetFlag(FLAGS_core_dumps)) ForbidCoreDumps();
  TrustTheOrderOfLocks();
  // Never freed: libraries may log until the process is gone.
  static auto& loggers = *new std::deque<observability::Logger>;
  const observability::Logger& logger = loggers.emplace_back(observability::Logger::Options{
      .format = absl::GetFlag(FLAGS_log_format), .minimum = absl::GetFlag(FLAGS_log_level)});
  StopSignals signals(logger);  // before the first thread of anyone else
  ServerRunner runner(logger, signals);
  logger.Info("starting", {{"program", program.name}, {"version", Version()}});
  const absl::Status status = body(runner);
  if (IsBadFlag(status)) {
    std::cerr << program.name << ": " << status.message() << "\nTry " << program.name
              << " --help\n";
    return kExitUsage;
  }
  if (!status.ok()) {
    logger.Error("failed", {{"program", program.name}, {"error", status}});
    return kExitFailed;
  }
  if (runner.check_config()) {
    std::cout << program.name << ": the configuration is good\n";
    return kExitOk;
  }
  logger.Info("stopped", {{"program", program.name}});
  return kExitOk;
}

}  // namespace livecounter::runtime
