// Random operations, step by step the same as the oracle's: over ends, crashes, full disks, backups
// and days that pass, with plenty of memory and with next to none.

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/conformance/conformance_test.h"
#include "tests/conformance/reference_engine.h"

namespace livecounter::counter {
namespace {

constexpr int kSteps = 1000;
constexpr int64_t kMaxLive = 6;

// One run. Every operation compares its answer; Check() compares everything that can be seen.
class RandomRun {
 public:
  RandomRun(EngineHarness& harness, uint64_t seed)
      : harness_(harness), reference_(kMaxLive), random_(seed), watcher_(harness.engine()) {}

  void Step() {
    const int dice = Random(100);
    if (dice < 30) return Hit();
    if (dice < 42) return HitOnce();
    if (dice < 52) return Total();
    if (dice < 70) return Presence();
    if (dice < 80) return WatchOrNot();
    if (dice < 84) return Session();
    if (dice < 86) return harness_.clock().Advance(absl::Hours(Random(10)));
    if (dice < 88) return RaiseEpoch();
    if (dice < 90) return FullDisk();
    if (dice < 91) return Backup();
    if (dice < 92) return EndRecovery();
    if (dice < 95) return Restart();
    List();
  }

  void Check() {
    for (const CounterId& counter : counters_) CheckCounter(counter);
    harness_.CheckInvariants();
  }

 private:
  int Random(int below) { return static_cast<int>(random_() % below); }
  template <typename T>
  T Pick(const std::vector<T>& of) {
    return of[Random(static_cast<int>(of.size()))];
  }
  BlockingEngine engine() { return BlockingEngine(harness_.engine()); }
  absl::Time now() { return harness_.clock().Now(); }

  static void ExpectSame(const absl::Status& got, const absl::Status& wanted) {
    EXPECT_EQ(got.code(), wanted.code()) << got << " instead of " << wanted;
    EXPECT_EQ(IsGap(got), IsGap(wanted));
  }
  static void ExpectSame(const absl::StatusOr<HitResult>& got,
                         const absl::StatusOr<int64_t>& wanted) {
    ExpectSame(got.status(), wanted.status());
    if (got.ok() && wanted.ok()) {
      EXPECT_EQ(got->value_after, *wanted);
    }
  }
  void ExpectShown(const absl::StatusOr<Change>& got, const absl::Status& wanted) {
    ExpectSame(got.status(), wanted);
    if (got.ok() && wanted.ok()) {
      EXPECT_EQ((Numbers{got->hits, got->present}), reference_.Read(got->counter));
    }
  }

  void Hit() {
    const CounterId counter = Pick(counters_);
    const SenderId sender{0, static_cast<uint64_t>(Random(3))};
    const auto& senders = reference_.durable().senders;
    const auto known = senders.find({counter, sender});
    const uint64_t last = known == senders.end() ? 0 : known->second.first.number;
    // Mostly the next one; repeats, gaps and nonsense too.
    const uint64_t number = Random(10) < 7 ? last + 1 : static_cast<uint64_t>(Random(5));
    const HitBatch batch{sender, counter, number, Random(20) - 1, Random(4) > 0};
    ExpectSame(engine().Hit(batch), reference_.Hit(batch, now()));
  }
  void HitOnce() {
    const KeyedHit hit{Pick(counters_), absl::StrCat(Random(4)), 1 + Random(20) / 19,
                       Random(4) > 0};
    ExpectSame(engine().HitOnce(hit), reference_.HitOnce(hit, now()));
  }
  void Total() {
    const CounterId counter = Pick(counters_);
    const int64_t hits = Random(50) - 1;
    switch (Random(3)) {
      case 0:
        return ExpectShown(engine().Create(counter, hits), reference_.Create(counter, hits));
      case 1:
        return ExpectShown(engine().SetHits(counter, hits), reference_.SetHits(counter, hits));
      default:
        return ExpectSame(engine().Delete(counter), reference_.Delete(counter));
    }
  }
  void Presence() {
    PresenceDelta delta{Pick(counters_), {}, {}};
    if (Random(10) == 0) {
      const int64_t floor = Random(6);
      harness_.engine().RaiseFloor(delta.counter, floor);
      return reference_.RaiseFloor(delta.counter, floor);
    }
    for (int i = Random(3); i >= 0; --i) delta.joined.push_back({1, random_() % 5});
    for (int i = Random(4); i > 0; --i) delta.left.push_back({1, random_() % 5});
    harness_.engine().UpdatePresence({delta});
    reference_.UpdatePresence(delta);
  }
  void EndRecovery() {
    harness_.engine().EndRecovery();
    reference_.EndRecovery();
  }
  void WatchOrNot() {
    const CounterId counter = Pick(counters_);
    if (Random(3) == 0) {
      harness_.engine().Unwatch(counter);
      watched_.erase(counter);
      sent_.erase(counter);
    } else {
      harness_.engine().Watch(counter);
      watched_.insert(counter);
    }
  }
  void Session() {
    const HolderId holder{9, static_cast<uint64_t>(Random(4))};
    if (Random(2) == 0) {
      ASSERT_TRUE(engine().RecordSession(holder).ok());
      reference_.RecordSession(holder);
    } else {
      harness_.engine().ForgetSession(holder);
      reference_.ForgetSession(holder);
    }
  }
  void RaiseEpoch() {
    const uint64_t seen = harness_.engine().Epoch() + Random(5) - 2;
    const uint64_t wanted = std::max(harness_.engine().Epoch(), seen + 1);
    EXPECT_EQ(*engine().RaiseEpochAbove(seen), wanted);
  }
  // Nothing happens, and goes on afterwards.
  void FullDisk() {
    ASSERT_TRUE(engine().Probe().ok());  // sessions are forgotten by now
    harness_.FillDisk();
    const HitBatch batch{{5, random_()}, Pick(counters_), 1, 1, true};
    EXPECT_EQ(engine().Hit(batch).status().code(), absl::StatusCode::kUnavailable);
    Check();
    harness_.FreeDisk();
  }
  void Backup() {
    ASSERT_TRUE(engine().Probe().ok());
    const std::string directory = harness_.NewDirectory();
    ASSERT_TRUE(engine().Backup(directory).ok());
    backups_.emplace_back(directory, reference_.durable());
  }
  void Restart() {
    ASSERT_TRUE(engine().Probe().ok());
    const uint64_t epoch = harness_.engine().Epoch();
    const int how = Random(5);
    if (how == 0 && !backups_.empty()) {
      const auto& [directory, durable] = Pick(backups_);
      harness_.RestoreFrom(directory);
      ASSERT_TRUE(engine().RaiseEpochAbove(epoch).ok());  // as the first gateway asks for
      reference_.Restart(durable);
    } else if (how < 3) {
      harness_.Crash();
      reference_.Restart();
    } else {
      harness_.Reopen();
      reference_.Restart();
    }
    EXPECT_GT(harness_.engine().Epoch(), epoch);
    std::vector<HolderId> sessions = harness_.engine().SessionsAtOpen();
    std::sort(sessions.begin(), sessions.end());
    EXPECT_EQ(sessions, std::vector<HolderId>(reference_.durable().sessions.begin(),
                                              reference_.durable().sessions.end()));
    watcher_ = Watcher(harness_.engine());
    watched_.clear();
    sent_.clear();
  }
  void List() {
    const std::string product = Pick(counters_).product;
    std::vector<std::string> ids;
    std::string token;
    do {
      const auto page = engine().List(product, 1 + Random(4), token);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const Change& change : page->counters) {
        // Others have history, which the oracle does not know.
        if (change.hits || change.present > 0) ids.push_back(change.counter.id);
        ExpectShown(change, absl::OkStatus());
      }
      token = page->next_page_token;
    } while (!token.empty());
    EXPECT_EQ(ids, reference_.List(product));
  }

