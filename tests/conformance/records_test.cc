// Records: compare-and-set, all or nothing, durable, told in the order of their versions.

#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Keeps what a sink of records got.
class RecordWatcher {
 public:
  explicit RecordWatcher(CounterEngine& engine) : got_(std::make_shared<Got>()) {
    engine.Records().SetChangeSink([got = got_](const std::vector<RecordChange>& changes) {
      absl::MutexLock lock(&got->mutex);
      got->changes.insert(got->changes.end(), changes.begin(), changes.end());
    });
  }
  // All that came, once the change of `version` is among it.
  std::vector<RecordChange> Await(uint64_t version) {
    absl::MutexLock lock(&got_->mutex);
    const auto arrived = [&]() ABSL_SHARED_LOCKS_REQUIRED(got_->mutex) {
      return !got_->changes.empty() && got_->changes.back().version >= version;
    };
    got_->mutex.Await(absl::Condition(&arrived));
    return got_->changes;
  }

 private:
  struct Got {
    absl::Mutex mutex;
    std::vector<RecordChange> changes ABSL_GUARDED_BY(mutex);
  };
  std::shared_ptr<Got> got_;
};

class RecordsTest : public ConformanceTest {
 protected:
  absl::StatusOr<uint64_t> Write(std::vector<RecordWrite> writes) {
    Answer<absl::StatusOr<uint64_t>> answer;
    engine().Records().Write(std::move(writes), answer.Callback());
    return answer.Wait();
  }
  absl::StatusOr<Record> Read(const std::string& key) {
    Answer<absl::StatusOr<Record>> answer;
    engine().Records().Read(key, answer.Callback());
    return answer.Wait();
  }
  absl::StatusOr<std::vector<Record>> List(const std::string& prefix, const std::string& after,
                                           int limit) {
    Answer<absl::StatusOr<std::vector<Record>>> answer;
    engine().Records().List(prefix, after, limit, answer.Callback());
    return answer.Wait();
  }
  // Its value; nothing where there is no record.
  absl::optional<std::string> Value(const std::string& key) {
    const absl::StatusOr<Record> record = Read(key);
    if (record.ok()) return record->value;
    EXPECT_EQ(record.status().code(), absl::StatusCode::kNotFound) << record.status();
    return absl::nullopt;
  }
  std::vector<std::string> Keys(const std::string& prefix, const std::string& after, int limit) {
    std::vector<std::string> keys;
    const auto records = List(prefix, after, limit);
    EXPECT_TRUE(records.ok()) << records.status();
    for (const Record& record : *records) keys.push_back(record.key);
    return keys;
  }
  void Later(absl::Duration step) { harness_->clock().Advance(step); }
};

TEST_P(RecordsTest, ARecordIsWrittenReadReplacedAndDeleted) {
  EXPECT_EQ(Read("a").status().code(), absl::StatusCode::kNotFound);
  const std::string bytes("\0\xFF", 2);
  const uint64_t first = *Write({{.key = bytes, .value = bytes}});
  EXPECT_EQ(*Read(bytes), (Record{bytes, bytes, first}));
  const uint64_t second = *Write({{.key = bytes, .value = ""}});
  EXPECT_EQ(*Read(bytes), (Record{bytes, "", second}));
  EXPECT_GT(*Write({{.key = bytes}}), second);
  EXPECT_EQ(Value(bytes), absl::nullopt);
  EXPECT_TRUE(Write({{.key = bytes}}).ok()) << "there is none to delete";
}

