// The fixture of the conformance suite: every test runs on every engine.

#ifndef LIVECOUNTER_TESTS_CONFORMANCE_CONFORMANCE_TEST_H_
#define LIVECOUNTER_TESTS_CONFORMANCE_CONFORMANCE_TEST_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/blocking_engine.h"
#include "tests/conformance/engine_harness.h"

namespace livecounter::counter {

inline constexpr char kProduct[] = "accounts/demo/products/demo";
inline CounterId Counter(const std::string& id) { return {kProduct, id}; }

// Keeps what a change sink got.
class Watcher {
 public:
  // As the sink of `engine`, from now on.
  explicit Watcher(CounterEngine& engine) : got_(std::make_shared<Got>()) {
    engine.SetChangeSink([got = got_](const std::vector<Change>& changes) {
      absl::MutexLock lock(&got->mutex);
      got->changes.insert(got->changes.end(), changes.begin(), changes.end());
    });
  }
  // What came since the last time.
  std::vector<Change> Take() {
    absl::MutexLock lock(&got_->mutex);
    return std::exchange(got_->changes, {});
  }
  // As Take(), and waits until something has come.
  std::vector<Change> AwaitSome() {
    absl::MutexLock lock(&got_->mutex);
    const auto some = [&]() ABSL_SHARED_LOCKS_REQUIRED(got_->mutex) {
      return !got_->changes.empty();
    };
    got_->mutex.Await(absl::Condition(&some));
    return std::exchange(got_->changes, {});
  }
  // Waits for a change of `counter` for which `wanted` is true, and takes all until then.
  template <typename Wanted>
  Change Await(const CounterId& counter, Wanted wanted) {
    absl::MutexLock lock(&got_->mutex);
    Change found;
    const auto arrived = [&]() ABSL_SHARED_LOCKS_REQUIRED(got_->mutex) {
      for (const Change& change : got_->changes) {
        if (change.counter != counter || !wanted(change)) continue;
        found = change;
        return true;
      }
      return false;
    };
    got_->mutex.Await(absl::Condition(&arrived));
    got_->changes.clear();
    return found;
  }

 private:
  struct Got {
    absl::Mutex mutex;
    std::vector<Change> changes ABSL_GUARDED_BY(mutex);
  };
  std::shared_ptr<Got> got_;
};

class ConformanceTest : public ::testing::TestWithParam<EngineUnderTest> {
 protected:
  explicit ConformanceTest(const HarnessOptions& options = {})
      : harness_(GetParam().make(options)) {}
  ~ConformanceTest() override { harness_->CheckInvariants(); }

  CounterEngine& engine() { return harness_->engine(); }
  BlockingEngine blocking() { return BlockingEngine(harness_->engine()); }

  // A batch of the next number of `sender`, remembered.
  HitBatch Next(const std::string& id, SenderId sender, int64_t count = 1, bool create = true) {
    return {sender, Counter(id), ++numbers_[{id, sender}], count, create};
  }
  // One hit, that must count; the value after it.
  int64_t Hit(const std::string& id, int64_t count = 1) {
    const auto result = blocking().Hit(Next(id, kSender, count));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? result->value_after : -1;
  }
  absl::optional<int64_t> Hits(const std::string& id) {
    const auto change = blocking().Read(Counter(id));
    EXPECT_TRUE(change.ok()) << change.status();
    return change.ok() ? change->hits : -1;
  }
  int64_t Present(const std::string& id) { return blocking().Read(Counter(id))->present; }
  void Join(const std::string& id, uint64_t who) {
    engine().UpdatePresence({{Counter(id), {PresenceHash{who, who}}, {}}});
  }
  void Leave(const std::string& id, uint64_t who) {
    engine().UpdatePresence({{Counter(id), {}, {PresenceHash{who, who}}}});
  }

  static constexpr SenderId kSender{0, 1};

  std::unique_ptr<EngineHarness> harness_;
  absl::flat_hash_map<std::pair<std::string, SenderId>, uint64_t> numbers_;
};

inline std::string NameOfEngine(const ::testing::TestParamInfo<EngineUnderTest>& info) {
  return info.param.name;
}

}  // namespace livecounter::counter

// After the tests of a suite: they run on every engine.
#define LIVECOUNTER_RUN_ON_EVERY_ENGINE(suite) \
  INSTANTIATE_TEST_SUITE_P(Engine, suite, ::testing::ValuesIn(EnginesUnderTest()), NameOfEngine)

#endif  // LIVECOUNTER_TESTS_CONFORMANCE_CONFORMANCE_TEST_H_
