// The process is killed (SIGKILL) at random moments while it writes: every answered batch is there,
// none counted twice, unanswered ones counted once or not at all.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/embedded/embedded_engine.h"
#include "services/counter/embedded/scratch_directory.h"
#include "services/runtime/clock.h"
#include "tests/conformance/blocking_engine.h"
#include "tests/conformance/crash_batches.h"

namespace livecounter::counter {
namespace {

constexpr uint64_t kSenders = 8;
constexpr int kCounters = 25;

// crash_writer, running.
class Writer {
 public:
  Writer(const std::string& directory, uint64_t cycle) {
    std::array<int, 2> ends;
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    const std::string cycle_text = absl::StrCat(cycle);
    const std::string senders = absl::StrCat(kSenders);
    const std::string counters = absl::StrCat(kCounters);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      execl(LIVECOUNTER_CRASH_WRITER, "crash_writer", directory.c_str(), cycle_text.c_str(),
            senders.c_str(), counters.c_str(), nullptr);
      _exit(127);
    }
    close(ends[1]);
    output_ = ends[0];
  }

  // Lets it write for that long once it is ready, kills it, and gives all that it said.
  std::vector<std::string> KillAfter(absl::Duration work) {
    std::string text;
    std::thread killer;
    std::array<char, 65536> some;
    ssize_t size = 0;
    while ((size = read(output_, some.data(), some.size())) > 0) {
      text.append(some.data(), size);
      if (killer.joinable()) continue;
      killer = std::thread([this, work] {
        absl::SleepFor(work);
        kill(pid_, SIGKILL);
      });
    }
    if (killer.joinable()) killer.join();
    close(output_);
    int how = 0;
    EXPECT_EQ(waitpid(pid_, &how, 0), pid_);
    EXPECT_TRUE(WIFSIGNALED(how)) << "it ended by itself: " << how;
    return absl::StrSplit(text, '\n', absl::SkipEmpty());
  }

 private:
  pid_t pid_ = 0;
  int output_ = -1;
};

// (cycle, sender, counter): one numbering.
using StreamName = std::tuple<uint64_t, uint64_t, std::string>;
struct StreamState {
  uint64_t sent = 0;
  uint64_t counted = 0;
  int64_t value = 0;  // of the last counted one
};

class KillTest : public ::testing::Test {
 protected:
  void Note(uint64_t cycle, const std::vector<std::string>& lines) {
    ASSERT_FALSE(lines.empty());
    ASSERT_EQ(lines[0], "ready");
    for (size_t i = 1; i < lines.size(); ++i) {
      const std::vector<std::string> words = absl::StrSplit(lines[i], ' ');
      if (words[0] == "usage-sent" || words[0] == "usage-counted") {
        uint64_t& newest = words[0] == "usage-sent" ? usage_sent_ : usage_counted_;
        ASSERT_TRUE(absl::SimpleAtoi(words[1], &newest));
        continue;
      }
      ASSERT_GE(words.size(), 4u) << lines[i];
      uint64_t sender = 0;
      uint64_t number = 0;
      ASSERT_TRUE(absl::SimpleAtoi(words[1], &sender) && absl::SimpleAtoi(words[3], &number));
      StreamState& stream = streams_[{cycle, sender, words[2]}];
      if (words[0] == "sent") {
        stream.sent = number;
        continue;
      }
      ASSERT_EQ(words[0], "counted") << lines[i];
      ASSERT_TRUE(absl::SimpleAtoi(words[4], &stream.value));
      stream.counted = number;
      ++counted_;
      for (int64_t hit = 0; hit < CountOfBatch(number); ++hit) {
        ASSERT_TRUE(values_[words[2]].insert(stream.value - hit).second)
            << "value " << stream.value - hit << " of counter " << words[2] << " twice";
      }
    }
  }

