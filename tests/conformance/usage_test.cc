// Usage: batches of connections accepted, each counted once.

#include <limits>
#include <thread>

#include "absl/strings/str_cat.h"
#include "core/usage_log.h"
#include "tests/conformance/conformance_test.h"

namespace livecounter::counter {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr HolderId kGateway{1, 2};
constexpr HolderId kOtherGateway{3, 4};
constexpr int64_t kHour = 1'700'002'800;
constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();
constexpr char kOtherProduct[] = "accounts/demo/products/demo-2";
constexpr char kForeign[] = "accounts/demo2/products/demo";

class UsageTest : public ConformanceTest {
 protected:
  absl::Status Add(HolderId holder, uint64_t number, std::vector<UsageEntry> entries) {
    Answer<absl::Status> answer;
    engine().AddUsage(holder, {number, std::move(entries)}, answer.Callback());
    return answer.Wait();
  }
  absl::Status AddOne(uint64_t number, int64_t connections = 1) {
    return Add(kGateway, number, {{kProduct, kHour, connections}});
  }
  absl::StatusOr<std::vector<UsageEntry>> Read(const std::string& name, int64_t from = 0,
                                               int64_t to = kForEver) {
    Answer<absl::StatusOr<std::vector<UsageEntry>>> answer;
    engine().ReadUsage(name, from, to, answer.Callback());
    return answer.Wait();
  }
  // Of all hours.
  int64_t Total(const std::string& name = kProduct) {
    int64_t total = 0;
    const auto usage = Read(name);
    EXPECT_TRUE(usage.ok()) << usage.status();
    for (const UsageEntry& entry : *usage) total += entry.connections;
    return total;
  }
  absl::Status DeleteProduct(const std::string& product) {
    Answer<absl::Status> answer;
    engine().DeleteProduct(product, answer.Callback());
    return answer.Wait();
  }
};

TEST_P(UsageTest, ABatchCountsOnceHoweverOftenItComes) {
  ASSERT_TRUE(AddOne(1, 3).ok());
  ASSERT_TRUE(AddOne(1, 3).ok());
  EXPECT_EQ(Total(), 3);
  ASSERT_TRUE(AddOne(2, 4).ok());
  ASSERT_TRUE(AddOne(1, 3).ok()) << "a late repeat";
  EXPECT_EQ(Total(), 7);
  harness_->Crash();
  ASSERT_TRUE(AddOne(2, 4).ok());
  EXPECT_EQ(Total(), 7);
  ASSERT_TRUE(AddOne(3, 5).ok());
  EXPECT_EQ(Total(), 12);
}

TEST_P(UsageTest, HoldersAreNumberedByThemselves) {
  ASSERT_TRUE(Add(kGateway, 1, {{kProduct, kHour, 1}}).ok());
  ASSERT_TRUE(Add(kOtherGateway, 1, {{kProduct, kHour, 10}}).ok());
  EXPECT_EQ(Total(), 11);
}

TEST_P(UsageTest, TotalsAreThoseOfProductAndHour) {
  ASSERT_TRUE(Add(kGateway, 1,
                  {{kProduct, kHour, 1},
                   {kOtherProduct, kHour, 2},
                   {kProduct, kHour + 3600, 3},
                   {kProduct, kHour, 4},
                   {kForeign, 0, 5}})
                  .ok());
  EXPECT_THAT(*Read(kProduct),
              ElementsAre(UsageEntry{kProduct, kHour, 5}, UsageEntry{kProduct, kHour + 3600, 3}));
  EXPECT_THAT(*Read("accounts/demo"),
              ElementsAre(UsageEntry{kProduct, kHour, 5}, UsageEntry{kProduct, kHour + 3600, 3},
                          UsageEntry{kOtherProduct, kHour, 2}));
  EXPECT_THAT(*Read("accounts/demo", kHour + 1, kHour + 3601),
              ElementsAre(UsageEntry{kProduct, kHour + 3600, 3}));
  EXPECT_THAT(*Read(kProduct, kHour, kHour + 1), ElementsAre(UsageEntry{kProduct, kHour, 5}));
  EXPECT_THAT(*Read(kProduct, kHour - 3600, kHour), IsEmpty());
  EXPECT_THAT(*Read(kProduct, kHour + 3600, kHour), IsEmpty());
  EXPECT_THAT(*Read(kForeign, -1), ElementsAre(UsageEntry{kForeign, 0, 5}));
  EXPECT_THAT(*Read("accounts/demo/products/none"), IsEmpty());
  EXPECT_THAT(*Read("accounts/dem"), IsEmpty());
}

TEST_P(UsageTest, TheNumberOfAHolderIsKnownForADayAfterItsLastBatch) {
  ASSERT_TRUE(AddOne(1).ok());
  harness_->clock().Advance(kUsageRecordLifetime - absl::Seconds(1));
  ASSERT_TRUE(AddOne(2).ok());
  harness_->clock().Advance(kUsageRecordLifetime - absl::Seconds(1));
  ASSERT_TRUE(AddOne(2).ok());
  EXPECT_EQ(Total(), 2);
  harness_->clock().Advance(absl::Hours(48));
  ASSERT_TRUE(AddOne(3).ok()) << "a holder that was quiet goes on";
  EXPECT_EQ(Total(), 3);
}

TEST_P(UsageTest, ACopyThatDoesNotKnowTheLastBatchesCountsThoseThatCome) {
  ASSERT_TRUE(AddOne(1).ok());
  const std::string backup = harness_->NewDirectory();
  ASSERT_TRUE(blocking().Backup(backup).ok());
  ASSERT_TRUE(AddOne(2).ok());
  ASSERT_TRUE(AddOne(3).ok());
  harness_->RestoreFrom(backup);
  EXPECT_EQ(Total(), 1);
  ASSERT_TRUE(AddOne(4, 10).ok());
  ASSERT_TRUE(AddOne(4, 10).ok());
  EXPECT_EQ(Total(), 11);
}

TEST_P(UsageTest, ManyHoldersAtOnceLoseNothing) {
  std::vector<std::thread> gateways;
  for (uint64_t holder = 1; holder <= 4; ++holder) {
    gateways.emplace_back([&, holder] {
      for (uint64_t number = 1; number <= 100; ++number) {
        ASSERT_TRUE(
            Add({0, holder}, number, {{kProduct, kHour, 1}, {kOtherProduct, kHour, 2}}).ok());
      }
    });
  }
  for (std::thread& gateway : gateways) gateway.join();
  EXPECT_EQ(Total(kProduct), 400);
  EXPECT_EQ(Total(kOtherProduct), 800);
}

TEST_P(UsageTest, AFullDiskRefusesAndTheRepeatCountsOnce) {
  ASSERT_TRUE(AddOne(1).ok());
  harness_->FillDisk();
  EXPECT_EQ(AddOne(2).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Total(), 1);
  harness_->FreeDisk();
  ASSERT_TRUE(AddOne(2).ok());
  EXPECT_EQ(Total(), 2);
}

TEST_P(UsageTest, WhatIsNotOfItsFormIsRefused) {
  const auto invalid = absl::StatusCode::kInvalidArgument;
  EXPECT_EQ(Add(kGateway, 0, {{kProduct, kHour, 1}}).code(), invalid);
  EXPECT_EQ(Add(kGateway, 1, {}).code(), invalid);
  EXPECT_EQ(Add(kGateway, 1, {{"demo", kHour, 1}}).code(), invalid);
  EXPECT_EQ(Add(kGateway, 1, {{kProduct, kHour + 1, 1}}).code(), invalid);
  EXPECT_EQ(Add(kGateway, 1, {{kProduct, kHour, 1}, {kProduct, kHour, 0}}).code(), invalid);
  EXPECT_EQ(Read("demo").status().code(), invalid);
  EXPECT_EQ(Total(), 0);
  EXPECT_TRUE(AddOne(1).ok());
}

TEST_P(UsageTest, ADeletedProductLeavesItsUsageAloneAndItsNeighboursStay) {
  ASSERT_TRUE(
      Add(kGateway, 1, {{kProduct, kHour, 1}, {kOtherProduct, kHour, 2}, {kForeign, kHour, 3}})
          .ok());
  for (int i = 0; i < 1100; ++i) {
    engine().Create(Counter(absl::StrCat(i)), i, [](const absl::StatusOr<Change>&) {});
  }
  ASSERT_TRUE(blocking().Create({kOtherProduct, "1"}, 1).ok());
  Watcher watcher(engine());
  engine().Watch(Counter("7"));
  Join("7", 1);
  ASSERT_TRUE(DeleteProduct(kProduct).ok());
  EXPECT_EQ(Total(kProduct), 1) << "it is to be paid";
  EXPECT_EQ(Hits("0"), absl::nullopt);
  EXPECT_EQ(Hits("1099"), absl::nullopt);
  const Change left =
      watcher.Await(Counter("7"), [](const Change& change) { return !change.hits; });
  EXPECT_EQ(left.present, 1) << "who is there leaves by themselves";
  EXPECT_EQ(blocking().List(kProduct, 1000, "")->counters.size(), 1u) << "of who is there";
  EXPECT_EQ(blocking().Read({kOtherProduct, "1"})->hits, 1);
  EXPECT_EQ(Total(kOtherProduct), 2);
  EXPECT_EQ(Total(kForeign), 3);
  EXPECT_TRUE(DeleteProduct(kProduct).ok()) << "there is nothing";
  harness_->Crash();
  EXPECT_EQ(Hits("1"), absl::nullopt);
  EXPECT_EQ(Total(kProduct), 1);
  EXPECT_EQ(Hit("1"), 1) << "and it starts anew";
}

TEST_P(UsageTest, ADeleteThatIsRefusedSaysSo) {
  Hit("1");
  EXPECT_EQ(DeleteProduct("demo").code(), absl::StatusCode::kInvalidArgument);
  harness_->FillDisk();
  EXPECT_EQ(DeleteProduct(kProduct).code(), absl::StatusCode::kUnavailable);
  harness_->FreeDisk();
  EXPECT_TRUE(DeleteProduct(kProduct).ok());
  EXPECT_EQ(Hits("1"), absl::nullopt);
  engine().Close();
  const auto code = absl::StatusCode::kFailedPrecondition;
  EXPECT_EQ(DeleteProduct(kProduct).code(), code);
  EXPECT_EQ(AddOne(1).code(), code);
  EXPECT_EQ(Read(kProduct).status().code(), code);
  harness_->Reopen();
}

LIVECOUNTER_RUN_ON_EVERY_ENGINE(UsageTest);

}  // namespace
}  // namespace livecounter::counter
