// What an idle connection costs in bytes of the heap, held to a budget: what is added to a connection
// shows here before it shows on a machine with a million of them. Kernel memory is not in it.

#include <arpa/inet.h>
#include <malloc.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "gateway/gateway.h"
#include "gateway/testing/fake_catalog.h"
#include "gateway/testing/fake_counter_client.h"
#include "gtest/gtest.h"
#include "prometheus/registry.h"

namespace livecounter::gateway {
namespace {

// Hash tables grow by doubling: just after, there are twice as many slots as entries. These numbers are
// where the tables are nearly full, so that a growth more or less shows.
constexpr int kBefore = 440;
constexpr int kAfter = 1780;

constexpr absl::string_view kWebSocketUpgrade =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

// A gateway with one loop, whose counter service knows that 3 are on the page; its clients allocate
// nothing.
class ConnectionMemoryTest : public ::testing::Test {
 protected:
  ConnectionMemoryTest() {
    Product product;
    product.name = "accounts/a/products/open";
    product.allowed_origins = {"*"};
    catalog_.Add("open", product);
    Gateway::Options options;
    options.listen = {.host = "127.0.0.1", .port = 0};
    gateway_ = *Gateway::Start(options, {client_, catalog_, metrics_, logger_, clock_, random_});
    client_.TakeSent();  // the canary's watch
    port_ = static_cast<uint16_t>(runtime::ParseListenAddress(gateway_->address())->port);
    sockets_.reserve(kAfter);
  }
  ~ConnectionMemoryTest() override {
    for (const int socket : sockets_) close(socket);
  }

  void TellNumber() {
    Change change;
    change.counter = {"accounts/a/products/open", "page"};
    change.version = {1, 1};
    change.present = 3;
    client_.Tell({.changes = {change}, .outcomes = {}});
  }

  // Connects until there are `count`, each as a visitor of its own who has seen a number.
  void Open(int count, absl::string_view upgrade, absl::string_view first_number) {
    while (static_cast<int>(sockets_.size()) < count) {
      const std::string request =
          absl::StrCat("GET /sub?key=open&urlId=page&pId=visitor", sockets_.size(),
                       " HTTP/1.1\r\nHost: localhost\r\n", upgrade, "\r\n");
      sockets_.push_back(Connect());
      ASSERT_EQ(send(sockets_.back(), request.data(), request.size(), 0),
                static_cast<ssize_t>(request.size()));
      if (sockets_.size() == 1) AwaitWatchAndTell();
      ReadUntil(sockets_.back(), first_number);
    }
    client_.TakeSent();
  }

  // From any address, or from `source`.
  int Connect(uint32_t source = INADDR_ANY) const {
    const int connected = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(source);
    EXPECT_EQ(bind(connected, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(connected, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    return connected;
  }

  void AwaitWatchAndTell() {
    bool is_watched = false;
    while (!is_watched) {
      for (const LoopCommands& commands : client_.TakeSent()) is_watched |= !commands.watch.empty();
    }
    TellNumber();
  }

  static void ReadUntil(int socket, absl::string_view end) {
    std::array<char, 8192> bytes;
    size_t size = 0;
    while (!absl::EndsWith(absl::string_view(bytes.data(), size), end)) {
      const ssize_t received = recv(socket, bytes.data() + size, bytes.size() - size, 0);
      ASSERT_GT(received, 0);
      size += static_cast<size_t>(received);
    }
  }

  // So many visitors of a hundred pages, one after the other, each a new one: every other one resets the
  // connection. They come from many addresses, which the ports of one would not last for.
  void Visit(int count) {
    for (int i = 0; i < count; ++i) {
      const int visitor = visitors_++;
      const int connected = Connect(INADDR_LOOPBACK + 1 + visitor % 200);
      const std::string request =
          absl::StrCat("GET /sub?key=open&urlId=page", visitor % 100, "&pId=visitor", visitor,
                       " HTTP/1.1\r\nHost: localhost\r\n", kWebSocketUpgrade, "\r\n");
      ASSERT_EQ(send(connected, request.data(), request.size(), 0),
                static_cast<ssize_t>(request.size()));
      ReadUntil(connected, "\r\n\r\n");
      const linger reset = {.l_onoff = visitor % 2, .l_linger = 0};
      setsockopt(connected, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
      close(connected);
      client_.TakeSent();
    }
  }

  // Bytes of the heap once they are no more than a hundredth above `goal`, or do not change any more.
  size_t SettledHeap(double goal) {
    constexpr absl::Duration kGraces = absl::Seconds(15);
    const absl::Time end = absl::Now() + kGraces;
    size_t bytes = 0;
    do {
      absl::SleepFor(absl::Milliseconds(100));
      client_.TakeSent();
      bytes = mallinfo2().uordblks;
    } while (absl::Now() < end && static_cast<double>(bytes) > 1.01 * goal);
    return bytes;
  }

  // Bytes of the heap for each connection between kBefore and kAfter.
  double BytesEach(absl::string_view upgrade, absl::string_view first_number) {
    Open(kBefore, upgrade, first_number);
    const size_t before = mallinfo2().uordblks;
    Open(kAfter, upgrade, first_number);
    const size_t after = mallinfo2().uordblks;
    return static_cast<double>(after - before) / (kAfter - kBefore);
  }

  FakeCounterClient client_;
  FakeCatalog catalog_;
  prometheus::Registry registry_;
  observability::GatewayMetrics metrics_{registry_};
  observability::Logger logger_{{.minimum = observability::LogLevel::kError}};
  runtime::FakeClock clock_{absl::Now()};
  runtime::SeededRandom random_{1};
  std::unique_ptr<Gateway> gateway_;
  uint16_t port_ = 0;
  std::vector<int> sockets_;
  int visitors_ = 0;  // of Visit() so far
};

TEST_F(ConnectionMemoryTest, AWebSocketTakesItsBudget) {
  const double bytes = BytesEach(kWebSocketUpgrade,
                                 "\x81\x01"
                                 "3");
  RecordProperty("bytes", absl::StrCat(bytes));
  EXPECT_LE(bytes, 610);
  EXPECT_GE(bytes, 300) << "not all of it is seen";
}

TEST_F(ConnectionMemoryTest, AnEventStreamTakesItsBudget) {
  const double bytes = BytesEach("Accept: text/event-stream\r\n", "data: 3\n\n");
  RecordProperty("bytes", absl::StrCat(bytes));
  EXPECT_LE(bytes, 550);
  EXPECT_GE(bytes, 300) << "not all of it is seen";
}

// Everything that a gateway keeps for a visitor is given back: hub, presence with its grace, limits, timers.
TEST_F(ConnectionMemoryTest, AHundredThousandVisitsLeaveNothingBehind) {
  constexpr double kMost = 0.02;
  // What is kept for reuse is there when graces have run out while others came. A table may still grow once,
  // when more come at the same moment than ever before; a leak would be there every time.
  constexpr int kTries = 3;
  Visit(100'000);
  double before = static_cast<double>(SettledHeap(0));
  double growth = 1;
  for (int i = 0; i < kTries && growth > kMost; ++i) {
    Visit(100'000);
    const double after = static_cast<double>(SettledHeap(before));
    growth = after / before - 1;
    before = after;
  }
  RecordProperty("growth", absl::StrCat(growth));
  EXPECT_LE(growth, kMost);
}

}  // namespace
}  // namespace livecounter::gateway
