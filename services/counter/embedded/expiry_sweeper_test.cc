#include "services/counter/embedded/expiry_sweeper.h"

#include <string>

#include "gtest/gtest.h"
#include "services/counter/embedded/history_store.h"
#include "services/counter/embedded/hit_records.h"
#include "services/counter/embedded/store_fixture.h"

namespace livecounter::counter::embedded {
namespace {

constexpr size_t kSlice = 3;

class ExpirySweeperTest : public StoreFixture {
 protected:
  ExpirySweeperTest() : sweeper_(*store_, counters_, senders_, kSlice) {}

  void PutKeys(int from, int to) {
    Transaction transaction = Begin();
    for (int i = from; i < to; ++i) {
      ASSERT_TRUE(
          PutKey(transaction, Counter("1"), std::to_string(i), {1, i, now_ + kRecordLifetime})
              .ok());
    }
    Commit(transaction);
  }
  void PutSenders(uint64_t from, uint64_t to) {
    Transaction transaction = Begin();
    for (uint64_t i = from; i < to; ++i) PutSender(transaction, Counter("1"), {0, i}, {1, 1});
    Commit(transaction);
  }
  size_t Count(Family family) { return store_->Scan(family, "", "", 1000)->size(); }
  int64_t Live() {
    Transaction transaction = Begin();
    return *LiveKeys(transaction, kTestProduct);
  }

  ExpirySweeper sweeper_;
};

TEST_F(ExpirySweeperTest, NothingGoesBeforeItsTime) {
  PutKeys(0, 2);
  PutSenders(0, 2);
  EXPECT_FALSE(*sweeper_.Sweep(start_ + kRecordLifetime - absl::Nanoseconds(1)));
  EXPECT_EQ(Live(), 2);
  EXPECT_EQ(Count(Family::kKeys), 2u);
  EXPECT_EQ(Count(Family::kSenders), 2u);
}

TEST_F(ExpirySweeperTest, WhatExpiredGoesAndWhatIsNewerStays) {
  PutKeys(0, 2);
  PutSenders(0, 1);
  now_ += absl::Seconds(1);
  PutKeys(2, 3);
  PutSenders(1, 2);
  EXPECT_FALSE(*sweeper_.Sweep(start_ + kRecordLifetime));
  EXPECT_EQ(Live(), 1);
  EXPECT_EQ(Count(Family::kKeys), 1u);
  EXPECT_EQ(Count(Family::kKeyExpiry), 1u);
  EXPECT_EQ(Count(Family::kSenders), 1u);
  EXPECT_EQ(senders_.size(), 1u) << "gone from memory too";
}

TEST_F(ExpirySweeperTest, KeysGoInSlicesUntilThereAreNoMore) {
  PutKeys(0, 7);
  const absl::Time later = start_ + kRecordLifetime;
  EXPECT_TRUE(*sweeper_.Sweep(later));
  EXPECT_EQ(Live(), 4);
  EXPECT_TRUE(*sweeper_.Sweep(later));
  EXPECT_EQ(Live(), 1);
  EXPECT_FALSE(*sweeper_.Sweep(later));
  EXPECT_EQ(Live(), 0);
}

TEST_F(ExpirySweeperTest, SendersAreLookedAtInSlicesRoundAndRound) {
  PutSenders(0, 7);
  const absl::Time later = start_ + kRecordLifetime;
  ASSERT_TRUE(sweeper_.Sweep(start_).ok());  // looks at three
  ASSERT_TRUE(sweeper_.Sweep(later).ok());   // takes away the next three
  EXPECT_EQ(Count(Family::kSenders), 4u);
  ASSERT_TRUE(sweeper_.Sweep(later).ok());  // the last one
  EXPECT_EQ(Count(Family::kSenders), 3u);
  ASSERT_TRUE(sweeper_.Sweep(later).ok());  // round again
  EXPECT_EQ(Count(Family::kSenders), 0u);
}

TEST_F(ExpirySweeperTest, ASweepThatCouldNotBeWrittenIsDoneAgain) {
  PutKeys(0, 2);
  const absl::Time later = start_ + kRecordLifetime;
  disk_.Fail(DiskFault::kFull);
  EXPECT_FALSE(sweeper_.Sweep(later).ok());
  disk_.Heal();
  ASSERT_TRUE(store_->Repair().ok());
  EXPECT_EQ(Live(), 2);
  EXPECT_TRUE(sweeper_.Sweep(later).ok());
  EXPECT_EQ(Live(), 0);
}

// History, by what stands in the store: readers pass over what is too old, thinned or not.
class HistorySweepTest : public ExpirySweeperTest {
 protected:
  // One point for each of the first minutes of `hour`: n hits and n present in the n-th.
  void PutMinutes(const std::string& id, absl::Time hour, int minutes) {
    Transaction transaction = Begin();
    for (int n = 1; n <= minutes; ++n) {
      const HistoryPoint point = {.begin = hour + (n - 1) * absl::Minutes(1),
                                  .hits = n,
                                  .present_begin = n - 1,
                                  .present_end = n,
                                  .present_peak = n,
                                  .presence_us = n * absl::ToInt64Microseconds(absl::Minutes(1))};
      ASSERT_TRUE(PutMinute({Counter(id), point}, transaction).ok());
    }
    Commit(transaction);
  }
  void SweepAll(absl::Time now) {
    while (*sweeper_.Sweep(now)) {
    }
  }

