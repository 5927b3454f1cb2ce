#include "services/runtime/server_runner.h"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/common_flags.h"
#include "services/runtime/stop_signals.h"

namespace livecounter::runtime {
namespace {

using ::testing::AllOf;
using ::testing::ExitedWithCode;
using ::testing::HasSubstr;

using Body = std::function<absl::Status(ServerRunner&)>;

// Each program below runs in a process of its own, as signals and exit codes are a process' own.
class ServerRunnerDeathTest : public testing::Test {
 protected:
  void SetUp() override { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
};

// Runs the program and ends the process with its exit code. What it prints goes to standard error,
// where EXPECT_EXIT looks.
[[noreturn]] void RunAndExit(const Body& body, std::vector<const char*> arguments = {}) {
  dup2(STDERR_FILENO, STDOUT_FILENO);
  arguments.insert(arguments.begin(), "test-program");
  const Program program = {"test-program",
                           "a program of this test",
                           {{"Listening", {MetricsListenFlag({"127.0.0.1", 9101})}}, LogFlags()}};
  const int exit_code =
      RunProgram(program, static_cast<int>(arguments.size()), arguments.data(), body);
  std::exit(exit_code);
}

void Signal(int number) { kill(getpid(), number); }

absl::Status ServeUntilSignal(ServerRunner& runner, int number) {
  Signal(number);
  return runner.Serve(
      {{"http", "127.0.0.1:1"}, {"grpc", "[::1]:2"}}, absl::Seconds(20), [](absl::Time deadline) {
        std::cerr << "drain for " << (deadline > absl::Now() ? "some time" : "no time") << "\n";
      });
}

TEST_F(ServerRunnerDeathTest, SigtermDrainsAndExitsClean) {
  const Body body = [](ServerRunner& runner) { return ServeUntilSignal(runner, SIGTERM); };
  EXPECT_EXIT(RunAndExit(body), ExitedWithCode(0),
              AllOf(HasSubstr("ready http=127.0.0.1:1 grpc=[::1]:2\n"),
                    HasSubstr("drain for some time\n"), HasSubstr("\"event\":\"stopped\"")));
}

TEST_F(ServerRunnerDeathTest, SigintDrainsAndExitsClean) {
  const Body body = [](ServerRunner& runner) { return ServeUntilSignal(runner, SIGINT); };
  EXPECT_EXIT(RunAndExit(body), ExitedWithCode(0), HasSubstr("drain for some time\n"));
}

TEST_F(ServerRunnerDeathTest, ASignalReachesServeWhicheverThreadIsThere) {
  const Body body = [](ServerRunner& runner) {
    absl::Notification go;
    std::thread other([&go] {
      go.WaitForNotification();
      Signal(SIGTERM);
    });
    runner.health().Listen([&go](bool, bool ready) {
      if (ready) go.Notify();
    });
    absl::Status status = runner.Serve({}, absl::Seconds(20), [](absl::Time) {});
    other.join();
    return status;
  };
  EXPECT_EXIT(RunAndExit(body), ExitedWithCode(0), HasSubstr("\"event\":\"drained\""));
}

TEST_F(ServerRunnerDeathTest, ASecondSignalEndsItAtOnce) {
  const Body body = [](ServerRunner& runner) {
    Signal(SIGTERM);
    return runner.Serve({}, absl::Seconds(20), [](absl::Time) {
      Signal(SIGINT);
      absl::Notification().WaitForNotification();  // a drain that hangs
    });
  };
  EXPECT_EXIT(RunAndExit(body), ExitedWithCode(1), HasSubstr("\"event\":\"second_signal\""));
}

TEST_F(ServerRunnerDeathTest, ADrainThatHangsIsEndedAfterItsLimit) {
  const auto hang = [] {
    const observability::Logger logger;
    StopSignals signals(logger);
    signals.EndProcessAfter(absl::Milliseconds(1));
    absl::Notification().WaitForNotification();
  };
  EXPECT_EXIT(hang(), ExitedWithCode(1), HasSubstr("\"event\":\"drain_took_too_long\""));
}

TEST_F(ServerRunnerDeathTest, APartThatFailsDrainsTheProgramAndFailsIt) {
  const Body body = [](ServerRunner& runner) {
    runner.RequestStop(absl::DataLossError("the store is broken"));
    runner.RequestStop(absl::InternalError("a later failure"));
    return runner.Serve({}, absl::Seconds(20), [](absl::Time) { std::cerr << "drain\n"; });
  };
  EXPECT_EXIT(RunAndExit(body), ExitedWithCode(1),
              AllOf(HasSubstr("drain\n"), HasSubstr("\"event\":\"failed\""),
                    HasSubstr("DATA_LOSS: the store is broken")));
}

TEST_F(ServerRunnerDeathTest, AFailureBeforeServingIsLoggedAndExitsWithOne) {
  const Body body = [](ServerRunner&) { return absl::UnavailableError("port taken"); };
  EXPECT_EXIT(RunAndExit(body), ExitedWithCode(1), HasSubstr("UNAVAILABLE: port taken"));
}

TEST_F(ServerRunnerDeathTest, ABadFlagFoundLateIsBadUsage) {
  const Body body = [](ServerRunner&) { return BadFlag("metrics_listen", "another port"); };
  EXPECT_EXIT(RunAndExit(body), ExitedWithCode(2),
              HasSubstr("test-program: --metrics_listen got \"127.0.0.1:9101\"; it takes "
                        "another port\nTry test-program --help\n"));
}

TEST_F(ServerRunnerDeathTest, BadUsageNeverReachesTheBody) {
  const Body body = [](ServerRunner&) {
    std::cerr << "body\n";
    return absl::OkStatus();
  };
  EXPECT_EXIT(RunAndExit(body, {"--log_format=xml"}), ExitedWithCode(2),
              AllOf(HasSubstr("--log_format got \"xml\"; it takes one of json, text"),
                    testing::Not(HasSubstr("body"))));
}

TEST_F(ServerRunnerDeathTest, CheckConfigSaysThatAllIsGood) {
  const Body body = [](ServerRunner& runner) {
    return runner.check_config() ? absl::OkStatus() : absl::InternalError("not told");
  };
  EXPECT_EXIT(RunAndExit(body, {"--check_config"}), ExitedWithCode(0),
              HasSubstr("test-program: the configuration is good\n"));
}

TEST_F(ServerRunnerDeathTest, LogFlagsShapeTheLogger) {
  const Body body = [](ServerRunner& runner) {
    runner.logger().Debug("detail");
    return absl::OkStatus();
  };
  EXPECT_EXIT(RunAndExit(body, {"--log_format=text", "--log_level=debug"}), ExitedWithCode(0),
              HasSubstr(" DEBUG detail\n"));
}

TEST_F(ServerRunnerDeathTest, ABrokenPipeIsAnErrorNotADeath) {
  const Body body = [](ServerRunner&) {
    raise(SIGPIPE);
    return absl::OkStatus();
  };
  EXPECT_EXIT(RunAndExit(body), ExitedWithCode(0), HasSubstr("stopped"));
}

TEST_F(ServerRunnerDeathTest, HealthGoesFromStartingOverReadyToDraining) {
  const Body body = [](ServerRunner& runner) {
    const Health& health = runner.health();
    std::cerr << "before: " << health.ready().message() << "\n";
    runner.health().Listen([](bool alive, bool ready) {
      std::cerr << "alive=" << alive << " ready=" << ready << "\n";
    });
    Signal(SIGTERM);
    return runner.Serve({}, absl::Seconds(20), [&](absl::Time) {
      std::cerr << "in drain: " << health.ready().message() << "\n";
    });
  };
  EXPECT_EXIT(RunAndExit(body), ExitedWithCode(0),
              AllOf(HasSubstr("before: startup: starting\nalive=1 ready=0\n"),
                    HasSubstr("alive=1 ready=1\n"), HasSubstr("alive=1 ready=0\n"),
                    HasSubstr("in drain: draining\n")));
}

TEST(ReadyLineTest, ListsTheEndpointsInOrder) {
  EXPECT_EQ(ReadyLine({}), "ready\n");
  EXPECT_EQ(ReadyLine({{"http", "127.0.0.1:8080"}, {"metrics", "127.0.0.1:9100"}}),
            "ready http=127.0.0.1:8080 metrics=127.0.0.1:9100\n");
}

}  // namespace
}  // namespace livecounter::runtime