  // Of the newest cycle: the answered ones are there; the unanswered ones are, wholly, or are not.
  void CheckAndFinish(uint64_t cycle) {
    auto opened = EmbeddedEngine::Open({.directory = scratch_.path()}, clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    BlockingEngine engine(**opened);
    for (auto& [name, stream] : streams_) {
      const auto& [of_cycle, sender, counter] = name;
      if (of_cycle != cycle) continue;
      const auto repeat = [&, sender = sender, counter = counter](uint64_t number) {
        return engine.Hit(
            {{cycle, sender}, {kCrashProduct, counter}, number, CountOfBatch(number), true});
      };
      bool unanswered_counted = false;
      if (stream.counted > 0) {
        const auto last = repeat(stream.counted);
        unanswered_counted = IsGap(last.status()) && stream.sent > stream.counted;
        if (!unanswered_counted) {
          ASSERT_TRUE(last.ok()) << last.status();
          ASSERT_EQ(last->value_after, stream.value);
        }
      }
      unanswered_counted_ += unanswered_counted ? 1 : 0;
      if (stream.sent > stream.counted) {
        ASSERT_TRUE(repeat(stream.sent).ok());
      }
    }
    CheckTotals(engine);
    CheckUsage(cycle, **opened);
  }

  // As many as were answered, and one more at most; with its repeat, all that were sent, once.
  void CheckUsage(uint64_t cycle, CounterEngine& engine) {
    const int64_t found = Usage(engine);
    EXPECT_GE(found, usage_before_ + static_cast<int64_t>(usage_counted_));
    EXPECT_LE(found, usage_before_ + static_cast<int64_t>(usage_sent_));
    if (usage_sent_ > 0) {
      Answer<absl::Status> repeat;
      engine.AddUsage({cycle, 0}, {usage_sent_, {{kCrashProduct, 0, 1}}}, repeat.Callback());
      ASSERT_TRUE(repeat.Wait().ok());
    }
    usage_before_ += static_cast<int64_t>(usage_sent_);
    EXPECT_EQ(Usage(engine), usage_before_);
    usage_sent_ = usage_counted_ = 0;
  }
  static int64_t Usage(CounterEngine& engine) {
    Answer<absl::StatusOr<std::vector<UsageEntry>>> read;
    engine.ReadUsage({kCrashProduct, 0, 1}, read.Callback());
    const auto usage = read.Wait();
    EXPECT_TRUE(usage.ok()) << usage.status();
    return !usage.ok() || usage->empty() ? 0 : usage->front().connections;
  }

  // Every batch that was ever sent has counted by now: once.
  void CheckTotals(BlockingEngine& engine) {
    std::map<std::string, int64_t> wanted;
    for (const auto& [name, stream] : streams_) {
      for (uint64_t number = 1; number <= stream.sent; ++number) {
        wanted[std::get<2>(name)] += CountOfBatch(number);
      }
    }
    for (const auto& [counter, total] : wanted) {
      EXPECT_EQ(engine.Read({kCrashProduct, counter})->hits, total) << "counter " << counter;
    }
  }

  runtime::RealClock clock_;
  embedded::ScratchDirectory scratch_;
  std::map<StreamName, StreamState> streams_;
  std::map<std::string, std::set<int64_t>> values_;
  int64_t counted_ = 0;
  // Numbers of the newest cycle's batches, and the connections of those before it.
  uint64_t usage_sent_ = 0;
  uint64_t usage_counted_ = 0;
  int64_t usage_before_ = 0;
  int64_t unanswered_counted_ = 0;
};

uint64_t Cycles() {
  const char* asked = std::getenv("LIVECOUNTER_KILL_CYCLES");
  uint64_t cycles = 3;
  if (asked != nullptr) {
    EXPECT_TRUE(absl::SimpleAtoi(asked, &cycles)) << asked;
  }
  return cycles;
}

TEST_F(KillTest, EveryAnsweredHitIsThereAndNoneTwice) {
  std::mt19937_64 random(std::random_device{}());
  for (uint64_t cycle = 1; cycle <= Cycles(); ++cycle) {
    Writer writer(scratch_.path(), cycle);
    const std::vector<std::string> lines =
        writer.KillAfter(absl::Milliseconds(static_cast<int64_t>(random() % 500)));
    Note(cycle, lines);
    CheckAndFinish(cycle);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(counted_, 0);
  RecordProperty("batches_counted", absl::StrCat(counted_));
  std::cout << Cycles() << " kills, " << counted_ << " batches answered, " << unanswered_counted_
            << " counted without an answer\n";
}

}  // namespace
}  // namespace livecounter::counter
