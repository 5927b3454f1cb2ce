// What a hit costs on its way through EdgeService to the disk: alone, and when there are many.
//
//   LoneHit            one hit at a time through EdgeCounterClient, over TCP, with fsync. Beside it, in the
//                      same rounds: a RocksDB put with sync, and an empty round trip through EdgeService.
//                      `budget_us` is one put and three round trips at the median; `of_budget` is the
//                      hit's median over it and should stay below 1.
//   LonePost           the same as a client has it: a POST to a gateway, by HTTP on a kept connection.
//   DurableIncrements  hits through one gateway stream, in batches, with fsync: `increments` a second.
//   ManyHits           the same by EdgeCounterClient, which forms the batches itself.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "gateway/gateway.h"
#include "gateway/net/testing/client.h"
#include "gateway/testing/fake_catalog.h"
#include "gateway/upstream/edge_counter_client.h"
#include "gateway/upstream/edge_stream.h"
#include "observability/logging.h"
#include "observability/metrics.h"
#include "prometheus/registry.h"
#include "rocksdb/db.h"
#include "services/counter/embedded/scratch_directory.h"
#include "services/counterd/counterd.h"
#include "services/runtime/clock.h"
#include "services/runtime/grpc_client.h"
#include "services/runtime/health.h"
#include "services/runtime/random.h"

namespace livecounter {
namespace {

constexpr char kToken[] = "a-token";

CounterId Counter(int64_t i) {
  return {"accounts/demo/products/demo", absl::StrCat("counter-", i)};
}

// A counterd on loopback, with fsync.
class Service {
 public:
  Service() {
    counterd::Options options;
    options.data_dir = directory_.Path("data");
    options.edge_listen = {.host = "127.0.0.1", .port = 0};
    options.edge_token = kToken;
    counterd_ = *counterd::Counterd::Start(options, {clock, random, logger, health_, registry_});
    channel = *runtime::MakeGrpcChannel({.target = counterd_->edge_address()});
  }

  runtime::RealClock clock;
  runtime::SecureRandom random;
  observability::Logger logger{{.minimum = observability::LogLevel::kError}};
  std::shared_ptr<grpc::Channel> channel;

 private:
  counter::embedded::ScratchDirectory directory_;
  runtime::Health health_;
  prometheus::Registry registry_;
  std::unique_ptr<counterd::Counterd> counterd_;
};

// A gateway's stream by hand, attached; frames are exchanged one at a time.
class Peer {
 public:
  Peer(Service& service, HolderId holder) {
    stream_ = gateway::EdgeStream::Open(
        service.channel, kToken,
        {.on_frame = [this](absl::StatusOr<ReceiverFrame> frame) { OnFrame(*std::move(frame)); },
         .on_written = [] {},
         .on_broken = [this] { stream_->Release(); },
         .on_done = [this](const absl::Status&) { done_.Notify(); }});
    HolderFrame hello;
    hello.hello = Hello{holder, 1, 0};
    Exchange(hello, [](const ReceiverFrame& frame) { return frame.welcome.has_value(); });
  }
  ~Peer() {
    stream_->Cancel();
    done_.WaitForNotification();
  }

  // Writes `frame`, and reads until `is_answered` of what came.
  void Exchange(const HolderFrame& frame, std::function<bool(const ReceiverFrame&)> is_answered) {
    {
      absl::MutexLock lock(&mutex_);
      is_answered_ = std::move(is_answered);
      answered_ = false;
    }
    stream_->Write(frame);
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&answered_));
  }

 private:
  void OnFrame(const ReceiverFrame& frame) {
    {
      absl::MutexLock lock(&mutex_);
      if (!answered_) answered_ = is_answered_(frame);
    }
    stream_->Read();
  }

  absl::Mutex mutex_;
  std::function<bool(const ReceiverFrame&)> is_answered_ ABSL_GUARDED_BY(mutex_);
  bool answered_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Notification done_;
  std::unique_ptr<gateway::EdgeStream> stream_;
};

// Of "127.0.0.1:8080".
int PortOf(const std::string& address) { return std::stoi(address.substr(address.rfind(':') + 1)); }

// Durations of one kind of thing.
class Times {
 public:
  void Measure(const std::function<void()>& thing) {
    const absl::Time start = absl::Now();
    thing();
    times_.push_back(absl::Now() - start);
  }
  double MicrosecondsAt(double quantile) {
    std::sort(times_.begin(), times_.end());
    const auto index = static_cast<size_t>(quantile * static_cast<double>(times_.size() - 1));
    return absl::ToDoubleMicroseconds(times_[index]);
  }

 private:
  std::vector<absl::Duration> times_;
};

// A RocksDB of its own, written with sync.
class PlainStore {
 public:
  PlainStore() {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    if (!rocksdb::DB::Open(options, directory_.Path("store"), &db).ok()) std::abort();
    db_.reset(db);
  }
  void Put() {
    rocksdb::WriteOptions sync;
    sync.sync = true;
    if (!db_->Put(sync, absl::StrCat("key", ++puts_), "a value of some size").ok()) std::abort();
  }

 private:
  counter::embedded::ScratchDirectory directory_;
  std::unique_ptr<rocksdb::DB> db_;
  int64_t puts_ = 0;
};

// Hits by one event loop of a gateway, which waits for each or for some of them.
class HittingLoop {
 public:
  explicit HittingLoop(Service& service)
      : client_({.token = kToken}, service.channel, service.clock, service.random, service.logger),
        id_(client_.AddLoop([this](const gateway::LoopNews& news) { Take(news); })) {}

