// livecounterctl: the gRPC client of CounterService and AdminService for people and scripts.

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include <csignal>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/cli.h"
#include "cli/host.h"
#include "cli/terminal.h"
#include "services/runtime/clock.h"
#include "services/runtime/flags.h"

namespace livecounter::cli {
namespace {

// Errors are told once, by us; GRPC_VERBOSITY=debug is for whoever wants more.
void QuietLibraries(const runtime::Environment& environment) {
  google::protobuf::SetLogHandler(nullptr);
  if (!environment("GRPC_VERBOSITY")) gpr_set_log_function([](gpr_log_func_args*) {});
}

int Main(const std::vector<std::string>& arguments) {
  // A reader that has had enough, as in `list | head`, is an error of writing and no death.
  std::signal(SIGPIPE, SIG_IGN);
  runtime::RealClock clock;
  ProcessTerminal terminal;
  std::error_code error;
  Host host = {.environment = runtime::ProcessEnvironment(),
               .working_folder = std::filesystem::current_path(error).string(),
               .in = std::cin,
               .out = std::cout,
               .err = std::cerr,
               .terminal = terminal,
               .clock = clock,
               .sleep = absl::SleepFor,
               .zone = absl::LocalTimeZone()};
  QuietLibraries(host.environment);
  return RunCli(arguments, host);
}

}  // namespace
}  // namespace livecounter::cli

int main(int argc, char** argv) {
  return livecounter::cli::Main(std::vector<std::string>(argv + 1, argv + argc));
}