TEST_P(RecordsTest, AWriteHappensOverTheVersionItExpectsOnly) {
  const uint64_t first = *Write({{.key = "a", .value = "1", .expected_version = 0}});
  const absl::Status there = Write({{.key = "a", .value = "2", .expected_version = 0}}).status();
  EXPECT_EQ(there.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(there.message()), HasSubstr("record a "));
  const uint64_t second = *Write({{.key = "a", .value = "3", .expected_version = first}});
  EXPECT_EQ(Write({{.key = "a", .expected_version = first}}).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(Value("a"), "3");
  EXPECT_TRUE(Write({{.key = "a", .expected_version = second}}).ok());
  EXPECT_TRUE(Write({{.key = "a", .value = "4", .expected_version = 0}}).ok());
}

TEST_P(RecordsTest, AWriteOfManyIsDoneAsAWholeOrNotAtAll) {
  const uint64_t version =
      *Write({{.key = "a", .value = "1"}, {.key = "b", .value = "1"}, {.key = "c"}});
  EXPECT_EQ(Read("a")->version, version);
  EXPECT_EQ(Read("b")->version, version);
  EXPECT_EQ(Write({{.key = "a", .value = "2"}, {.key = "b", .value = "2", .expected_version = 1}})
                .status()
                .code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(Value("a"), "1");
  EXPECT_EQ(Value("b"), "1");
}

TEST_P(RecordsTest, OfThoseWhoWriteOverTheSameVersionOneWins) {
  ASSERT_TRUE(Write({{.key = "n", .value = "0"}}).ok());
  std::atomic<int> won = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      for (int tries = 0; tries < 50; ++tries) {
        const Record read = *Read("n");
        int value = 0;
        ASSERT_TRUE(absl::SimpleAtoi(read.value, &value));
        const absl::Status status =
            Write(
                {{.key = "n", .value = absl::StrCat(value + 1), .expected_version = read.version}})
                .status();
        if (status.ok()) {
          ++won;
        } else {
          ASSERT_EQ(status.code(), absl::StatusCode::kAborted);
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_GE(won, 50);
  EXPECT_EQ(Value("n"), absl::StrCat(won.load()));
}

TEST_P(RecordsTest, AListHoldsWhatFollowsInByteOrder) {
  for (const char* key : {"p/b", "p/a", "o", "p/c", "p", "q", "p/\xFF"}) {
    ASSERT_TRUE(Write({{.key = key, .value = key}}).ok());
  }
  EXPECT_THAT(Keys("p/", "", 2), ElementsAre("p/a", "p/b"));
  EXPECT_THAT(Keys("p/", "p/b", 9), ElementsAre("p/c", "p/\xFF"));
  EXPECT_THAT(Keys("p/", "o", 1), ElementsAre("p/a"));
  EXPECT_THAT(Keys("p/", "q", 9), IsEmpty());
  EXPECT_THAT(Keys("", "p", 2), ElementsAre("p/a", "p/b"));
  const Record listed = List("o", "", 1)->front();
  EXPECT_EQ(listed, *Read("o"));
}

TEST_P(RecordsTest, WhatHasExpiredIsSeenByNobody) {
  const absl::Time end = harness_->clock().Now() + absl::Seconds(10);
  ASSERT_TRUE(Write({{.key = "a", .value = "1", .expire_at = end},
                     {.key = "b", .value = "1", .expire_at = end},
                     {.key = "c", .value = "1"}})
                  .ok());
  Later(absl::Seconds(10) - absl::Nanoseconds(1));
  EXPECT_EQ(Value("a"), "1");
  ASSERT_TRUE(Write({{.key = "b", .value = "2", .expire_at = end + absl::Hours(1)}}).ok());
  Later(absl::Nanoseconds(1));
  EXPECT_EQ(Value("a"), absl::nullopt);
  EXPECT_THAT(Keys("", "", 1), ElementsAre("b"));
  EXPECT_THAT(Keys("", "", 9), ElementsAre("b", "c"));
  harness_->Crash();
  EXPECT_THAT(Keys("", "", 9), ElementsAre("b", "c"));
  EXPECT_TRUE(Write({{.key = "a", .value = "2", .expected_version = 0}}).ok());
  EXPECT_EQ(Value("a"), "2");
}

TEST_P(RecordsTest, ARecordThatHasExpiredWhenItIsWrittenIsNone) {
  ASSERT_TRUE(Write({{.key = "a", .value = "1"}}).ok());
  RecordWatcher watcher(engine());
  const uint64_t version =
      *Write({{.key = "a", .value = "2", .expire_at = harness_->clock().Now()}});
  EXPECT_EQ(Value("a"), absl::nullopt);
  EXPECT_THAT(watcher.Await(version), ElementsAre(RecordChange{"a", absl::nullopt, version}));
}

TEST_P(RecordsTest, VersionsRiseOverRestartsRestoresAndClocksThatGoBack) {
  uint64_t last = *Write({{.key = "a", .value = "1"}});
  const auto rises = [&] {
    const uint64_t next = *Write({{.key = "b", .value = "1"}});
    EXPECT_GT(next, last);
    last = next;
  };
  rises();
  harness_->Reopen();
  rises();
  harness_->clock().Advance(-absl::Hours(100));
  harness_->Crash();
  rises();
  harness_->clock().Advance(absl::Hours(100));
  const std::string backup = harness_->NewDirectory();
  ASSERT_TRUE(blocking().Backup(backup).ok());
  for (int i = 0; i < 100; ++i) rises();
  Later(absl::Seconds(1));
  harness_->RestoreFrom(backup);
  rises();
}

TEST_P(RecordsTest, ChangesComeInTheOrderOfTheirVersions) {
  RecordWatcher watcher(engine());
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&, i] {
      const std::string own = absl::StrCat(i);
      for (int n = 0; n < 50; ++n) {
        ASSERT_TRUE(
            Write({{.key = own, .value = absl::StrCat(n)}, {.key = "all", .value = own}}).ok());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const uint64_t last = *Write({{.key = "all"}});
  const std::vector<RecordChange> changes = watcher.Await(last);
  ASSERT_EQ(changes.size(), 401u);
  for (size_t i = 1; i < changes.size(); ++i) {
    const bool same_write = i % 2 == 1;
    if (same_write) {
      EXPECT_EQ(changes[i].version, changes[i - 1].version);
    } else {
      EXPECT_GT(changes[i].version, changes[i - 1].version);
    }
  }
  EXPECT_EQ(changes.back(), (RecordChange{"all", absl::nullopt, last}));
}

// What a cache does: it sets its sink, lists, and takes from both what is newer.
TEST_P(RecordsTest, AListAfterTheSinkMissesNothing) {
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int n = 0; !done; ++n) {
      ASSERT_TRUE(Write({{.key = absl::StrCat(n % 7), .value = absl::StrCat(n)}}).ok());
    }
  });
  while (Keys("", "", 9).size() < 7) {
  }
  RecordWatcher watcher(engine());
  std::map<std::string, Record> cache;
  const auto listed = List("", "", 100);
  for (const Record& record : *listed) cache[record.key] = record;
  done = true;
  writer.join();
  const uint64_t last = *Write({{.key = "end", .value = ""}});
  for (const RecordChange& change : watcher.Await(last)) {
    Record& record = cache[change.key];
    if (change.version > record.version) record = {change.key, *change.value, change.version};
  }
  const auto stored = List("", "", 100);
  ASSERT_EQ(stored->size(), cache.size());
  for (const Record& record : *stored) EXPECT_EQ(cache[record.key], record);
}

TEST_P(RecordsTest, ASinkMayWrite) {
  Answer<absl::StatusOr<uint64_t>> second;
  engine().Records().SetChangeSink([&](const std::vector<RecordChange>& changes) {
    if (changes[0].key != "a") return;
    engine().Records().Write({{.key = "b", .value = "1"}}, second.Callback());
  });
  ASSERT_TRUE(Write({{.key = "a", .value = "1"}}).ok());
  EXPECT_TRUE(second.Wait().ok());
  EXPECT_EQ(Value("b"), "1");
  engine().Records().SetChangeSink([](const std::vector<RecordChange>&) {});
}

TEST_P(RecordsTest, WhatIsAnsweredSurvivesACrash) {
  uint64_t version = 0;
  for (int cycle = 0; cycle < 5; ++cycle) {
    version = *Write({{.key = "a", .value = absl::StrCat(cycle), .expected_version = version},
                      {.key = absl::StrCat("b", cycle), .value = ""}});
    if (cycle > 0) {
      ASSERT_TRUE(Write({{.key = absl::StrCat("b", cycle - 1)}}).ok());
    }
    harness_->Crash();
    EXPECT_EQ(*Read("a"), (Record{"a", absl::StrCat(cycle), version}));
    EXPECT_THAT(Keys("b", "", 9), ElementsAre(absl::StrCat("b", cycle)));
  }
}

TEST_P(RecordsTest, AFullDiskRefusesWritesAndGoesOnReading) {
  const uint64_t version = *Write({{.key = "a", .value = "1"}});
  RecordWatcher watcher(engine());
  harness_->FillDisk();
  EXPECT_EQ(Write({{.key = "a", .value = "2"}}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Value("a"), "1");
  EXPECT_THAT(Keys("", "", 9), ElementsAre("a"));
  harness_->FreeDisk();
  const uint64_t last = *Write({{.key = "b", .value = "1"}});
  EXPECT_GT(last, version);
  const std::vector<RecordChange> told = watcher.Await(last);
  EXPECT_EQ(told.back(), (RecordChange{"b", "1", last}));
  // A disk may take the bytes and not say so: then the write is there, and was told.
  EXPECT_EQ(Value("a"), told.size() == 1 ? "1" : "2");
}

TEST_P(RecordsTest, ABackupHoldsThem) {
  ASSERT_TRUE(Write({{.key = "a", .value = "1"}}).ok());
  const std::string backup = harness_->NewDirectory();
  ASSERT_TRUE(blocking().Backup(backup).ok());
  ASSERT_TRUE(Write({{.key = "a", .value = "2"}, {.key = "b", .value = "2"}}).ok());
  harness_->RestoreFrom(backup);
  EXPECT_EQ(Value("a"), "1");
  EXPECT_EQ(Value("b"), absl::nullopt);
}

TEST_P(RecordsTest, WhatIsNotOfItsFormIsRefused) {
  const auto code = [&](std::vector<RecordWrite> writes) {
    return Write(std::move(writes)).status().code();
  };
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(code({}), invalid);
  EXPECT_EQ(code({{.key = "", .value = ""}}), invalid);
  EXPECT_EQ(code({{.key = std::string(513, 'k'), .value = ""}}), invalid);
  EXPECT_EQ(code({{.key = "k", .value = std::string(65'537, 'v')}}), invalid);
  EXPECT_EQ(code({{.key = "k", .value = "1"}, {.key = "k"}}), invalid);
  EXPECT_EQ(Value("k"), absl::nullopt);
  EXPECT_EQ(Read("").status().code(), invalid);
  EXPECT_EQ(Read(std::string(513, 'k')).status().code(), invalid);
  EXPECT_EQ(List("", "", 0).status().code(), invalid);
  const std::string key(512, 'k');
  ASSERT_TRUE(Write({{.key = key, .value = std::string(65'536, 'v')}}).ok());
  EXPECT_EQ(Read(key)->value.size(), 65'536u);
}

TEST_P(RecordsTest, AfterCloseNothingIsAccepted) {
  std::vector<Answer<absl::StatusOr<uint64_t>>> answers(20);
  for (const auto& answer : answers) {
    engine().Records().Write({{.key = "a", .value = "1"}}, answer.Callback());
  }
  engine().Close();
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.arrived());
    EXPECT_TRUE(answer.Wait().ok());
  }
  const auto code = absl::StatusCode::kFailedPrecondition;
  EXPECT_EQ(Write({{.key = "a", .value = "2"}}).status().code(), code);
  EXPECT_EQ(Read("a").status().code(), code);
  EXPECT_EQ(List("", "", 1).status().code(), code);
  harness_->Reopen();
  EXPECT_EQ(Value("a"), "1");
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(RecordsTest);

}  // namespace
}  // namespace livecounter::counter
