// The simulated clock, and the one source of chance: everything that happens in a run is an event
// here, and follows from the seed alone.

#ifndef LIVECOUNTER_TESTS_SIMULATION_SCHEDULER_H_
#define LIVECOUNTER_TESTS_SIMULATION_SCHEDULER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <utility>

#include "absl/random/uniform_int_distribution.h"
#include "absl/random/uniform_real_distribution.h"
#include "absl/time/time.h"

namespace livecounter::simulation {

// Not thread-safe. Events of the same moment run in the order in which they were put in.
class Scheduler {
 public:
  explicit Scheduler(uint64_t seed) : random_(seed) {}

  absl::Time now() const { return now_; }

  void At(absl::Time when, std::function<void()> event) {
    events_.emplace(std::make_pair(std::max(when, now_), next_event_++), std::move(event));
  }
  void After(absl::Duration delay, std::function<void()> event) {
    At(now_ + delay, std::move(event));
  }

  // Runs what is due until `end`, and leaves the clock there.
  void RunUntil(absl::Time end) {
    while (!events_.empty() && events_.begin()->first.first <= end) {
      auto event = events_.extract(events_.begin());
      now_ = event.key().first;
      event.mapped()();
    }
    now_ = end;
  }

  bool Chance(double probability) { return Uniform() < probability; }
  double Uniform() { return absl::uniform_real_distribution<double>(0, 1)(random_); }
  // Uniform in [low, high].
  int Between(int low, int high) { return absl::uniform_int_distribution<int>(low, high)(random_); }
  absl::Duration Between(absl::Duration low, absl::Duration high) {
    return low + Uniform() * (high - low);
  }
  // A 128-bit identity of any kind.
  template <typename Id>
  Id NewId() {
    return Id{random_(), random_()};
  }
  std::mt19937_64& random() { return random_; }

 private:
  std::mt19937_64 random_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  uint64_t next_event_ = 0;
  std::map<std::pair<absl::Time, uint64_t>, std::function<void()>> events_;
};

}  // namespace livecounter::simulation

#endif  // LIVECOUNTER_TESTS_SIMULATION_SCHEDULER_H_
