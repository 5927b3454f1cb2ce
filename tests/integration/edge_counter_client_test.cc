// EdgeCounterClient and counterd: a gateway's session end to end.

#include "gateway/upstream/edge_counter_client.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/counterd_fixture.h"

namespace livecounter::integration {
namespace {

using gateway::CounterClient;
using gateway::EdgeCounterClient;
using gateway::LoopCommands;
using gateway::LoopNews;

// One event loop of a gateway, as a test has it. All methods may be called from any thread.
class Loop {
 public:
  explicit Loop(CounterClient& client)
      : client_(client), id_(client.AddLoop([this](LoopNews news) { Take(std::move(news)); })) {}

  void Watch(const CounterId& counter) { Send({.watch = {counter}}); }
  void Unwatch(const CounterId& counter) { Send({.unwatch = {counter}}); }
  void Join(const CounterId& counter, uint64_t hash) {
    Send({.presence = {{counter, {{0, hash}}, {}}}});
  }
  void Leave(const CounterId& counter, uint64_t hash) {
    Send({.presence = {{counter, {}, {{0, hash}}}}});
  }
  // Returns the hit's ticket.
  uint64_t Hit(const CounterId& counter, const std::string& key = "") {
    uint64_t ticket = 0;
    {
      absl::MutexLock lock(&mutex_);
      ticket = ++last_ticket_;
    }
    Send({.hits = {{counter, ticket, /*create=*/true, key}}});
    return ticket;
  }

  void AwaitPresent(const CounterId& counter, int64_t present) {
    Await([=, this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      const auto it = newest_.find(counter);
      return it != newest_.end() && it->second.present == present;
    });
  }
  HitOutcome AwaitOutcome(uint64_t ticket) {
    Await([=, this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return outcomes_.contains(ticket); });
    absl::MutexLock lock(&mutex_);
    return outcomes_[ticket];
  }
  // All presence values of a counter in the order in which they came.
  std::vector<int64_t> Presents(const CounterId& counter) {
    absl::MutexLock lock(&mutex_);
    return presents_[counter];
  }
  Change Newest(const CounterId& counter) {
    absl::MutexLock lock(&mutex_);
    return newest_.at(counter);
  }

 private:
  void Send(LoopCommands commands) { client_.Send(id_, std::move(commands)); }

  void Take(LoopNews news) {
    absl::MutexLock lock(&mutex_);
    for (Change& change : news.changes) {
      const auto it = newest_.find(change.counter);
      if (it != newest_.end()) {
        EXPECT_GE(change.version, it->second.version);
      }
      presents_[change.counter].push_back(change.present);
      newest_[change.counter] = std::move(change);
    }
    for (HitOutcome& outcome : news.outcomes) {
      EXPECT_FALSE(outcomes_.contains(outcome.ticket)) << "answered twice";
      outcomes_[outcome.ticket] = std::move(outcome);
    }
  }

  template <typename Condition>
  void Await(Condition condition) {
    absl::MutexLock lock(&mutex_);
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&condition), absl::Seconds(60)));
  }

  CounterClient& client_;
  absl::Mutex mutex_;
  uint64_t last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<CounterId, Change> newest_ ABSL_GUARDED_BY(mutex_);
  std::map<CounterId, std::vector<int64_t>> presents_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, HitOutcome> outcomes_ ABSL_GUARDED_BY(mutex_);
  const CounterClient::LoopId id_;  // last: news may come at once
};

class EdgeCounterClientTest : public CounterdTest, public ::testing::WithParamInterface<Path> {
 protected:
  void SetUp() override { Start(); }

  std::unique_ptr<EdgeCounterClient> Client(std::string token = std::string(kEdgeToken)) {
    return std::make_unique<EdgeCounterClient>(EdgeCounterClient::Options{.token = token},
                                               EdgeChannel(GetParam()), clock_, random_, logger_);
  }
};

TEST_P(EdgeCounterClientTest, EveryLoopThatWatchesIsTold) {
  const auto client = Client();
  Loop first(*client);
  Loop second(*client);
  first.Watch(Counter("page"));
  second.Watch(Counter("page"));
  first.Join(Counter("page"), 1);
  second.Join(Counter("page"), 2);
  first.AwaitPresent(Counter("page"), 2);
  second.AwaitPresent(Counter("page"), 2);
}

