// What the processes of the load generator share: the coordinator writes what to do and when which number
// was sent, each audience process writes what it saw. One anonymous shared mapping, made before the
// forks; every field has one writer.

#ifndef LIVECOUNTER_BENCH_LOAD_SCOREBOARD_H_
#define LIVECOUNTER_BENCH_LOAD_SCOREBOARD_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "bench/load/histogram.h"

namespace livecounter::bench {

// What one audience process has seen since it began.
struct alignas(64) Tally {
  std::atomic<int64_t> opened = 0;      // handshakes that the server accepted
  std::atomic<int64_t> refused = 0;     // that it did not, or that broke
  std::atomic<int64_t> lost = 0;        // connections that ended after they were accepted
  std::atomic<int64_t> first_seen = 0;  // connections that have had a number
  std::atomic<int64_t> deliveries = 0;  // numbers that were new to their connection
  std::atomic<int64_t> repeats = 0;     // numbers that were not
  std::atomic<int64_t> progress = 0;    // changes seen, over all connections; skipped ones count
  Histogram first_number;               // from connect() to the first number
  Histogram delay;                      // of deliveries, from when their oldest change was sent
};

// One writer: no read-modify-write of the bus is needed.
inline void Bump(std::atomic<int64_t>& value, int64_t by = 1) {
  value.store(value.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

// How many changes of a counter may be on their way before their times are forgotten.
inline constexpr int64_t kTimesKept = 1024;
inline constexpr int kMaxCounters = 2000;
inline constexpr int kMaxProcesses = 16;

struct Scoreboard {
  // Of the coordinator: how many connections may have been begun, over all processes.
  alignas(64) std::atomic<int64_t> allowed = 0;
  std::atomic<bool> stop = false;
  // When change k of counter c was sent, on the monotonic clock: sent[c][k % kTimesKept].
  std::array<std::array<std::atomic<int64_t>, kTimesKept>, kMaxCounters> sent = {};

  std::array<Tally, kMaxProcesses> tallies = {};
};

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_SCOREBOARD_H_