  const absl::Time hour_ = HourBegin(start_);
  // Since when nothing of `hour_` is a minute any more.
  const absl::Time thinned_ = hour_ + absl::Hours(1) + kMinutesKept;
};

TEST_F(HistorySweepTest, MinutesBecomeAnHourWhenAllOfItIsADayOld) {
  PutMinutes("1", hour_, 5);
  PutMinutes("2", hour_, 2);
  PutMinutes("1", hour_ + absl::Hours(1), 3);
  SweepAll(thinned_ - absl::Nanoseconds(1));
  EXPECT_EQ(Count(Family::kMinutes), 10u);
  EXPECT_EQ(Count(Family::kHours), 0u);
  SweepAll(thinned_);
  EXPECT_EQ(Count(Family::kMinutes), 3u) << "of the hour after";
  EXPECT_EQ(Count(Family::kHours), 2u) << "one for each counter";
  SweepAll(thinned_ + absl::Hours(1));
  EXPECT_EQ(Count(Family::kMinutes), 0u);
  EXPECT_EQ(Count(Family::kHours), 3u);
}

TEST_F(HistorySweepTest, TheHourIsWhatItsMinutesWere) {
  PutMinutes("1", hour_, 2);
  SweepAll(thinned_);
  const auto hours = store_->Scan(Family::kHours, "", "", 10);
  ASSERT_EQ(hours->size(), 1u);
  const auto name = DecodeHistoryKey(hours->front().key);
  EXPECT_EQ(name->counter, Counter("1"));
  EXPECT_EQ(name->begin, hour_);
  const auto point = DecodePoint(name->begin, hours->front().value);
  EXPECT_EQ(point->hits, 2);
  EXPECT_EQ(point->present_peak, 2);
  EXPECT_EQ(point->present_end, 2);
  EXPECT_EQ(point->presence_us, absl::ToInt64Microseconds(absl::Minutes(1 + 2 + 58 * 2)));
}

TEST_F(HistorySweepTest, MoreThanASliceIsThinnedWithoutCuttingAnHourInTwo) {
  for (const char* id : {"1", "2", "3", "4"}) PutMinutes(id, hour_, 50);
  EXPECT_TRUE(*sweeper_.Sweep(thinned_)) << "there is more";
  EXPECT_GT(Count(Family::kMinutes), 0u);
  SweepAll(thinned_);
  EXPECT_EQ(Count(Family::kMinutes), 0u);
  EXPECT_EQ(Count(Family::kHours), 4u);
}

TEST_F(HistorySweepTest, HoursGoWhenTheirDayIsNinetyDaysOldAndTheNameWithThem) {
  for (int hour = 0; hour < 5; ++hour) PutMinutes("1", hour_ + absl::Hours(hour), 1);
  PutMinutes("2", hour_, 1);
  SweepAll(hour_ + absl::Hours(26));
  EXPECT_EQ(Count(Family::kHistories), 2u);
  SweepAll(hour_ + kHoursKept);
  EXPECT_EQ(Count(Family::kMinutes), 0u);
  EXPECT_EQ(Count(Family::kHours), 6u);
  EXPECT_EQ(Count(Family::kHistories), 2u);
  SweepAll(hour_ + absl::Hours(24 * 2) + kHoursKept);
  EXPECT_EQ(Count(Family::kHours), 0u);
  EXPECT_EQ(Count(Family::kHistories), 0u);
}

}  // namespace
}  // namespace livecounter::counter::embedded
