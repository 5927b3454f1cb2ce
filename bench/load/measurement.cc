#include "bench/load/measurement.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/load/audience.h"
#include "bench/load/process_usage.h"

namespace livecounter::bench {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr absl::Duration kStandstill = absl::Seconds(3);
constexpr absl::Duration kLook = absl::Milliseconds(1);

double Seconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e9; }

double Per(double total, int64_t count) {
  return count == 0 ? 0 : total / static_cast<double>(count);
}

Percentiles MillisecondsOf(const HistogramSum& sum) {
  const auto at = [&](double quantile) {
    return static_cast<double>(sum.Quantile(quantile)) / 1e6;
  };
  return {.p50 = at(0.5), .p99 = at(0.99), .max = at(1)};
}

// The processor time that each process used between two readings, in microseconds.
std::vector<double> Used(const std::vector<int64_t>& before, const std::vector<int64_t>& after) {
  std::vector<double> used;
  for (size_t i = 0; i < after.size(); ++i) {
    used.push_back(static_cast<double>(after[i] - before[i]) / 1e3);
  }
  return used;
}

double Total(const std::vector<double>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

// Waits for `is_done`, but for nothing longer than kPatience.
template <typename Condition>
void WaitFor(Condition is_done) {
  const absl::Time end = absl::Now() + kPatience;
  while (!is_done() && absl::Now() < end) absl::SleepFor(kLook);
}

}  // namespace

Measurement::Measurement(Plan plan, Scoreboard& scoreboard, ChangeMaker* changes)
    : plan_(std::move(plan)), scoreboard_(scoreboard), changes_(changes) {
  result_.connections = plan_.connections;
}

absl::StatusOr<Result> Measurement::Run() {
  if (changes_ != nullptr) {
    absl::Status begun = changes_->Begin(plan_.counters, plan_.base);
    if (!begun.ok()) return begun;
    absl::SleepFor(plan_.settle);
  }
  absl::Status status = Open();
  if (status.ok() && plan_.hold > absl::ZeroDuration()) status = Idle();
  if (status.ok() && plan_.paced > absl::ZeroDuration()) {
    status = Change("paced", plan_.paced, [this](double seconds, double /*seen*/) {
      return std::floor(seconds * plan_.pace) + 1;
    });
  }
  if (status.ok() && plan_.fast > absl::ZeroDuration()) {
    status = Change("fast", plan_.fast,
                    [this](double /*seconds*/, double seen) { return seen + plan_.window; });
  }
  if (!status.ok()) return status;
  result_.lost = Sum(&Tally::lost);
  return result_;
}

int64_t Measurement::Sum(std::atomic<int64_t> Tally::*count) const {
  int64_t sum = 0;
  for (const Tally& tally : scoreboard_.tallies) {
    sum += (tally.*count).load(std::memory_order_relaxed);
  }
  return sum;
}

absl::StatusOr<Measurement::Reading> Measurement::Read() const {
  absl::StatusOr<std::vector<int64_t>> cpu = ProcessorTimes(plan_.server_pids);
  if (!cpu.ok()) return cpu.status();
  Reading reading = {.time = MonotonicNanoseconds(),
                     .cpu = *std::move(cpu),
                     .opened = Sum(&Tally::opened),
                     .refused = Sum(&Tally::refused),
                     .lost = Sum(&Tally::lost),
                     .first_seen = Sum(&Tally::first_seen),
                     .deliveries = Sum(&Tally::deliveries),
                     .repeats = Sum(&Tally::repeats),
                     .progress = Sum(&Tally::progress),
                     .first_number = {},
                     .delay = {}};
  for (const Tally& tally : scoreboard_.tallies) {
    reading.first_number.Add(tally.first_number);
    reading.delay.Add(tally.delay);
  }
  return reading;
}

absl::Status Measurement::Open() {
  Opening& opening = result_.opening;
  absl::StatusOr<std::vector<Memory>> memory_before = ResidentMemory(plan_.server_pids);
  int64_t open_before = 0;
  for (int step = 1; step <= plan_.open_steps; ++step) {
    absl::StatusOr<OpenStep> opened =
        OpenUpTo(int64_t{plan_.connections} * step / plan_.open_steps);
    if (!opened.ok()) return opened.status();
    opening.steps.push_back(*std::move(opened));
    if (step == 1 && plan_.open_steps > 1) {
      // The first step also brings in the server's code and its first pages.
      absl::SleepFor(plan_.settle);
      memory_before = ResidentMemory(plan_.server_pids);
      open_before = opening.steps[0].opened;
    }
  }
  if (!memory_before.ok()) return memory_before.status();
  absl::SleepFor(plan_.settle);

  const absl::StatusOr<Reading> after = Read();
  if (!after.ok()) return after.status();
  const absl::StatusOr<std::vector<Memory>> memory = ResidentMemory(plan_.server_pids);
  if (!memory.ok()) return memory.status();
  opening.opened = after->opened;
  opening.refused = after->refused;
  if (opening.opened == 0) {
    return absl::UnavailableError(
        absl::StrCat("none of ", plan_.connections, " connections was accepted"));
  }
  for (const OpenStep& step : opening.steps) {
    const double share = Per(static_cast<double>(step.opened), opening.opened);
    opening.cpu_us += share * step.cpu_us;
    opening.cpu_us_of.resize(step.cpu_us_of.size());
    for (size_t i = 0; i < step.cpu_us_of.size(); ++i) {
      opening.cpu_us_of[i] += share * step.cpu_us_of[i];
    }
  }
  const int64_t counted = opening.opened - open_before;
  for (size_t i = 0; i < memory->size(); ++i) {
    const Memory more = memory->at(i) - memory_before->at(i);
    opening.resident_bytes_of.push_back(Per(static_cast<double>(more.resident), counted));
    opening.proportional_bytes += Per(static_cast<double>(more.proportional), counted);
  }
  opening.resident_bytes = Total(opening.resident_bytes_of);
  opening.first_number_ms = MillisecondsOf(after->first_number);
  return absl::OkStatus();
}

