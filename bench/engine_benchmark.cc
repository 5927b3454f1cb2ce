// The embedded engine on a real disk: durable hits, a lone hit, and all of it with ten million counters
// in the store.
//
//   engine_benchmark [google-benchmark flags]     the store is made in $TMPDIR, or /tmp
//
// Ten million counters take about a minute to make and 1 GB; --benchmark_filter=-TenMillion leaves
// them out.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "benchmark/benchmark.h"
#include "services/counter/embedded/embedded_engine.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/restore.h"
#include "services/counter/embedded/scratch_directory.h"
#include "services/counter/embedded/store.h"
#include "services/runtime/clock.h"

namespace livecounter::counter {
namespace {

using embedded::Family;
using embedded::Store;

constexpr char kProduct[] = "accounts/bench/products/bench";
constexpr int64_t kTenMillion = 10'000'000;

runtime::RealClock& Clock() {
  static runtime::RealClock clock;
  return clock;
}

void DieUnlessOk(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::exit(1);
}

std::unique_ptr<EmbeddedEngine> OpenEngine(const std::string& directory) {
  auto engine = EmbeddedEngine::Open({.directory = directory}, Clock());
  DieUnlessOk(engine.status());
  return *std::move(engine);
}

// Puts the middle and the tail of what was measured beside the mean.
void ReportPercentiles(benchmark::State& state, std::vector<absl::Duration>& took) {
  std::sort(took.begin(), took.end());
  state.counters["p50_us"] = absl::ToDoubleMicroseconds(took[took.size() / 2]);
  state.counters["p99_us"] = absl::ToDoubleMicroseconds(took[took.size() * 99 / 100]);
}

// The number of a counter for the n-th batch of a stream.
using Pick = int64_t (*)(uint64_t stream, uint64_t n);

int64_t PickOne(uint64_t, uint64_t) { return 1; }
int64_t PickOwn(uint64_t stream, uint64_t) { return static_cast<int64_t>(stream); }
int64_t PickAny(uint64_t stream, uint64_t n) {
  return static_cast<int64_t>(absl::Hash<std::pair<uint64_t, uint64_t>>()({stream, n}) %
                              kTenMillion);
}

// `streams` numberings, each with one batch of `count` hits under way all the time.
class Load {
 public:
  Load(CounterEngine& engine, int streams, int64_t count, Pick pick)
      : engine_(engine), count_(count), pick_(pick), numberings_(streams) {
    // A store may be counted in again and again: no numbering is used twice.
    static uint64_t runs = 0;
    run_ = (static_cast<uint64_t>(absl::ToUnixNanos(absl::Now())) << 8) + ++runs;
  }

  // Until `batches` are answered.
  void Run(int64_t batches) {
    absl::BlockingCounter done(static_cast<int>(numberings_.size()));
    left_ = batches;
    for (size_t stream = 0; stream < numberings_.size(); ++stream) SendNext(stream, done);
    done.Wait();
  }

 private:
  void SendNext(size_t stream, absl::BlockingCounter& done) {
    if (left_.fetch_sub(1, std::memory_order_relaxed) <= 0) {
      done.DecrementCount();
      return;
    }
    Numbering& numbering = numberings_[stream];
    const int64_t counter = pick_(stream, run_ + numbering.sender + numbering.number);
    // Another counter is another numbering.
    if (numbering.counter != counter) numbering = {counter, ++numbering.sender, 0};
    HitBatch batch{{run_, (static_cast<uint64_t>(stream) << 32) + numbering.sender},
                   {kProduct, absl::StrCat(counter)},
                   ++numbering.number,
                   count_,
                   true};
    engine_.Hit(std::move(batch), [this, stream, &done](const absl::StatusOr<HitResult>& result) {
      DieUnlessOk(result.status());
      SendNext(stream, done);
    });
  }

  struct Numbering {
    int64_t counter = -1;
    uint64_t sender = 0;
    uint64_t number = 0;
  };

