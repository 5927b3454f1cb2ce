// crash_writer DIRECTORY CYCLE SENDERS COUNTERS: a process to be killed. It counts hits in a store
// without a pause, by SENDERS senders (CYCLE, 0), (CYCLE, 1), … on each of COUNTERS counters "0",
// "1", …, and writes a line for each step of a batch:
//
//   ready                                the store is open
//   sent SENDER COUNTER NUMBER           the batch may count from here on
//   counted SENDER COUNTER NUMBER VALUE  it is durable
//   failed SENDER COUNTER NUMBER why
//   usage-sent NUMBER                    likewise, of batches of one connection by holder (CYCLE, 0)
//   usage-counted NUMBER
//
// A line is one write() of less than PIPE_BUF, so a kill leaves no half ones.

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/counter/embedded/embedded_engine.h"
#include "services/runtime/clock.h"
#include "tests/conformance/crash_batches.h"

namespace livecounter::counter {
namespace {

void Say(const std::string& line) {
  const std::string whole = line + "\n";
  if (write(STDOUT_FILENO, whole.data(), whole.size()) < 0) _exit(1);  // nobody listens any more
}

// One sender on one counter: the next batch goes when the last one is answered.
class Stream {
 public:
  Stream(CounterEngine& engine, SenderId sender, std::string counter)
      : engine_(engine), sender_(sender), counter_(std::move(counter)) {}

  void SendNext() {
    const std::string batch = absl::StrCat(sender_.low, " ", counter_, " ", ++number_);
    Say("sent " + batch);
    engine_.Hit({sender_, {kCrashProduct, counter_}, number_, CountOfBatch(number_), true},
                [this, batch](const absl::StatusOr<HitResult>& result) {
                  if (!result.ok()) {
                    return Say(absl::StrCat("failed ", batch, " ", result.status().ToString()));
                  }
                  Say(absl::StrCat("counted ", batch, " ", result->value_after));
                  SendNext();
                });
  }

 private:
  CounterEngine& engine_;
  const SenderId sender_;
  const std::string counter_;
  uint64_t number_ = 0;
};

// The next batch of usage goes when the last one is answered.
void SendUsage(CounterEngine& engine, HolderId holder, uint64_t number) {
  Say(absl::StrCat("usage-sent ", number));
  engine.AddUsage(holder, {number, {{kCrashProduct, 0, 1}}},
                  [&engine, holder, number](const absl::Status& status) {
                    if (!status.ok()) return Say(absl::StrCat("failed ", status.ToString()));
                    Say(absl::StrCat("usage-counted ", number));
                    SendUsage(engine, holder, number + 1);
                  });
}

int Main(int argc, char** argv) {
  uint64_t cycle = 0;
  uint64_t senders = 0;
  int counters = 0;
  if (argc != 5 || !absl::SimpleAtoi(argv[2], &cycle) || !absl::SimpleAtoi(argv[3], &senders) ||
      !absl::SimpleAtoi(argv[4], &counters)) {
    std::cerr << "usage: crash_writer DIRECTORY CYCLE SENDERS COUNTERS\n";
    return 2;
  }
  runtime::RealClock clock;
  EmbeddedEngineOptions options;
  options.directory = argv[1];
  auto engine = EmbeddedEngine::Open(options, clock);
  if (!engine.ok()) {
    std::cerr << engine.status() << "\n";
    return 1;
  }
  Say("ready");
  std::vector<std::unique_ptr<Stream>> streams;
  for (uint64_t sender = 0; sender < senders; ++sender) {
    for (int counter = 0; counter < counters; ++counter) {
      streams.push_back(
          std::make_unique<Stream>(**engine, SenderId{cycle, sender}, absl::StrCat(counter)));
      streams.back()->SendNext();
    }
  }
  SendUsage(**engine, HolderId{cycle, 0}, 1);
  pause();
  return 0;
}

}  // namespace
}  // namespace livecounter::counter

int main(int argc, char** argv) { return livecounter::counter::Main(argc, argv); }
