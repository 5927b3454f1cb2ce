// Usage: batches of connections accepted, each counted once.

#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
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
  absl::StatusOr<std::vector<UsageEntry>> Read(const UsageQuery& query) {
    Answer<absl::StatusOr<std::vector<UsageEntry>>> answer;
    engine().ReadUsage(query, answer.Callback());
    return answer.Wait();
  }
  absl::StatusOr<std::vector<UsageEntry>> Read(const std::string& name, int64_t from = 0,
                                               int64_t to = kForEver) {
    return Read(UsageQuery{name, from, to});
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
    engine().Create({Counter(absl::StrCat(i)), i}, [](const absl::StatusOr<Change>&) {});
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

TEST_P(UsageTest, ADeletedProductsKeysAreFreeAgain) {
  for (int i = 0; i < 1100; ++i) {
    engine().HitOnce({Counter(absl::StrCat(i % 3)), absl::StrCat("key ", i), 1, /*create=*/true},
                     [](const absl::StatusOr<HitResult>&) {});
  }
  ASSERT_TRUE(blocking().HitOnce({{kOtherProduct, "1"}, "key 0", 1, /*create=*/true}).ok());
  ASSERT_TRUE(DeleteProduct(kProduct).ok());
  EXPECT_EQ(blocking().HitOnce({Counter("0"), "key 0", 1, /*create=*/true})->value_after, 1);
  EXPECT_EQ(blocking().HitOnce({Counter("0"), "key 1098", 1, /*create=*/true})->value_after, 2);
  EXPECT_EQ(blocking().HitOnce({{kOtherProduct, "1"}, "key 0", 1, true})->value_after, 1);
  EXPECT_EQ(blocking().Read({kOtherProduct, "1"})->hits, 1) << "a neighbour's are kept";
  harness_->clock().Advance(absl::Hours(25));
  EXPECT_EQ(blocking().HitOnce({Counter("0"), "key 0", 1, true})->value_after, 3);
}

// Those that a test says.
class Products final : public ProductDirectory {
 public:
  absl::optional<uint64_t> LifeOf(absl::string_view name) const override {
    absl::MutexLock lock(&mutex_);
    const auto found = lives_.find(name);
    return found == lives_.end() ? absl::nullopt : absl::make_optional(found->second);
  }
  bool CreatesCounters(absl::string_view /*name*/) const override { return false; }
  void Add(const std::string& name, uint64_t life = 0) {
    absl::MutexLock lock(&mutex_);
    lives_[name] = life;
  }
  void Remove(const std::string& name) {
    absl::MutexLock lock(&mutex_);
    lives_.erase(name);
  }

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, uint64_t, std::less<>> lives_ ABSL_GUARDED_BY(mutex_);
};

TEST_P(UsageTest, WhatComesLateBringsNothingOfADeletedProductBack) {
  Products products;
  products.Add(kProduct);
  engine().SetProducts(products);
  engine().EndRecovery();
  Hit("1");
  Join("page", 1);
  Join("page", 2);
  products.Remove(kProduct);
  ASSERT_TRUE(DeleteProduct(kProduct).ok());

  const auto not_found = absl::StatusCode::kNotFound;
  EXPECT_EQ(blocking().Hit(Next("1", kSender)).status().code(), not_found);
  EXPECT_EQ(blocking().Hit(Next("2", SenderId{9, 9})).status().code(), not_found);
  EXPECT_EQ(blocking().HitOnce({Counter("1"), "key", 1, /*create=*/true}).status().code(),
            not_found);
  EXPECT_EQ(blocking().Create(Counter("1"), 0).status().code(), not_found);
  Leave("page", 1);
  harness_->clock().Advance(absl::Minutes(2));
  Leave("page", 2);
  harness_->clock().Advance(absl::Minutes(2));
  ASSERT_TRUE(blocking().Probe().ok());

  products.Add(kProduct);
  EXPECT_TRUE(blocking().List(kProduct, 1000, "")->counters.empty());
  EXPECT_EQ(Hits("1"), absl::nullopt);
  EXPECT_TRUE(blocking().HitOnce({Counter("1"), "key", 1, /*create=*/true}).ok());
  EXPECT_EQ(Hits("1"), 1);
  engine().Close();
}

TEST_P(UsageTest, HitsMadeAtAProductDoNotCountForALaterOneOfItsName) {
  Products products;
  products.Add(kProduct, /*life=*/1);
  engine().SetProducts(products);
  const auto hit = [this](uint64_t number, uint64_t life) {
    return blocking()
        .Hit({kSender, Counter("1"), number, 1, /*create=*/true, life})
        .status()
        .code();
  };
  const auto keyed = [this](const std::string& key, uint64_t life) {
    return blocking().HitOnce({Counter("1"), key, 1, /*create=*/true, life}).status().code();
  };
  EXPECT_EQ(hit(1, 1), absl::StatusCode::kOk);
  EXPECT_EQ(keyed("a", 1), absl::StatusCode::kOk);
  products.Remove(kProduct);
  ASSERT_TRUE(DeleteProduct(kProduct).ok());
  products.Add(kProduct, /*life=*/2);
  ASSERT_TRUE(blocking().Create(Counter("1"), 0).ok());

  EXPECT_EQ(hit(2, 1), absl::StatusCode::kNotFound);
  EXPECT_EQ(keyed("b", 1), absl::StatusCode::kNotFound);
  EXPECT_EQ(Hits("1"), 0);
  EXPECT_EQ(hit(2, 2), absl::StatusCode::kOk);
  EXPECT_EQ(keyed("b", 2), absl::StatusCode::kOk);
  EXPECT_EQ(hit(3, 0), absl::StatusCode::kOk) << "of a gateway that does not say";
  products.Add(kProduct, /*life=*/0);
  EXPECT_EQ(hit(4, 2), absl::StatusCode::kOk) << "the record is from before there were lives";
  EXPECT_EQ(Hits("1"), 4);
  engine().Close();
}

// The other side of it: hits, and a product that goes while they come.
TEST_P(UsageTest, NoHitIsLeftOfAProductThatIsDeletedWhileTheyCome) {
  Products products;
  products.Add(kProduct);
  engine().SetProducts(products);
  std::atomic<bool> done = false;
  std::vector<std::thread> senders;
  for (uint64_t sender = 1; sender <= 4; ++sender) {
    senders.emplace_back([&, sender] {
      uint64_t number = 0;
      while (!done) {
        const HitBatch batch = {{5, sender}, Counter("1"), number + 1, 1, /*create=*/true};
        if (blocking().Hit(batch).ok()) ++number;
      }
    });
  }
  while (Hits("1").value_or(0) < 100) {
  }
  products.Remove(kProduct);
  ASSERT_TRUE(DeleteProduct(kProduct).ok());
  EXPECT_EQ(Hits("1"), absl::nullopt);
  done = true;
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(Hits("1"), absl::nullopt);
  engine().Close();
}

TEST_P(UsageTest, IsReadAPageAtATime) {
  std::vector<UsageEntry> all;
  for (const char* product : {kProduct, kOtherProduct, kForeign}) {
    for (int64_t hour = 1; hour <= 3; ++hour) all.push_back({product, hour * kHour, hour});
  }
  ASSERT_TRUE(Add(kGateway, 1, all).ok());
  for (const size_t limit : {1, 2, 3, 4, 8, 9, 10}) {
    UsageQuery query{"accounts/-", 0, kForEver};
    query.limit = limit;
    std::vector<UsageEntry> read;
    while (true) {
      const auto page = Read(query);
      ASSERT_TRUE(page.ok()) << page.status();
      EXPECT_LE(page->size(), limit);
      if (page->empty()) break;
      read.insert(read.end(), page->begin(), page->end());
      query.after_product = read.back().product;
      query.after_hour = read.back().hour;
    }
    EXPECT_EQ(read, *Read(UsageQuery{"accounts/-", 0, kForEver})) << limit;
    EXPECT_THAT(read, ::testing::UnorderedElementsAreArray(all)) << limit;
  }
  UsageQuery of_one{kProduct, 2 * kHour, kForEver, kProduct, 2 * kHour};
  EXPECT_THAT(*Read(of_one), ElementsAre(UsageEntry{kProduct, 3 * kHour, 3}));
  of_one.limit = 0;
  EXPECT_TRUE(Read(of_one)->empty());
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
