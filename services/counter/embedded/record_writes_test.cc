#include "services/counter/embedded/record_writes.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/embedded/expiry_sweeper.h"
#include "services/counter/embedded/store_fixture.h"

namespace livecounter::counter::embedded {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// How the engine uses them is held by tests/conformance.
class RecordWritesTest : public StoreFixture {
 protected:
  // In a transaction of its own.
  absl::StatusOr<uint64_t> Write(std::vector<RecordWrite> writes) {
    Transaction transaction = Begin();
    absl::StatusOr<uint64_t> answer = Decide(std::move(writes), transaction);
    Commit(transaction);
    return answer;
  }
  absl::StatusOr<uint64_t> Decide(std::vector<RecordWrite> writes, Transaction& transaction) {
    absl::StatusOr<uint64_t> answer;
    RecordsWrite write(std::move(writes),
                       [&](const absl::StatusOr<uint64_t>& got) { answer = got; });
    EXPECT_TRUE(write.Decide(transaction));
    write.Succeed(counters_);
    return answer;
  }
  absl::optional<counter::Record> Find(const std::string& key) {
    return *FindRecord(*store_, key, now_);
  }
  size_t Count(Family family) { return store_->Scan(family, "", "", 1000)->size(); }
};

TEST_F(RecordWritesTest, VersionsFollowTheClockAndRiseWhenItStandsStillOrGoesBack) {
  const uint64_t first = *Write({{.key = "a", .value = "1"}});
  EXPECT_EQ(first, static_cast<uint64_t>(absl::ToUnixMicros(now_)));
  EXPECT_EQ(*Write({{.key = "a", .value = "2"}}), first + 1);
  now_ -= absl::Hours(1);
  EXPECT_EQ(*Write({{.key = "a", .value = "3"}}), first + 2);
  now_ += absl::Hours(2);
  EXPECT_EQ(*Write({{.key = "a", .value = "4"}}), static_cast<uint64_t>(absl::ToUnixMicros(now_)));
}

TEST_F(RecordWritesTest, WritesOfOneGroupSeeThoseBeforeThem) {
  Transaction transaction = Begin();
  const uint64_t first = *Decide({{.key = "a", .value = "1", .expected_version = 0}}, transaction);
  EXPECT_EQ(
      Decide({{.key = "a", .value = "2", .expected_version = 0}}, transaction).status().code(),
      absl::StatusCode::kAborted);
  const uint64_t second =
      *Decide({{.key = "a", .value = "3", .expected_version = first}}, transaction);
  EXPECT_THAT(transaction.TakeRecordChanges(),
              ElementsAre(RecordChange{"a", "1", first}, RecordChange{"a", "3", second}));
  Commit(transaction);
  EXPECT_EQ(Find("a"), (counter::Record{"a", "3", second}));
}

TEST_F(RecordWritesTest, ARefusedWriteWritesNothing) {
  Transaction transaction = Begin();
  EXPECT_FALSE(
      Decide({{.key = "a", .value = "1"}, {.key = "b", .value = "1", .expected_version = 5}},
             transaction)
          .ok());
  EXPECT_THAT(transaction.Mutations(), IsEmpty());
  EXPECT_THAT(transaction.TakeRecordChanges(), IsEmpty());
}

TEST_F(RecordWritesTest, TheSweeperTakesAwayWhatExpiredAndNothingElse) {
  const absl::Time soon = now_ + absl::Seconds(10);
  ASSERT_TRUE(Write({{.key = "goes", .value = "1", .expire_at = soon},
                     {.key = "stays", .value = "1"},
                     {.key = "longer", .value = "1", .expire_at = soon},
                     {.key = "deleted", .value = "1", .expire_at = soon}})
                  .ok());
  ASSERT_TRUE(Write({{.key = "longer", .value = "2", .expire_at = soon + absl::Seconds(1)},
                     {.key = "deleted"}})
                  .ok());
  EXPECT_EQ(Count(Family::kRecordExpiry), 2u);
  ExpirySweeper sweeper(*store_, counters_, senders_, /*slice=*/1);
  now_ = soon;
  EXPECT_EQ(Find("goes"), absl::nullopt) << "before it is swept";
  EXPECT_TRUE(*sweeper.Sweep(now_));
  EXPECT_FALSE(*sweeper.Sweep(now_));
  EXPECT_EQ(Count(Family::kRecords), 2u);
  EXPECT_EQ(Find("longer")->value, "2");
  EXPECT_EQ(Find("stays")->value, "1");
}

TEST_F(RecordWritesTest, AListPassesOverWhatExpiredAndIsFullAllTheSame) {
  for (const char* key : {"a", "b", "c", "d", "e"}) {
    const bool expires = std::string(key) < "d" && std::string(key) != "a";
    const absl::Time end = expires ? now_ + absl::Seconds(1) : absl::InfiniteFuture();
    ASSERT_TRUE(Write({{.key = key, .value = key, .expire_at = end}}).ok());
  }
  now_ += absl::Seconds(1);
  std::vector<std::string> keys;
  const auto records = ListRecords(*store_, "", "", 2, now_);
  for (const counter::Record& record : *records) keys.push_back(record.key);
  EXPECT_THAT(keys, ElementsAre("a", "d"));
}

TEST_F(RecordWritesTest, OfChangesInDoubtThoseAreToldThatTheStoreHolds) {
  const uint64_t version = *Write({{.key = "a", .value = "1"}, {.key = "b", .value = "1"}});
  const std::vector<RecordChange> changes = {{"a", "1", version},
                                             {"b", "2", version + 1},
                                             {"b", absl::nullopt, version + 2},
                                             {"c", absl::nullopt, version + 3}};
  EXPECT_THAT(*ChangesThatStand(*store_, changes), ElementsAre(changes[0], changes[3]));
}

TEST_F(RecordWritesTest, ADamagedRecordIsDataLoss) {
  ASSERT_TRUE(store_->Commit({{Family::kRecords, "a", "?"}}, false).ok());
  EXPECT_EQ(FindRecord(*store_, "a", now_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ListRecords(*store_, "", "", 1, now_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Write({{.key = "a", .value = "1"}}).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace livecounter::counter::embedded
