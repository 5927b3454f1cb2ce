// What is answered stays: over crashes, full disks and backups.

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;

class DurabilityTest : public ConformanceTest {};

TEST_P(DurabilityTest, WhatIsAnsweredSurvivesACrash) {
  for (int cycle = 0; cycle < 5; ++cycle) {
    for (int i = 0; i < 10; ++i) Hit(absl::StrCat(i), i + 1);
    ASSERT_TRUE(blocking().HitOnce({Counter("keyed"), absl::StrCat(cycle), 1, true}).ok());
    harness_->Crash();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(Hits(absl::StrCat(i)), (cycle + 1) * (i + 1));
    EXPECT_EQ(Hits("keyed"), cycle + 1);
  }
}

TEST_P(DurabilityTest, WhatIsOnItsWayIntoACrashCountsOnceOrNotAtAll) {
  std::vector<Answer<absl::StatusOr<HitResult>>> answers(500);
  uint64_t number = 0;
  for (const auto& answer : answers) {
    engine().Hit({kSender, Counter("1"), ++number, 1, true}, answer.Callback());
  }
  harness_->Crash();
  // The answered ones are the first ones; of the rest, those that were written can be repeated.
  uint64_t answered = 0;
  for (const auto& answer : answers) {
    if (answer.Wait().ok()) ++answered;
  }
  const int64_t total = Hits("1").value_or(0);
  EXPECT_GE(total, static_cast<int64_t>(answered));
  EXPECT_LE(total, 500);
  for (uint64_t next = total; next <= 500; ++next) {
    if (next == 0) continue;
    const auto result = blocking().Hit({kSender, Counter("1"), next, 1, true});
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->value_after, static_cast<int64_t>(next));
  }
  EXPECT_EQ(Hits("1"), 500);
}

TEST_P(DurabilityTest, AFullDiskRefusesWritesAndGoesOnReading) {
  Hit("1", 26);
  Join("1", 1);
  const Change before = *blocking().Read(Counter("1"));
  harness_->FillDisk();
  const HitBatch refused = Next("1", kSender);
  const absl::Status status = blocking().Hit(refused).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("full"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("free"));
  const auto code = absl::StatusCode::kUnavailable;
  EXPECT_EQ(blocking().Create(Counter("2"), 0).status().code(), code);
  EXPECT_EQ(blocking().SetHits(Counter("1"), 5).status().code(), code);
  EXPECT_EQ(blocking().Delete(Counter("1")).code(), code);
  EXPECT_EQ(blocking().HitOnce({Counter("1"), "key", 1, true}).status().code(), code);
  EXPECT_EQ(blocking().RecordSession({1, 2}).code(), code);
  EXPECT_EQ(blocking().RaiseEpochAbove(engine().Epoch()).status().code(), code);

  EXPECT_EQ(*blocking().Read(Counter("1")), before) << "refused writes change nothing";
  EXPECT_EQ(Hits("2"), absl::nullopt);
  EXPECT_EQ(blocking().List(kProduct, 10, "")->counters.size(), 1u);
  Join("1", 2);
  EXPECT_EQ(Present("1"), 2) << "presence goes on";

  harness_->FreeDisk();
  EXPECT_EQ(blocking().Hit(refused)->value_after, 27) << "and so do writes, by themselves";
  EXPECT_EQ(Present("1"), 2);
  harness_->Crash();
  EXPECT_EQ(Hits("1"), 27);
  EXPECT_EQ(Hits("2"), absl::nullopt);
}

TEST_P(DurabilityTest, ADiskFullAgainAndAgainLosesNothing) {
  int64_t acknowledged = 0;
  for (int cycle = 0; cycle < 10; ++cycle) {
    for (int i = 0; i < cycle; ++i) acknowledged = Hit("1");
    harness_->FillDisk();
    const HitBatch batch = Next("1", kSender);
    EXPECT_FALSE(blocking().Hit(batch).ok());
    EXPECT_FALSE(blocking().Hit(batch).ok());
    harness_->FreeDisk();
    if (cycle % 3 != 0) harness_->Crash();
    EXPECT_THAT(Hits("1").value_or(0), AnyOf(Eq(acknowledged), Eq(acknowledged + 1)));
    const auto repeated = blocking().Hit(batch);
    ASSERT_TRUE(repeated.ok()) << repeated.status();
    EXPECT_EQ(repeated->value_after, ++acknowledged);
  }
}