  // Values are the oracle's; versions never go back, and each shows one value only. What is watched
  // ends in the newest value.
  void CheckCounter(const CounterId& counter) {
    const auto read = engine().Read(counter);
    ASSERT_TRUE(read.ok()) << read.status();
    const Numbers numbers{read->hits, read->present};
    EXPECT_EQ(numbers, reference_.Read(counter)) << counter.id;
    const auto last = shown_.find(counter);
    if (last != shown_.end()) {
      EXPECT_GE(read->version, last->second.first);
      if (read->version == last->second.first) {
        EXPECT_EQ(numbers, last->second.second);
      }
    }
    shown_[counter] = {read->version, numbers};
    if (watched_.contains(counter)) AwaitSent(*read);
  }
  void AwaitSent(const Change& current) {
    const auto arrived = [&] {
      const auto sent = sent_.find(current.counter);
      return sent != sent_.end() && sent->second.version == current.version;
    };
    while (!arrived()) {
      for (const Change& change : watcher_.AwaitSome()) NoteSent(change);
    }
    const Change& sent = sent_[current.counter];
    EXPECT_EQ((Numbers{sent.hits, sent.present}), (Numbers{current.hits, current.present}));
  }
  void NoteSent(const Change& change) {
    const auto last = sent_.find(change.counter);
    if (last != sent_.end()) {
      EXPECT_GE(change.version, last->second.version);
    }
    sent_[change.counter] = change;
  }

  EngineHarness& harness_;
  ReferenceEngine reference_;
  std::mt19937_64 random_;
  Watcher watcher_;
  const std::vector<CounterId> counters_ = {
      Counter("1"),        Counter("10"),
      Counter("2"),        Counter(std::string("\0", 1)),
      Counter("\xc3\xa9"), {"accounts/demo/products/other", "1"}};
  std::set<CounterId> watched_;
  std::map<CounterId, Change> sent_;
  std::map<CounterId, std::pair<Version, Numbers>> shown_;
  std::vector<std::pair<std::string, ReferenceEngine::Durable>> backups_;
};

class RandomOperationsTest : public ::testing::TestWithParam<EngineUnderTest> {
 protected:
  static void RunAll(bool little_memory) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      SCOPED_TRACE(absl::StrCat("seed ", seed));
      const auto harness =
          GetParam().make({.max_live_keys_per_product = kMaxLive, .little_memory = little_memory});
      RandomRun run(*harness, seed);
      for (int step = 0; step < kSteps && !HasFailure(); ++step) {
        SCOPED_TRACE(absl::StrCat("step ", step));
        run.Step();
        run.Check();
      }
    }
  }
};

TEST_P(RandomOperationsTest, EveryStepIsAsTheOracleSays) { RunAll(/*little_memory=*/false); }

TEST_P(RandomOperationsTest, SoItIsWithNextToNoMemory) { RunAll(/*little_memory=*/true); }

LIVECOUNTER_RUN_ON_EVERY_ENGINE(RandomOperationsTest);

}  // namespace
}  // namespace livecounter::counter