absl::StatusOr<OpenStep> Measurement::OpenUpTo(int64_t connections) {
  const absl::StatusOr<Reading> before = Read();
  if (!before.ok()) return before.status();
  const int64_t begun = scoreboard_.allowed;
  while (scoreboard_.allowed < connections) {
    const double seconds = Seconds(MonotonicNanoseconds() - before->time);
    scoreboard_.allowed =
        plan_.open_rate == 0
            ? connections
            : std::min(connections, begun + static_cast<int64_t>(seconds * plan_.open_rate));
    absl::SleepFor(kLook);
  }
  WaitFor([&] {
    const int64_t opened = Sum(&Tally::opened);
    const bool has_numbers = !plan_.await_first || Sum(&Tally::first_seen) >= opened;
    return has_numbers && opened + Sum(&Tally::refused) >= connections;
  });
  const absl::StatusOr<Reading> after = Read();
  if (!after.ok()) return after.status();
  const int64_t opened = after->opened - before->opened;
  std::vector<double> cpu_us_of = Used(before->cpu, after->cpu);
  for (double& cpu : cpu_us_of) cpu = Per(cpu, opened);
  return OpenStep{.open_before = before->opened,
                  .opened = opened,
                  .seconds = Seconds(after->time - before->time),
                  .cpu_us = Total(cpu_us_of),
                  .cpu_us_of = cpu_us_of};
}

absl::Status Measurement::Idle() {
  const absl::StatusOr<Reading> before = Read();
  if (!before.ok()) return before.status();
  absl::SleepFor(plan_.hold);
  return AddPhase("idle", *before, changes_made_);
}

template <typename Due>
absl::Status Measurement::Change(std::string name, absl::Duration duration, Due due) {
  const absl::StatusOr<Reading> before = Read();
  if (!before.ok()) return before.status();
  const int64_t changes_before = changes_made_;
  const double audience = Per(static_cast<double>(before->opened - before->lost), plan_.counters);
  const int64_t end = before->time + absl::ToInt64Nanoseconds(duration);
  for (int64_t now = before->time; now < end; now = MonotonicNanoseconds()) {
    const double seen = static_cast<double>(Sum(&Tally::progress) - before->progress) / audience;
    const auto target =
        changes_before + static_cast<int64_t>(due(Seconds(now - before->time), seen));
    while (changes_made_ < target && changes_->Ready(NextCounter())) MakeOne();
    absl::Status polled = changes_->Poll(1);
    if (!polled.ok()) return polled;
  }
  absl::Status drained = Drain();
  if (!drained.ok()) return drained;
  return AddPhase(std::move(name), *before, changes_before);
}

int Measurement::NextCounter() const { return static_cast<int>(changes_made_ % plan_.counters); }

void Measurement::MakeOne() {
  const int counter = NextCounter();
  const int64_t change = changes_made_++ / plan_.counters + 1;
  scoreboard_.sent[counter][change % kTimesKept] = MonotonicNanoseconds();
  changes_->Make(counter, plan_.base + change);
}

absl::Status Measurement::Drain() {
  int64_t progress = Sum(&Tally::progress);
  const absl::Time give_up = absl::Now() + kPatience;
  absl::Time standstill = absl::Now() + kStandstill;
  while (Undelivered() > 0 && absl::Now() < std::min(standstill, give_up)) {
    absl::Status polled = changes_->Poll(1);
    if (!polled.ok()) return polled;
    const int64_t now = Sum(&Tally::progress);
    if (now != progress) standstill = absl::Now() + kStandstill;
    progress = now;
  }
  return absl::OkStatus();
}

int64_t Measurement::Undelivered() const {
  const int64_t audience = Sum(&Tally::opened) - Sum(&Tally::lost);
  // Below zero when some that are lost had seen them.
  return std::max<int64_t>(0, changes_made_ * audience / plan_.counters - Sum(&Tally::progress));
}

absl::Status Measurement::AddPhase(std::string name, const Reading& before,
                                   int64_t changes_before) {
  const absl::StatusOr<Reading> after = Read();
  if (!after.ok()) return after.status();
  HistogramSum delay = after->delay;
  delay.Subtract(before.delay);
  std::vector<double> cpu_us_of = Used(before.cpu, after->cpu);
  const double cpu_us = Total(cpu_us_of);
  const double seconds = Seconds(after->time - before.time);
  const int64_t deliveries = after->deliveries - before.deliveries;
  for (double& cpu : cpu_us_of) cpu = Per(cpu, deliveries);
  result_.phases.push_back({.name = std::move(name),
                            .seconds = seconds,
                            .changes = changes_made_ - changes_before,
                            .deliveries = deliveries,
                            .repeats = after->repeats - before.repeats,
                            .undelivered = Undelivered(),
                            .cpu_share = cpu_us / 1e6 / seconds,
                            .cpu_us = Per(cpu_us, deliveries),
                            .cpu_us_of = std::move(cpu_us_of),
                            .delay_ms = MillisecondsOf(delay)});
  return absl::OkStatus();
}

}  // namespace livecounter::bench
