#include "services/counter/embedded/encoding.h"

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::counter::embedded {
namespace {

using ::testing::HasSubstr;

constexpr char kProduct[] = "accounts/a/products/p";
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

std::string Bytes(std::initializer_list<int> bytes) { return {bytes.begin(), bytes.end()}; }

// Ids that would be mixed up if keys were just glued together.
std::vector<std::string> OddIds() {
  return {"a",
          "ab",
          "b",
          "1",
          "10",
          "2",
          Bytes({0}),
          Bytes({0, 0}),
          "a\xff",
          Bytes({'a', 0}),
          "\xff\xff",
          std::string(2048, 'x'),
          "é",
          " ",
          std::string(2047, 'x')};
}

TEST(EncodingTest, CounterKeysComeBack) {
  for (const std::string& id : OddIds()) {
    const absl::StatusOr<CounterId> decoded = DecodeCounterKey(CounterKey({kProduct, id}));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, (CounterId{kProduct, id}));
  }
}

TEST(EncodingTest, CounterKeysSortByProductThenByBytesOfTheId) {
  std::set<std::string> keys;
  std::set<CounterId> counters;
  for (const char* product : {"accounts/a/products/p", "accounts/a/products/p1", "b"}) {
    for (const std::string& id : OddIds()) {
      keys.insert(CounterKey({product, id}));
      counters.insert({product, id});
    }
  }
  std::vector<CounterId> in_order_of_keys;
  for (const std::string& key : keys) in_order_of_keys.push_back(*DecodeCounterKey(key));
  EXPECT_EQ(in_order_of_keys, std::vector<CounterId>(counters.begin(), counters.end()));
}

TEST(EncodingTest, AProductsPrefixIsNoOtherProducts) {
  EXPECT_TRUE(CounterKey({"p", "1"}).starts_with(ProductPrefix("p")));
  EXPECT_FALSE(CounterKey({"p2", "1"}).starts_with(ProductPrefix("p")));
}

TEST(EncodingTest, RecordsOfDifferentIdsNeverShareAKey) {
  std::set<std::string> keys;
  size_t made = 0;
  for (const std::string& id : OddIds()) {
    for (const std::string& key : OddIds()) {
      keys.insert(KeyRecordKey({kProduct, id}, key));
      ++made;
    }
  }
  EXPECT_EQ(keys.size(), made);

  std::set<std::string> senders;
  for (const std::string& id : OddIds()) {
    senders.insert(SenderKey({kProduct, id}, {1, 2}));
    senders.insert(SenderKey({kProduct, id}, {2, 1}));
  }
  EXPECT_EQ(senders.size(), 2 * OddIds().size());
}

TEST(EncodingTest, EveryKeyTellsItsProduct) {
  const CounterId counter{kProduct, Bytes({0, 'x', 0})};
  EXPECT_EQ(ProductOfKey(CounterKey(counter)), kProduct);
  EXPECT_EQ(ProductOfKey(SenderKey(counter, {1, 2})), kProduct);
  EXPECT_EQ(ProductOfKey(KeyRecordKey(counter, "key")), kProduct);
}

TEST(EncodingTest, ExpiriesComeBackAndSortByTime) {
  const std::vector<absl::Time> times = {absl::FromUnixNanos(-1), absl::UnixEpoch(),
                                         absl::FromUnixNanos(1), absl::FromUnixSeconds(1),
                                         absl::FromUnixNanos(kMax)};
  std::string last;
  for (const absl::Time& time : times) {
    const ExpiryEntry entry{time, KeyRecordKey({kProduct, "1"}, "key")};
    const std::string key = ExpiryKey(entry);
    EXPECT_LT(last, key);
    last = key;
    const absl::StatusOr<ExpiryEntry> decoded = DecodeExpiryKey(key);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, entry);
  }
}

TEST(EncodingTest, ValuesComeBack) {
  for (const int64_t number : {int64_t{0}, int64_t{1}, int64_t{255}, int64_t{256}, kMax}) {
    const auto unsigned_number = static_cast<uint64_t>(number);
    const StoredCounter counter{number, unsigned_number + 1};
    EXPECT_EQ(*DecodeCounter(EncodeCounter(counter)), counter);
    const StoredSender sender{{unsigned_number, number}, absl::FromUnixNanos(number)};
    EXPECT_EQ(*DecodeSender(EncodeSender(sender)), sender);
    const KeyRecord record{number, number, absl::FromUnixNanos(number)};
    EXPECT_EQ(*DecodeKeyRecord(EncodeKeyRecord(record)), record);
    EXPECT_EQ(*DecodeNumber(EncodeNumber(unsigned_number)), unsigned_number);
  }
}

// A change here is a change of the format: old stores must still be read.
TEST(EncodingTest, TheBytesOnDiskStayWhatTheyAre) {
  EXPECT_EQ(CounterKey({"p", "i"}), Bytes({'p', 0, 'i'}));
  EXPECT_EQ(KeyRecordKey({"p", "i"}, "k"), Bytes({'p', 0, 0, 1, 'i', 'k'}));
  EXPECT_EQ(EncodeCounter({258, 3}), Bytes({1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 3}));
  EXPECT_EQ(ExpiryKey({absl::FromUnixNanos(5), "r"}), Bytes({0x80, 0, 0, 0, 0, 0, 0, 5, 'r'}));
}

TEST(EncodingTest, ValuesOfAnotherFormatOrLengthAreRefused) {
  const std::string good = EncodeCounter({1, 2});
  const std::string newer = Bytes({2}) + good.substr(1);
  for (const std::string& bad : {std::string(), newer, good + "x", good.substr(1)}) {
    const absl::Status status = DecodeCounter(bad).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr("counter"));
  }
  EXPECT_EQ(DecodeSender(good).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeKeyRecord("").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeNumber(good).status().code(), absl::StatusCode::kDataLoss);
}

TEST(EncodingTest, KeysCutShortAreRefused) {
  EXPECT_EQ(DecodeCounterKey("no product").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DecodeExpiryKey("1234567").status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace livecounter::counter::embedded
