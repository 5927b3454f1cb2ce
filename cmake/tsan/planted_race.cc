// Shows that the ThreadSanitizer build neither cries wolf nor is blind. Without arguments: correct
// use of each lock that interpose.cc teaches, which must be clean. With the argument `race`: one
// write without the lock among all that, which must be found.

#include <absl/strings/str_cat.h>
#include <absl/synchronization/blocking_counter.h>
#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kWriters = 4;
constexpr int kRounds = 2'000;

struct Shared {
  absl::Mutex mutex;
  int total = 0;
  std::string text;
  absl::CondVar changed;

  std::vector<int> results = std::vector<int>(kWriters);
  absl::BlockingCounter written{kWriters};

  int verdict = 0;
  absl::Notification decided;

  int unguarded = 0;
};

void Write(Shared& shared, int writer, bool race) {
  for (int round = 0; round < kRounds; ++round) {
    absl::MutexLock lock(&shared.mutex);
    shared.text = absl::StrCat("v", ++shared.total);
    shared.changed.Signal();
  }
  if (race) ++shared.unguarded;
  shared.results[writer] = 1;
  shared.written.DecrementCount();
  shared.decided.WaitForNotification();
  if (shared.verdict != kWriters) std::abort();
}

// Conditions are evaluated by whichever thread unlocks: the hard case.
void AwaitConditions(Shared& shared) {
  for (int goal = 1; goal < kWriters * kRounds; goal += 7) {
    const auto reached = [&shared, goal] { return shared.total >= goal && !shared.text.empty(); };
    absl::MutexLock lock(&shared.mutex);
    if (goal % 2 == 0) {
      shared.mutex.Await(absl::Condition(&reached));
    } else {
      shared.mutex.AwaitWithTimeout(absl::Condition(&reached), absl::Microseconds(20));
    }
    shared.text += "w";
  }
}

void AwaitSignals(Shared& shared) {
  absl::MutexLock lock(&shared.mutex);
  while (shared.total < kWriters * kRounds) {
    shared.changed.WaitWithTimeout(&shared.mutex, absl::Microseconds(100));
    shared.text += "c";
  }
}

}  // namespace

int main(int argc, char**) {
  const bool race = argc > 1;
  Shared shared;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&shared, writer, race] { Write(shared, writer, race); });
  }
  for (int i = 0; i < 3; ++i) threads.emplace_back([&shared] { AwaitConditions(shared); });
  threads.emplace_back([&shared] { AwaitSignals(shared); });

  shared.written.Wait();
  for (const int result : shared.results) shared.verdict += result;
  shared.decided.Notify();
  for (std::thread& thread : threads) thread.join();
  std::cout << "done\n";
}