TEST_P(DurabilityTest, WatchersOfAFullDiskSeeNothingOfWhatWasRefused) {
  Hit("1", 26);
  Watcher watcher(engine());
  engine().Watch(Counter("1"));
  watcher.Await(Counter("1"), [](const Change& change) { return change.hits == 26; });
  harness_->FillDisk();
  const HitBatch batch = Next("1", kSender);
  EXPECT_FALSE(blocking().Hit(batch).ok());
  Join("1", 1);
  const Change joined =
      watcher.Await(Counter("1"), [](const Change& change) { return change.present == 1; });
  EXPECT_EQ(joined.hits, 26);
  harness_->FreeDisk();
  ASSERT_TRUE(blocking().Hit(batch).ok());
  watcher.Await(Counter("1"), [](const Change& change) { return change.hits == 27; });
}

TEST_P(DurabilityTest, ABackupIsRestoredUnderAHigherEpoch) {
  Hit("1", 26);
  const HitBatch repeated = Next("1", kSender, 4);
  ASSERT_TRUE(blocking().Hit(repeated).ok());
  ASSERT_TRUE(blocking().HitOnce({Counter("1"), "key", 1, true}).ok());
  const std::string backup = harness_->NewDirectory();
  ASSERT_TRUE(blocking().Backup(backup).ok());
  Hit("1", 1000);
  ASSERT_TRUE(blocking().Create(Counter("later"), 1).ok());
  const Version last = blocking().Read(Counter("1"))->version;

  harness_->clock().Advance(absl::Seconds(1));
  harness_->RestoreFrom(backup);
  EXPECT_EQ(Hits("1"), 31);
  EXPECT_EQ(Hits("later"), absl::nullopt);
  EXPECT_EQ(blocking().Hit(repeated)->value_after, 30) << "records are in the copy";
  EXPECT_EQ(blocking().HitOnce({Counter("1"), "key", 1, true})->value_after, 31);
  EXPECT_TRUE(IsGap(blocking().Hit(Next("1", kSender)).status())) << "its last batch is not there";
  EXPECT_GT(blocking().Read(Counter("1"))->version, last);
}

TEST_P(DurabilityTest, ABackupIsNotWrittenOverAnything) {
  const std::string backup = harness_->NewDirectory();
  ASSERT_TRUE(blocking().Backup(backup).ok());
  const absl::Status again = blocking().Backup(backup);
  EXPECT_FALSE(again.ok());
  EXPECT_THAT(std::string(again.message()), HasSubstr(backup));
}

// Each batch counts on two counters that are always hit together by one sender, "a" before "b": in a
// consistent copy "b" is never ahead of "a", each total is that of its senders' records, and all that
// was answered before the backup is there.
TEST_P(DurabilityTest, ABackupTakenWhileWritingIsConsistent) {
  std::atomic<bool> done = false;
  std::atomic<int64_t> answered = 0;
  std::thread writer([&] {
    for (uint64_t number = 1; !done; ++number) {
      engine().Hit({kSender, Counter("a"), number, 1, true},
                   [](const absl::StatusOr<HitResult>&) {});
      ASSERT_TRUE(blocking().Hit({kSender, Counter("b"), number, 1, true}).ok());
      answered = static_cast<int64_t>(number);
    }
  });
  std::vector<std::pair<std::string, int64_t>> backups;
  for (int i = 0; i < 3; ++i) {
    const std::string directory = harness_->NewDirectory();
    const int64_t before = answered;
    EXPECT_TRUE(blocking().Backup(directory).ok());
    backups.emplace_back(directory, before);
  }
  done = true;
  writer.join();
  for (const auto& [directory, before] : backups) {
    harness_->RestoreFrom(directory);
    const int64_t a = Hits("a").value_or(0);
    const int64_t b = Hits("b").value_or(0);
    EXPECT_GE(b, before);
    EXPECT_GE(a, b);
    EXPECT_LE(a, b + 1);
    for (const auto& [id, total] : {std::pair("a", a), std::pair("b", b)}) {
      const uint64_t next = static_cast<uint64_t>(total) + 1;
      EXPECT_EQ(blocking().Hit({kSender, Counter(id), next, 1, true})->value_after, total + 1);
    }
  }
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(DurabilityTest);

}  // namespace
}  // namespace livecounter::counter