  void Watch(const CounterId& counter) { client_.Send(id_, {.watch = {counter}}); }
  void Hit(const CounterId& counter) {
    client_.Send(id_, {.hits = {{counter, ++sent_, /*create=*/true, ""}}});
  }
  // Until at most `open` hits are unanswered.
  void AwaitOpen(int64_t open) {
    absl::MutexLock lock(&mutex_);
    const int64_t wanted = static_cast<int64_t>(sent_) - open;
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return answered_ >= wanted; };
    mutex_.Await(absl::Condition(&enough));
  }

 private:
  void Take(const gateway::LoopNews& news) {
    absl::MutexLock lock(&mutex_);
    answered_ += static_cast<int64_t>(news.outcomes.size());
  }

  absl::Mutex mutex_;
  int64_t answered_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t sent_ = 0;
  gateway::EdgeCounterClient client_;
  const gateway::CounterClient::LoopId id_;
};

// Beside each `hit`, in the same rounds, what its budget is made of.
void MeasureAlone(benchmark::State& state, Service& service, const std::function<void()>& hit) {
  PlainStore store;
  Peer peer(service, {1, 1});
  HolderFrame empty;
  empty.audit = ShareDigest{1, 1, 1};  // the smallest frame that is answered: by resend_wanted
  const auto is_answered = [](const ReceiverFrame& frame) { return frame.resend_wanted; };

  Times puts;
  Times round_trips;
  Times hits;
  for (auto _ : state) {
    puts.Measure([&] { store.Put(); });
    round_trips.Measure([&] { peer.Exchange(empty, is_answered); });
    hits.Measure(hit);
  }
  const double budget = puts.MicrosecondsAt(0.5) + 3 * round_trips.MicrosecondsAt(0.5);
  state.counters["put_p50_us"] = puts.MicrosecondsAt(0.5);
  state.counters["round_trip_p50_us"] = round_trips.MicrosecondsAt(0.5);
  state.counters["hit_p50_us"] = hits.MicrosecondsAt(0.5);
  state.counters["hit_p99_us"] = hits.MicrosecondsAt(0.99);
  state.counters["budget_us"] = budget;
  state.counters["of_budget"] = hits.MicrosecondsAt(0.5) / budget;
}

void LoneHit(benchmark::State& state) {
  const bool watched = state.range(0) != 0;
  Service service;
  HittingLoop loop(service);
  if (watched) loop.Watch(Counter(0));
  const auto hit = [&] {
    loop.Hit(Counter(0));
    loop.AwaitOpen(0);
  };
  hit();
  MeasureAlone(state, service, hit);
}
BENCHMARK(LoneHit)->ArgName("watched")->Arg(0)->Arg(1)->Iterations(2'000)->UseRealTime();

void LonePost(benchmark::State& state) {
  Service service;
  gateway::EdgeCounterClient client({.token = kToken}, service.channel, service.clock,
                                    service.random, service.logger);
  prometheus::Registry registry;
  observability::GatewayMetrics metrics(registry);
  gateway::FakeCatalog catalog;
  catalog.Add("demo", {.name = Counter(0).product, .allowed_origins = {"*"}});
  catalog.SetPublic("demo");
  const auto gateway = *gateway::Gateway::Start(
      {.listen = {.host = "127.0.0.1", .port = 0}},
      {client, catalog, metrics, service.logger, service.clock, service.random});
  HittingLoop creator(service);
  creator.Hit({Counter(0).product, "2"});
  creator.AwaitOpen(0);

  gateway::net::Client browser(PortOf(gateway->address()));
  const std::string request = gateway::net::HttpRequest("POST", "/counters/2/");
  bool all_counted = true;
  MeasureAlone(state, service, [&] {
    browser.Send(request);
    all_counted = browser.ReadAnswer().status == 200 && all_counted;
  });
  if (!all_counted) state.SkipWithError("a POST was not counted");
}
BENCHMARK(LonePost)->Iterations(2'000)->UseRealTime();

void DurableIncrements(benchmark::State& state) {
  const int64_t counters = state.range(0);
  const int64_t hits_per_batch = state.range(1);
  Service service;
  Peer peer(service, {1, 1});
  HolderFrame frame;
  for (int64_t i = 0; i < counters; ++i) {
    frame.hits.push_back({{2, 2}, Counter(i), 0, hits_per_batch, /*create=*/true});
  }
  for (auto _ : state) {
    for (HitBatch& batch : frame.hits) ++batch.number;
    size_t answered = 0;
    peer.Exchange(frame, [&](const ReceiverFrame& received) {
      answered += received.hit_answers.size();
      return answered == frame.hits.size();
    });
  }
  state.counters["increments"] =
      benchmark::Counter(static_cast<double>(state.iterations() * counters * hits_per_batch),
                         benchmark::Counter::kIsRate);
}
BENCHMARK(DurableIncrements)
    ->ArgNames({"counters", "hits_per_batch"})
    ->Args({100, 10})
    ->Args({1'000, 1})
    ->Args({1'000, 10})
    ->MinTime(3)
    ->UseRealTime();

void ManyHits(benchmark::State& state) {
  const int64_t counters = state.range(0);
  constexpr int64_t kOpen = 10'000;
  Service service;
  HittingLoop loop(service);
  int64_t i = 0;
  for (auto _ : state) {
    loop.Hit(Counter(i++ % counters));
    if (i % 100 == 0) loop.AwaitOpen(kOpen);
  }
  loop.AwaitOpen(0);
  state.counters["increments"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(ManyHits)->ArgName("counters")->Arg(10)->Arg(1'000)->MinTime(3)->UseRealTime();

}  // namespace
}  // namespace livecounter
