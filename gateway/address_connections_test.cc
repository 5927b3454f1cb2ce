#include "gateway/address_connections.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using Place = AddressConnections::Place;

runtime::IpAddress Ip(absl::string_view text) { return runtime::IpAddress::Parse(text).value(); }

TEST(AddressConnectionsTest, AnAddressHasSoManyPlaces) {
  constexpr int64_t kEach = 2;
  AddressConnections connections;
  const auto first = connections.Take(Ip("198.51.100.1"), "", kEach);
  auto second = connections.Take(Ip("198.51.100.1"), "", kEach);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(connections.Take(Ip("198.51.100.1"), "", kEach));
  EXPECT_TRUE(connections.Take(Ip("198.51.100.2"), "", kEach));
  second.reset();
  EXPECT_TRUE(connections.Take(Ip("198.51.100.1"), "", kEach));
}

TEST(AddressConnectionsTest, ASlash64OfIPv6IsOneAddress) {
  constexpr int64_t kEach = 1;
  AddressConnections connections;
  const auto place = connections.Take(Ip("2001:db8:1:2::1"), "", kEach);
  EXPECT_FALSE(connections.Take(Ip("2001:db8:1:2:ffff::9"), "", kEach));
  EXPECT_TRUE(connections.Take(Ip("2001:db8:1:3::1"), "", kEach));
}

TEST(AddressConnectionsTest, AnAddressIsForgottenWithItsLastConnection) {
  constexpr int64_t kEach = 5;
  AddressConnections connections;
  {
    std::vector<Place> places;
    places.reserve(200);
    for (int i = 0; i < 200; ++i) {
      places.push_back(*connections.Take(Ip(absl::StrCat("198.51.100.", i % 100)), "", kEach));
    }
    EXPECT_EQ(connections.addresses(), 100u);
    places.resize(100);
    EXPECT_EQ(connections.addresses(), 100u);
  }
  EXPECT_EQ(connections.addresses(), 0u);
}

TEST(AddressConnectionsTest, APlaceThatWasMovedIsGivenBackOnce) {
  constexpr int64_t kEach = 1;
  AddressConnections connections;
  auto place = connections.Take(Ip("::1"), "", kEach);
  Place moved = *std::move(place);
  place.reset();
  EXPECT_FALSE(connections.Take(Ip("::1"), "", kEach));
  moved = Place();
  EXPECT_TRUE(connections.Take(Ip("::1"), "", kEach));
}

TEST(AddressConnectionsTest, WithoutALimitNothingIsKept) {
  constexpr int64_t kEach = 0;
  AddressConnections connections;
  std::vector<Place> places;
  places.reserve(100);
  for (int i = 0; i < 100; ++i) places.push_back(*connections.Take(Ip("::1"), "", kEach));
  EXPECT_FALSE(places.front().is_limited());
  EXPECT_EQ(connections.addresses(), 0u);
}

TEST(AddressConnectionsTest, ScopesDoNotMindEachOther) {
  AddressConnections connections;
  const auto place = connections.Take(Ip("::1"), "", 1);
  EXPECT_FALSE(connections.Take(Ip("::1"), "", 1));
  const auto other = connections.Take(Ip("::1"), "accounts/a/products/p", 1);
  EXPECT_TRUE(other);
  EXPECT_FALSE(connections.Take(Ip("::1"), "accounts/a/products/p", 1));
  EXPECT_EQ(connections.addresses(), 2u);
}

TEST(AddressConnectionsTest, IsExactHoweverManyAskAtOnce) {
  constexpr int64_t kMax = 50;
  AddressConnections connections;
  std::atomic<int> most = 0;
  std::atomic<int> now = 0;
  const auto churn = [&] {
    for (int round = 0; round < 2000; ++round) {
      const auto place =
          connections.Take(Ip(round % 2 == 0 ? "198.51.100.1" : "2001:db8::1"), "", kMax);
      if (!place || round % 2 != 0) continue;
      const int open = ++now;
      for (int seen = most; open > seen && !most.compare_exchange_weak(seen, open);) {
      }
      --now;
    }
  };
  std::vector<Place> held;
  held.reserve(kMax);
  for (int i = 0; i < kMax - 2; ++i)
    held.push_back(*connections.Take(Ip("198.51.100.1"), "", kMax));
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) threads.emplace_back(churn);
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 2);
  const auto last_but_one = connections.Take(Ip("198.51.100.1"), "", kMax);
  const auto last = connections.Take(Ip("198.51.100.1"), "", kMax);
  EXPECT_TRUE(last_but_one && last);
  EXPECT_FALSE(connections.Take(Ip("198.51.100.1"), "", kMax));
  EXPECT_EQ(connections.addresses(), 1u);
}

// --- HoldPlace() ---

class Recorder final : public StreamHandler {
 public:
  explicit Recorder(std::vector<absl::string_view>& calls) : calls_(calls) {}
  void OnOpen(Connection&) override { calls_.emplace_back("open"); }
  void OnWritable(Connection&) override { calls_.emplace_back("writable"); }
  void OnMessage(Connection&, absl::string_view, bool) override { calls_.emplace_back("message"); }
  void OnClosed(Connection&, absl::optional<uint16_t>) override { calls_.emplace_back("closed"); }

 private:
  std::vector<absl::string_view>& calls_;
};

class NoConnection final : public Connection {
 public:
  Kind kind() const override { return Kind::kWebSocket; }
  bool Send(absl::string_view) override { return true; }
  void Ping() override {}
  void Close(const CloseReason&) override {}
};

TEST(HoldPlaceTest, TheStreamHearsAllAndHoldsThePlaceToItsEnd) {
  constexpr int64_t kEach = 1;
  AddressConnections connections;
  std::vector<absl::string_view> calls;
  auto stream =
      HoldPlace(std::make_unique<Recorder>(calls), *connections.Take(Ip("::1"), "", kEach));
  NoConnection connection;
  stream->OnOpen(connection);
  stream->OnWritable(connection);
  stream->OnMessage(connection, "hello", true);
  stream->OnClosed(connection, 1000);
  EXPECT_EQ(calls, (std::vector<absl::string_view>{"open", "writable", "message", "closed"}));
  EXPECT_FALSE(connections.Take(Ip("::1"), "", kEach));
  stream.reset();
  EXPECT_TRUE(connections.Take(Ip("::1"), "", kEach));
}

TEST(HoldPlaceTest, WithoutALimitTheStreamIsLeftAsItIs) {
  std::vector<absl::string_view> calls;
  auto stream = std::make_unique<Recorder>(calls);
  const StreamHandler* const itself = stream.get();
  EXPECT_EQ(HoldPlace(std::move(stream), Place()).get(), itself);
}

}  // namespace
}  // namespace livecounter::gateway