TEST_P(EdgeCounterClientTest, ALoopThatComesLaterGetsWhatIsKnown) {
  const auto client = Client();
  Loop first(*client);
  first.Watch(Counter("page"));
  first.Join(Counter("page"), 1);
  first.AwaitPresent(Counter("page"), 1);
  Loop second(*client);
  second.Watch(Counter("page"));
  second.AwaitPresent(Counter("page"), 1);
}

TEST_P(EdgeCounterClientTest, OneWhoIsOnTwoLoopsLeavesWithTheLast) {
  const auto client = Client();
  Loop first(*client);
  Loop second(*client);
  first.Watch(Counter("page"));
  first.Join(Counter("page"), 1);
  second.Join(Counter("page"), 1);
  first.Join(Counter("page"), 2);
  first.AwaitPresent(Counter("page"), 2);
  first.Leave(Counter("page"), 1);
  first.Leave(Counter("page"), 2);
  first.AwaitPresent(Counter("page"), 1);
  second.Leave(Counter("page"), 1);
  first.AwaitPresent(Counter("page"), 0);
}

TEST_P(EdgeCounterClientTest, TwoGatewaysCountTogether) {
  const auto one = Client();
  const auto other = Client();
  Loop here(*one);
  Loop there(*other);
  here.Watch(Counter("page"));
  there.Watch(Counter("page"));
  here.Join(Counter("page"), 1);
  there.Join(Counter("page"), 1);
  there.Join(Counter("page"), 2);
  here.AwaitPresent(Counter("page"), 2);
  there.AwaitPresent(Counter("page"), 2);
}

TEST_P(EdgeCounterClientTest, EachHitGetsItsOwnValue) {
  const auto client = Client();
  Loop first(*client);
  Loop second(*client);
  std::vector<std::pair<Loop*, uint64_t>> hits;
  for (int i = 0; i < 500; ++i) {
    Loop& loop = i % 2 == 0 ? first : second;
    hits.push_back({&loop, loop.Hit(Counter("2"))});
  }
  std::set<int64_t> values;
  for (const auto& [loop, ticket] : hits) {
    const HitOutcome outcome = loop->AwaitOutcome(ticket);
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    values.insert(outcome.value);
  }
  EXPECT_EQ(values.size(), 500u);
  EXPECT_EQ(*values.begin(), 1);
  EXPECT_EQ(*values.rbegin(), 500);
}

TEST_P(EdgeCounterClientTest, AHitOnAWatchedCounterIsSeenBeforeItIsAnswered) {
  const auto client = Client();
  Loop loop(*client);
  loop.Watch(Counter("2"));
  for (int i = 1; i <= 20; ++i) {
    const HitOutcome outcome = loop.AwaitOutcome(loop.Hit(Counter("2")));
    EXPECT_EQ(outcome.value, i);
    EXPECT_EQ(loop.Newest(Counter("2")).hits, i);
  }
}

TEST_P(EdgeCounterClientTest, AKeyCountsOnce) {
  const auto client = Client();
  Loop loop(*client);
  EXPECT_EQ(loop.AwaitOutcome(loop.Hit(Counter("2"), "key")).value, 1);
  EXPECT_EQ(loop.AwaitOutcome(loop.Hit(Counter("2"))).value, 2);
  EXPECT_EQ(loop.AwaitOutcome(loop.Hit(Counter("2"), "key")).value, 1);
}

TEST_P(EdgeCounterClientTest, ItTellsWhetherItIsConnected) {
  const auto client = Client();
  Loop loop(*client);
  loop.Watch(Counter("page"));
  loop.AwaitPresent(Counter("page"), 0);
  EXPECT_TRUE(client->EverConnected());
  EXPECT_EQ(client->LostSince(), absl::InfiniteFuture());
}

TEST_P(EdgeCounterClientTest, ADetachedShareStaysWithoutItsGateway) {
  const auto watching = Client();
  Loop watcher(*watching);
  watcher.Watch(Counter("page"));
  {
    const auto leaving = Client();
    Loop loop(*leaving);
    loop.Join(Counter("page"), 1);
    watcher.AwaitPresent(Counter("page"), 1);
    const uint64_t ticket = loop.Hit(Counter("2"));
    leaving->Detach(absl::Milliseconds(300), absl::Now() + absl::Seconds(60));
    EXPECT_TRUE(loop.AwaitOutcome(ticket).status.ok()) << "what was asked for is answered first";
  }
  watcher.AwaitPresent(Counter("page"), 0);  // after the linger, long before the lease
}

