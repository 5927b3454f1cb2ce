// What unit tests of this folder share: an empty store on a disk that can fail, and its counters.

#ifndef LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_STORE_FIXTURE_H_
#define LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_STORE_FIXTURE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "services/counter/embedded/counters.h"
#include "services/counter/embedded/encoding.h"
#include "services/counter/embedded/faulty_disk.h"
#include "services/counter/embedded/scratch_directory.h"
#include "services/counter/embedded/store.h"
#include "services/counter/embedded/transaction.h"

namespace livecounter::counter::embedded {

inline constexpr char kTestProduct[] = "accounts/a/products/p";

class StoreFixture : public ::testing::Test {
 protected:
  // `max_in_memory` counters in one shard.
  explicit StoreFixture(size_t max_in_memory = 1000)
      : store_(*Store::Open({.directory = scratch_.Path("store"), .env = disk_.env()})),
        counters_(*store_, kEpoch, /*shards=*/1, max_in_memory) {}

  static CounterId Counter(const std::string& id) { return {kTestProduct, id}; }

  Transaction Begin() { return Transaction(*store_, counters_, senders_, now_); }
  void Commit(Transaction& transaction) {
    ASSERT_TRUE(store_->Commit(transaction.Mutations(), /*sync=*/false).ok());
    transaction.Publish();
  }
  // Puts a counter on disk, behind the back of what is in memory.
  void StoreCounter(const std::string& id, int64_t hits, uint64_t revision = 1) {
    ASSERT_TRUE(store_
                    ->Commit({{Family::kCounters, CounterKey(Counter(id)),
                               EncodeCounter({hits, revision})}},
                             /*sync=*/false)
                    .ok());
  }

  static constexpr uint64_t kEpoch = 7;
  const absl::Time start_ = absl::FromUnixSeconds(1'000'000);
  absl::Time now_ = start_;
  ScratchDirectory scratch_;
  FaultyDisk disk_;
  std::unique_ptr<Store> store_;
  Counters counters_;
  SenderCache senders_;
};

}  // namespace livecounter::counter::embedded

#endif  // LIVECOUNTER_SERVICES_COUNTER_EMBEDDED_STORE_FIXTURE_H_
