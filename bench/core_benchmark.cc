// What the rules themselves cost, without I/O: the bounds that everything around them works towards.
//
//   JoinAndLeave    a visitor who comes to a counter and goes, in the counter service's table
//   VisitWithGrace  the same at a gateway, with the grace of who left
//   OfferAndTake    a change on its way to a stream
//   ArmAndFire      a timer; with 100,000, each slot of the wheel holds two hundred that are not due
//   TakeToken       the rate of an address

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "core/change.h"
#include "core/conflator.h"
#include "core/counter_table.h"
#include "core/ids.h"
#include "core/local_presence.h"
#include "core/timer_wheel.h"
#include "core/token_bucket.h"

namespace livecounter {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();

PresenceHash Visitor(uint64_t number) { return {.high = 1, .low = number}; }
PresenceHash Other(int64_t number) { return {.high = 0, .low = static_cast<uint64_t>(number)}; }

std::vector<CounterId> Counters(int64_t count) {
  std::vector<CounterId> counters;
  for (int64_t i = 0; i < count; ++i) {
    counters.push_back({"accounts/demo/products/demo", absl::StrCat("counter-", i)});
  }
  return counters;
}

// So many counters with so many others on each.
void JoinAndLeave(benchmark::State& state) {
  const std::vector<CounterId> counters = Counters(state.range(0));
  CounterTable table(/*epoch=*/1);
  for (const CounterId& counter : counters) {
    for (int64_t i = 0; i < state.range(1); ++i) table.Join(counter, Other(i), kStart);
  }
  uint64_t visitor = 0;
  for (auto _ : state) {
    const CounterId& counter = counters[++visitor % counters.size()];
    benchmark::DoNotOptimize(table.Join(counter, Visitor(visitor), kStart));
    benchmark::DoNotOptimize(table.Leave(counter, Visitor(visitor), kStart));
  }
}
BENCHMARK(JoinAndLeave)->Args({1, 1})->Args({1, 1'000'000})->Args({1'000, 15})->Args({100'000, 1});

// So many visitors, of whom one goes, outlives its grace and comes again.
void VisitWithGrace(benchmark::State& state) {
  const CounterId counter = Counters(1).front();
  LocalPresence presence;
  for (int64_t i = 0; i < state.range(0); ++i) presence.Join(counter, Other(i));
  absl::Time now = kStart;
  int64_t next = 0;
  for (auto _ : state) {
    const PresenceHash visitor = Other(next++ % state.range(0));
    presence.Leave(counter, visitor, absl::Seconds(10), now);
    now += absl::Seconds(10);
    benchmark::DoNotOptimize(presence.Expire(now));
    benchmark::DoNotOptimize(presence.Join(counter, visitor));
  }
}
BENCHMARK(VisitWithGrace)->Arg(1)->Arg(1'000'000);

// So many counters that change in turn.
void OfferAndTake(benchmark::State& state) {
  const std::vector<CounterId> counters = Counters(state.range(0));
  constexpr absl::Duration kInterval = absl::Milliseconds(100);
  Conflator<CounterId, Change> conflator;
  Change change;
  absl::Time now = kStart;
  for (auto _ : state) {
    ++change.version.revision;
    change.counter = counters[change.version.revision % counters.size()];
    now += kInterval;
    conflator.Offer(change.counter, change, kInterval, now);
    benchmark::DoNotOptimize(conflator.Take(now));
  }
}
BENCHMARK(OfferAndTake)->Arg(1)->Arg(100'000);

// So many armed timers, of which one fires at each tick and is armed anew.
void ArmAndFire(benchmark::State& state) {
  constexpr absl::Duration kTick = absl::Milliseconds(100);
  const auto count = static_cast<size_t>(state.range(0));
  TimerWheel wheel(kTick, /*slots=*/512, kStart);
  const auto timers = std::make_unique<TimerWheel::Entry[]>(count);
  for (size_t i = 0; i < count; ++i) {
    wheel.Arm(&timers[i], kStart + kTick * static_cast<int64_t>(i + 1));
  }
  absl::Time now = kStart;
  for (auto _ : state) {
    now += kTick;
    wheel.Advance(now, /*limit=*/1, [&](TimerWheel::Entry* timer) {
      wheel.Arm(timer, now + kTick * static_cast<int64_t>(count));
    });
  }
}
BENCHMARK(ArmAndFire)->Arg(250)->Arg(100'000);

void TakeToken(benchmark::State& state) {
  constexpr TokenBucket::Rate kRate = {.interval = absl::Milliseconds(10), .burst = 100};
  TokenBucket bucket;
  absl::Time now = kStart;
  for (auto _ : state) benchmark::DoNotOptimize(bucket.Take(kRate, now += absl::Milliseconds(9)));
}
BENCHMARK(TakeToken);

}  // namespace
}  // namespace livecounter