TEST_P(EdgeCounterClientTest, TwoHundredPostersAtOnceGetDistinctConsecutiveValues) {
  constexpr int kPosters = 200;
  constexpr int kPosts = 20;
  const auto client = Client();
  Loop loop(*client);
  std::vector<std::vector<int64_t>> values(kPosters);
  std::vector<std::thread> posters;
  for (auto& of_one : values) {
    posters.emplace_back([&] {
      for (int i = 0; i < kPosts; ++i) {
        of_one.push_back(loop.AwaitOutcome(loop.Hit(Counter("2"))).value);
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  std::set<int64_t> distinct;
  for (const auto& of_one : values) distinct.insert(of_one.begin(), of_one.end());
  EXPECT_EQ(distinct.size(), size_t{kPosters * kPosts});
  EXPECT_EQ(*distinct.rbegin(), kPosters * kPosts);
}

INSTANTIATE_TEST_SUITE_P(All, EdgeCounterClientTest,
                         ::testing::Values(Path::kTcp, Path::kInProcess), [](const auto& info) {
                           return info.param == Path::kTcp ? "Tcp" : "InProcess";
                         });

// --- What breaks, over TCP. ---

class BrokenUpstreamTest : public EdgeCounterClientTest {};

TEST_P(BrokenUpstreamTest, ARestartIsNotSeenInTheNumbersAndHitsGoOn) {
  const auto client = Client();
  Loop loop(*client);
  loop.Watch(Counter("page"));
  for (uint64_t hash = 1; hash <= 5; ++hash) loop.Join(Counter("page"), hash);
  loop.AwaitPresent(Counter("page"), 5);
  const size_t seen = loop.Presents(Counter("page")).size();
  EXPECT_EQ(loop.AwaitOutcome(loop.Hit(Counter("2"))).value, 1);

  Stop();
  const uint64_t waiting = loop.Hit(Counter("2"));
  loop.Join(Counter("page"), 6);
  Start();
  EXPECT_EQ(loop.AwaitOutcome(waiting).value, 2);
  loop.AwaitPresent(Counter("page"), 6);
  const std::vector<int64_t> presents = loop.Presents(Counter("page"));
  for (size_t i = seen; i < presents.size(); ++i) EXPECT_GE(presents[i], 5) << "no dip";
  EXPECT_EQ(loop.AwaitOutcome(loop.Hit(Counter("2"))).value, 3);
}

TEST_P(BrokenUpstreamTest, ALossIsTold) {
  const auto client = Client();
  Loop loop(*client);
  loop.Watch(Counter("page"));
  loop.AwaitPresent(Counter("page"), 0);
  const absl::Time before = absl::Now();
  Stop();
  while (client->LostSince() == absl::InfiniteFuture()) std::this_thread::yield();
  EXPECT_GE(client->LostSince(), before);
  EXPECT_TRUE(client->EverConnected());
}

TEST_P(BrokenUpstreamTest, AWrongTokenIsNeverConnected) {
  const auto client = Client("wrong");
  Loop loop(*client);
  loop.Watch(Counter("page"));
  // A session that is detached before its first try makes none.
  while (client->LastFailure().ok()) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(client->LastFailure().code(), absl::StatusCode::kUnauthenticated);
  client->Detach(absl::ZeroDuration(), absl::Now() + absl::Milliseconds(200));
  EXPECT_FALSE(client->EverConnected());
  EXPECT_LT(client->LostSince(), absl::InfiniteFuture());
}

TEST_P(BrokenUpstreamTest, ADetachOfWhatCannotBeReachedEndsAtItsDeadline) {
  const auto client = Client();
  Loop loop(*client);
  loop.Watch(Counter("page"));
  loop.AwaitPresent(Counter("page"), 0);
  Stop();
  loop.Hit(Counter("2"));
  const absl::Time deadline = absl::Now() + absl::Milliseconds(200);
  client->Detach(absl::Seconds(10), deadline);
  EXPECT_GE(absl::Now(), deadline);
}

INSTANTIATE_TEST_SUITE_P(All, BrokenUpstreamTest, ::testing::Values(Path::kTcp));

}  // namespace
}  // namespace livecounter::integration