  CounterEngine& engine_;
  const int64_t count_;
  const Pick pick_;
  uint64_t run_ = 0;
  std::vector<Numbering> numberings_;
  std::atomic<int64_t> left_ = 0;
};

// --- A new store. ---

void BM_SyncPut(benchmark::State& state) {
  const embedded::ScratchDirectory scratch;
  auto store = Store::Open({.directory = scratch.Path("store")});
  DieUnlessOk(store.status());
  std::vector<absl::Duration> took;
  int64_t i = 0;
  for (auto _ : state) {
    const absl::Time began = absl::Now();
    DieUnlessOk((*store)->Commit({{Family::kCounters, absl::StrCat(++i), std::string(17, 'v')}},
                                 /*sync=*/true));
    took.push_back(absl::Now() - began);
  }
  ReportPercentiles(state, took);
}
BENCHMARK(BM_SyncPut)->UseRealTime();

void BM_LoneHit(benchmark::State& state) {
  const embedded::ScratchDirectory scratch;
  const auto engine = OpenEngine(scratch.path());
  Load load(*engine, 1, 1, PickOne);
  std::vector<absl::Duration> took;
  for (auto _ : state) {
    const absl::Time began = absl::Now();
    load.Run(1);
    took.push_back(absl::Now() - began);
  }
  ReportPercentiles(state, took);
}
BENCHMARK(BM_LoneHit)->UseRealTime();

// 256 numberings at once, on one counter or on one of their own each.
void BM_DurableHits(benchmark::State& state) {
  constexpr int kStreams = 256;
  constexpr int64_t kBatches = 20'000;
  const int64_t count = state.range(0);
  const int64_t counters = state.range(1);
  const embedded::ScratchDirectory scratch;
  const auto engine = OpenEngine(scratch.path());
  Load load(*engine, kStreams, count, counters == 1 ? PickOne : PickOwn);
  for (auto _ : state) load.Run(kBatches);
  state.SetItemsProcessed(state.iterations() * kBatches * count);
}
BENCHMARK(BM_DurableHits)
    ->ArgNames({"batch", "counters"})
    ->ArgsProduct({{1, 100, 1000}, {1, 256}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// --- Ten million counters. ---

// Made when first needed, and kept for all that want it.
const std::string& TenMillionDirectory() {
  static const auto* const scratch = [] {
    auto* const made = new embedded::ScratchDirectory;
    std::atexit([] { std::filesystem::remove_all(TenMillionDirectory()); });
    const absl::Time began = absl::Now();
    auto store = Store::Open({.directory = embedded::StoreDirectory(made->path())});
    DieUnlessOk(store.status());
    constexpr int64_t kAtOnce = 10'000;
    for (int64_t i = 0; i < kTenMillion; i += kAtOnce) {
      std::vector<embedded::Mutation> mutations;
      for (int64_t id = i; id < i + kAtOnce; ++id) {
        mutations.push_back({Family::kCounters, embedded::CounterKey({kProduct, absl::StrCat(id)}),
                             embedded::EncodeCounter({id, 1})});
      }
      DieUnlessOk((*store)->Commit(mutations, /*sync=*/false));
    }
    std::cerr << "made " << kTenMillion << " counters in " << absl::Now() - began << "\n";
    return made;
  }();
  return scratch->path();
}

void BM_OpenTenMillion(benchmark::State& state) {
  const std::string& directory = TenMillionDirectory();
  for (auto _ : state) {
    const auto engine = OpenEngine(directory);
    state.PauseTiming();
    engine->Close();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_OpenTenMillion)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(5);

// The program again, as a process that counts in `directory` until it is killed.
constexpr char kCountUntilKilled[] = "--count_until_killed";
void CountUntilKilled(const std::string& directory) {
  const auto engine = OpenEngine(directory);
  Load load(*engine, 1000, 1, PickAny);
  load.Run(std::numeric_limits<int64_t>::max());
}

void BM_OpenTenMillionAfterKill(benchmark::State& state) {
  const std::string& directory = TenMillionDirectory();
  double log_bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const pid_t child = fork();
    if (child == 0) {
      execl("/proc/self/exe", "engine_benchmark", kCountUntilKilled, directory.c_str(), nullptr);
      _exit(127);
    }
    absl::SleepFor(absl::Seconds(5));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    for (const auto& file :
         std::filesystem::directory_iterator(embedded::StoreDirectory(directory))) {
      if (file.path().extension() == ".log") log_bytes += static_cast<double>(file.file_size());
    }
    state.ResumeTiming();
    const auto engine = OpenEngine(directory);
    state.PauseTiming();
    engine->Close();
    state.ResumeTiming();
  }
  state.counters["log_MB"] = log_bytes / 1e6 / static_cast<double>(state.iterations());
}
BENCHMARK(BM_OpenTenMillionAfterKill)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(5);

void BM_ColdReadOfTenMillion(benchmark::State& state) {
  const auto engine = OpenEngine(TenMillionDirectory());
  std::mt19937_64 random(1);
  std::vector<absl::Duration> took;
  for (auto _ : state) {
    const int64_t id = static_cast<int64_t>(random() % kTenMillion);
    const absl::Time began = absl::Now();
    engine->Read({kProduct, absl::StrCat(id)}, [](const absl::StatusOr<Change>& change) {
      DieUnlessOk(change.status());
      benchmark::DoNotOptimize(change->hits);
    });
    took.push_back(absl::Now() - began);
  }
  ReportPercentiles(state, took);
}
BENCHMARK(BM_ColdReadOfTenMillion)->UseRealTime();

// 1,000 numberings at once, each batch on a counter drawn from all of them: nearly all are cold.
void BM_DurableHitsOfTenMillion(benchmark::State& state) {
  constexpr int kStreams = 1000;
  constexpr int64_t kBatches = 20'000;
  const int64_t count = state.range(0);
  const auto engine = OpenEngine(TenMillionDirectory());
  Load load(*engine, kStreams, count, PickAny);
  for (auto _ : state) load.Run(kBatches);
  state.SetItemsProcessed(state.iterations() * kBatches * count);
}
BENCHMARK(BM_DurableHitsOfTenMillion)
    ->ArgName("batch")
    ->Arg(1)
    ->Arg(100)
    ->Arg(1000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace livecounter::counter

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == livecounter::counter::kCountUntilKilled) {
    livecounter::counter::CountUntilKilled(argv[2]);
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
