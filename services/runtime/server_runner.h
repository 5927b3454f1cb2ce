// The main() of every program: flags, logs, signals, ready line, drain, exit code (contract §1,
// §7).
//
//   int main(int argc, char** argv) {
//     return runtime::RunProgram(program, argc, argv, [](runtime::ServerRunner& runner) {
//       … read flags, build the parts …
//       if (runner.check_config()) return absl::OkStatus();
//       return runner.Serve({{"http", http.address()}}, absl::Seconds(20),
//                           [&](absl::Time deadline) { http.Drain(deadline); });
//     });
//   }
//
// Exit codes: 0 clean, 1 failed, 2 bad usage (flags.h). The first SIGTERM or SIGINT makes the
// process not ready and drains it; a second one, or a drain that outlives its limit, ends it at
// once with 1. Both signals are blocked before any thread starts and are read by one thread of our
// own; SIGPIPE is ignored. A crash leaves no core file unless --core_dumps. Once per process.

#ifndef LIVECOUNTER_SERVICES_RUNTIME_SERVER_RUNNER_H_
#define LIVECOUNTER_SERVICES_RUNTIME_SERVER_RUNNER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "observability/logging.h"
#include "services/runtime/flags.h"
#include "services/runtime/health.h"

namespace livecounter::runtime {

class StopSignals;

// One address of the ready line: {"grpc", "127.0.0.1:9090"}.
struct Endpoint {
  std::string name;
  std::string address;
};

class ServerRunner {
 public:
  // `logger` and `signals` outlive the runner.
  ServerRunner(const observability::Logger& logger, StopSignals& signals);
  ServerRunner(const ServerRunner&) = delete;
  ServerRunner& operator=(const ServerRunner&) = delete;

  const observability::Logger& logger() const { return logger_; }
  // Has the part "startup", which becomes ready in Serve(); the program adds its own.
  Health& health() { return health_; }
  // --check_config was given: validate, do not serve.
  bool check_config() const;

  // Prints the ready line with `endpoints` in order, then blocks until a signal or RequestStop();
  // then the process is not ready, and `drain` runs on this thread. It should return as soon as
  // nothing is left to drain and must return by `deadline`, `drain_limit` from its start; five
  // seconds later the process is ended. Returns OK after a signal, else what RequestStop() was
  // given.
  absl::Status Serve(const std::vector<Endpoint>& endpoints, absl::Duration drain_limit,
                     absl::FunctionRef<void(absl::Time deadline)> drain);

  // Ends Serve() as a signal does, for a part that cannot go on; an error makes the exit code 1.
  // Any thread.
  void RequestStop(const absl::Status& why);

 private:
  const observability::Logger& logger_;
  StopSignals& signals_;
  Health health_;
};

// "ready http=127.0.0.1:8080 grpc=127.0.0.1:9090\n"
std::string ReadyLine(const std::vector<Endpoint>& endpoints);

// Parses the flags, sets up signals and the logger, runs `body`, and returns main()'s exit code. An
// error of `body` is logged, or, when it is a BadFlag(), told as bad usage.
int RunProgram(const Program& program, int argc, const char* const* argv,
               absl::FunctionRef<absl::Status(ServerRunner&)> body);

}  // namespace livecounter::runtime

#endif  // LIVECOUNTER_SERVICES_RUNTIME_SERVER_RUNNER_H_
