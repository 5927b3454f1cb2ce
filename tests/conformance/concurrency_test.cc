// Many callers at once.

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

constexpr int kPosters = 200;
constexpr int kPosts = 50;

class ConcurrencyTest : public ConformanceTest {
 protected:
  // Runs `body(thread)` on that many threads at once.
  template <typename Body>
  static void OnThreads(int count, Body body) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < count; ++thread) {
      threads.emplace_back([&body, thread] { body(thread); });
    }
    for (std::thread& thread : threads) thread.join();
  }
};

TEST_P(ConcurrencyTest, ManyPostersGetDistinctConsecutiveValues) {
  std::vector<std::vector<int64_t>> values(kPosters);
  OnThreads(kPosters, [&](int poster) {
    const SenderId sender{7, static_cast<uint64_t>(poster)};
    for (uint64_t number = 1; number <= kPosts; ++number) {
      const auto result = blocking().Hit({sender, Counter("1"), number, 1, true});
      ASSERT_TRUE(result.ok()) << result.status();
      values[poster].push_back(result->value_after);
    }
  });
  std::vector<int64_t> all;
  for (const std::vector<int64_t>& mine : values) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  for (size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], static_cast<int64_t>(i) + 1);
  harness_->Crash();
  EXPECT_EQ(Hits("1"), kPosters * kPosts);
}

TEST_P(ConcurrencyTest, BatchesGetRangesOfTheirOwn) {
  std::vector<std::pair<int64_t, int64_t>> ranges[8];
  OnThreads(8, [&](int thread) {
    const SenderId sender{7, static_cast<uint64_t>(thread)};
    for (uint64_t number = 1; number <= 100; ++number) {
      const int64_t count = 1 + (thread + static_cast<int64_t>(number)) % 5;
      const auto result = blocking().Hit({sender, Counter("1"), number, count, true});
      ranges[thread].emplace_back(result->value_after - count + 1, result->value_after);
    }
  });
  std::vector<std::pair<int64_t, int64_t>> all;
  for (const auto& mine : ranges) all.insert(all.end(), mine.begin(), mine.end());
  std::sort(all.begin(), all.end());
  int64_t next = 1;
  for (const auto& [first, last] : all) {
    EXPECT_EQ(first, next);
    next = last + 1;
  }
  EXPECT_EQ(Hits("1"), next - 1);
}

TEST_P(ConcurrencyTest, ACounterIsCreatedByOneOfMany) {
  std::atomic<int> created = 0;
  OnThreads(16, [&](int thread) {
    const auto result = blocking().Create(Counter("1"), thread);
    if (result.ok()) {
      ++created;
    } else {
      EXPECT_EQ(result.status().code(), absl::StatusCode::kAlreadyExists);
    }
  });
  EXPECT_EQ(created, 1);
}

TEST_P(ConcurrencyTest, NoReaderSeesAVersionTwiceWithDifferentValuesOrGoBack) {
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      Change last = *blocking().Read(Counter("1"));
      while (!done) {
        const Change now = *blocking().Read(Counter("1"));
        EXPECT_GE(now.version, last.version);
        if (now.version == last.version) {
          EXPECT_EQ(now, last);
        }
        EXPECT_GE(now.hits.value_or(0), last.hits.value_or(0));
        last = now;
      }
    });
  }
  OnThreads(4, [&](int thread) {
    for (uint64_t i = 1; i <= 200; ++i) {
      if (thread < 2) {
        const SenderId sender{7, static_cast<uint64_t>(thread)};
        ASSERT_TRUE(blocking().Hit({sender, Counter("1"), i, 1, true}).ok());
      } else {
        Join("1", 1000 * thread + i % 7);
        Leave("1", 1000 * thread + i % 5);
      }
    }
  });
  done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST_P(ConcurrencyTest, EveryMethodMayBeCalledFromAnyThreadAndClosedMeanwhile) {
  Watcher watcher(engine());
  std::thread closer;
  OnThreads(8, [&](int thread) {
    for (int i = 0; i < 100; ++i) {
      const std::string id = absl::StrCat(i % 10);
      switch (thread) {
        case 0:
          engine().Hit({kSender, Counter(id), 1, 1, true}, [](const auto&) {});
          break;
        case 1:
          engine().HitOnce({Counter(id), absl::StrCat(i), 1, true}, [](const auto&) {});
          break;
        case 2:
          engine().List(kProduct, 5, "", [](const auto&) {});
          engine().Delete(Counter(id), [](const auto&) {});
          break;
        case 3:
          engine().Watch(Counter(id));
          engine().Unwatch(Counter(absl::StrCat(i % 3)));
          break;
        case 4:
          Join(id, i);
          engine().RaiseFloor(Counter(id), i);
          break;
        case 5:
          engine().RaiseEpochAbove(engine().Epoch(), [](const auto&) {});
          engine().Read(Counter(id), [](const auto&) {});
          break;
        case 6:
          engine().RecordSession({1, static_cast<uint64_t>(i)}, [](const auto&) {});
          engine().ForgetSession({1, static_cast<uint64_t>(i)});
          break;
        default:
          if (i == 50) closer = std::thread([&] { engine().Close(); });
      }
    }
  });
  closer.join();
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(ConcurrencyTest);

}  // namespace
}  // namespace livecounter::counter
