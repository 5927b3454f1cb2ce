// One measurement: opens an audience step by step, lets it be, changes its numbers at a pace and as fast as
// it goes, and compares what the server's processes had used before and after each of these.

#ifndef LIVECOUNTER_BENCH_LOAD_MEASUREMENT_H_
#define LIVECOUNTER_BENCH_LOAD_MEASUREMENT_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/load/change_maker.h"
#include "bench/load/histogram.h"
#include "bench/load/scoreboard.h"

namespace livecounter::bench {

struct Plan {
  int connections = 1000;
  int counters = 1;
  int64_t base = 0;          // every counter's number before the first change
  double open_rate = 0;      // connections a second; 0: as fast as they are accepted
  int open_steps = 1;        // the server's cost is told for each
  bool await_first = false;  // every connection gets a number without a change
  absl::Duration settle = absl::Seconds(1);  // before memory is looked at
  absl::Duration hold = absl::ZeroDuration();
  absl::Duration paced = absl::ZeroDuration();
  double pace = 10;  // changes a second, over all counters
  absl::Duration fast = absl::ZeroDuration();
  int window = 2;  // changes on their way while as fast as it goes
  std::vector<pid_t> server_pids;
};

struct Percentiles {  // milliseconds
  double p50 = 0;
  double p99 = 0;
  double max = 0;
};

struct OpenStep {
  int64_t open_before = 0;
  int64_t opened = 0;
  double seconds = 0;
  double cpu_us = 0;              // of the server, per connection
  std::vector<double> cpu_us_of;  // the same by process, in the order of the plan
};

struct Opening {
  std::vector<OpenStep> steps;
  int64_t opened = 0;
  int64_t refused = 0;
  double cpu_us = 0;              // of the server, per connection
  std::vector<double> cpu_us_of;  // the same by process
  // What the server has more, per connection; the first step left out where there are several.
  double resident_bytes = 0;
  std::vector<double> resident_bytes_of;  // the same by process
  double proportional_bytes = 0;
  Percentiles first_number_ms;  // from connect() to the first number
};

// A stretch of time: idle, paced or fast.
struct Phase {
  std::string name;
  double seconds = 0;
  int64_t changes = 0;
  int64_t deliveries = 0;
  int64_t repeats = 0;            // numbers that their connection had already
  int64_t undelivered = 0;        // changes that connections had not seen at the end, summed
  double cpu_share = 0;           // of one core, by the server
  double cpu_us = 0;              // of the server, per delivery; 0 when there were none
  std::vector<double> cpu_us_of;  // the same by process, in the order of the plan
  Percentiles delay_ms;           // from the sending of the oldest change that a delivery brings
};

struct Result {
  int connections = 0;  // that were asked for
  Opening opening;
  std::vector<Phase> phases;
  int64_t lost = 0;  // connections that the server closed
};

// Not thread-safe. All that is passed outlives it.
class Measurement {
 public:
  // Without `changes` there may be neither a paced nor a fast phase.
  Measurement(Plan plan, Scoreboard& scoreboard, ChangeMaker* changes);

  // Once; takes as long as the plan says, and for each of its parts at most a minute more. Errors are those
  // of the change maker, processes of the server that are gone, and Unavailable when nobody was let in.
  absl::StatusOr<Result> Run();

 private:
  // Sums of the tallies, with time and the server's use of the processor.
  struct Reading {
    int64_t time = 0;          // nanoseconds
    std::vector<int64_t> cpu;  // nanoseconds, of each process
    int64_t opened = 0;
    int64_t refused = 0;
    int64_t lost = 0;
    int64_t first_seen = 0;
    int64_t deliveries = 0;
    int64_t repeats = 0;
    int64_t progress = 0;
    HistogramSum first_number;
    HistogramSum delay;
  };

  absl::StatusOr<Reading> Read() const;
  int64_t Sum(std::atomic<int64_t> Tally::*count) const;

  absl::Status Open();
  absl::StatusOr<OpenStep> OpenUpTo(int64_t connections);
  absl::Status Idle();
  // Makes changes for as long as `duration`, as many as `due(seconds, progress)` says there should have been.
  template <typename Due>
  absl::Status Change(std::string name, absl::Duration duration, Due due);
  int NextCounter() const;  // the one that is changed next: each in turn
  void MakeOne();
  // Until everybody has seen everything, or nobody anything new for a while.
  absl::Status Drain();
  absl::Status AddPhase(std::string name, const Reading& before, int64_t changes_before);
  // Changes that were made and not seen, summed over connections.
  int64_t Undelivered() const;

  const Plan plan_;
  Scoreboard& scoreboard_;
  ChangeMaker* const changes_;
  int64_t changes_made_ = 0;
  Result result_;
};

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_MEASUREMENT_H_
