#include "bench/load/audience.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace livecounter::bench {
namespace {

constexpr int kEventsAtOnce = 512;
constexpr int kWaitMs = 2;  // how late the coordinator's wishes may be noticed

constexpr absl::string_view kWebSocketHeaders =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
constexpr absl::string_view kEventHeaders = "Accept: text/event-stream\r\n";

// A masked pong without payload. Servers take any pong for a sign of life.
constexpr std::array<char, 6> kPong = {'\x8A', '\x80', 0, 0, 0, 0};

// Addresses of loopback that clients come from. One has some 28,000 ports, and connect() looks for a free one
// ever longer once half of them are taken: with one alone the last of 15,000 handshakes would be dearer.
constexpr uint32_t kSources = 16;

// A socket for the `number`th connection.
int NewSocket(int64_t number) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) return made;
  const linger reset = {.l_onoff = 1, .l_linger = 0};
  setsockopt(made, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  const int yes = 1;  // the port is chosen by connect()
  setsockopt(made, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof(yes));
  sockaddr_in source = {};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<uint32_t>(number % kSources));
  if (bind(made, reinterpret_cast<const sockaddr*>(&source), sizeof(source)) == 0) return made;
  close(made);
  return -1;
}

int NewEpoll() {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) {
    perror("epoll_create1");
    exit(1);
  }
  return epoll;
}

}  // namespace

int64_t MonotonicNanoseconds() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

struct Audience::Reader {
  void OnNumber(int64_t number) { audience.OnNumber(connection, number, now); }
  void OnPing() const { send(connection.fd, kPong.data(), kPong.size(), MSG_NOSIGNAL); }
  void OnClose() { is_closed = true; }

  Audience& audience;
  Connection& connection;
  int64_t now;
  bool is_closed = false;
};

Audience::Audience(AudienceOptions options, Scoreboard& scoreboard)
    : options_(std::move(options)),
      scoreboard_(scoreboard),
      tally_(scoreboard.tallies[options_.process]),
      epoll_(NewEpoll()),
      next_(options_.process) {}

Audience::~Audience() {
  for (const Connection& connection : connections_) {
    if (connection.phase != Phase::kClosed) close(connection.fd);
  }
  close(epoll_);
}

void Audience::Run() {
  std::array<epoll_event, kEventsAtOnce> events;
  while (!scoreboard_.stop.load(std::memory_order_relaxed)) {
    OpenAllowed();
    const int count = epoll_wait(epoll_, events.data(), kEventsAtOnce, kWaitMs);
    for (int i = 0; i < count; ++i) OnReady(*static_cast<Connection*>(events[i].data.ptr));
  }
}

void Audience::OpenAllowed() {
  const int64_t allowed = scoreboard_.allowed.load(std::memory_order_relaxed);
  for (; next_ < allowed && opening_ < options_.max_opening; next_ += options_.processes) {
    Open(next_);
  }
}

void Audience::Open(int64_t number) {
  Connection& connection = connections_.emplace_back();
  connection.number = number;
  connection.counter = static_cast<int>(number % options_.counters);
  connection.begun = MonotonicNanoseconds();
  connection.fd = NewSocket(number);
  ++opening_;
  if (connection.fd < 0) {
    Close(connection);
    return;
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&options_.target);
  if (connect(connection.fd, address, sizeof(options_.target)) != 0 && errno != EINPROGRESS) {
    Close(connection);
    return;
  }
  epoll_event interest = {.events = EPOLLOUT, .data = {.ptr = &connection}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &interest);
}

void Audience::OnReady(Connection& connection) {
  if (connection.phase == Phase::kConnecting) {
    SendRequest(connection);
  } else if (connection.phase != Phase::kClosed) {
    Receive(connection);
  }
}

void Audience::SendRequest(Connection& connection) {
  const std::string path =
      absl::StrReplaceAll(options_.path, {{"{counter}", absl::StrCat(connection.counter)},
                                          {"{connection}", absl::StrCat(connection.number)}});
  const absl::string_view how =
      options_.transport == Transport::kWebSocket ? kWebSocketHeaders : kEventHeaders;
  const std::string request =
      absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: ", options_.host, "\r\n", how, "\r\n");
  // A new socket takes a request whole; it takes nothing when connect() failed.
  if (send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    Close(connection);
    return;
  }
  connection.phase = Phase::kHead;
  epoll_event interest = {.events = EPOLLIN, .data = {.ptr = &connection}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &interest);
}

void Audience::Receive(Connection& connection) {
  std::array<char, 16384> buffer;
  const ssize_t size = recv(connection.fd, buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) {
    Close(connection);
    return;
  }
  absl::string_view bytes(buffer.data(), static_cast<size_t>(size));
  if (connection.phase == Phase::kHead) bytes = TakeHead(connection, bytes);
  if (!bytes.empty()) TakeNumbers(connection, bytes);
}

absl::string_view Audience::TakeHead(Connection& connection, absl::string_view bytes) {
  bytes.remove_prefix(connection.head.Feed(bytes));
  if (!connection.head.done()) return "";
  if (connection.head.status() != (options_.transport == Transport::kWebSocket ? 101 : 200)) {
    Close(connection);
    return "";
  }
  connection.phase = Phase::kOpen;
  --opening_;
  Bump(tally_.opened);
  return bytes;
}

void Audience::TakeNumbers(Connection& connection, absl::string_view bytes) {
  Reader reader{.audience = *this, .connection = connection, .now = MonotonicNanoseconds()};
  if (options_.transport == Transport::kWebSocket) {
    connection.frames.Feed(bytes, reader);
  } else {
    connection.events.Feed(bytes, reader);
  }
  if (reader.is_closed) Close(connection);
}

void Audience::OnNumber(Connection& connection, int64_t number, int64_t now) {
  if (!connection.has_number) {
    connection.has_number = true;
    Bump(tally_.first_seen);
    tally_.first_number.Add(now - connection.begun);
  }
  const int64_t change = number - options_.base;
  if (change <= connection.seen) {
    Bump(tally_.repeats);
    return;
  }
  const auto& sent = scoreboard_.sent[connection.counter];
  const int64_t oldest = std::max(connection.seen + 1, change - kTimesKept + 1);
  tally_.delay.Add(now - sent[oldest % kTimesKept].load(std::memory_order_relaxed));
  Bump(tally_.deliveries);
  Bump(tally_.progress, change - connection.seen);
  connection.seen = change;
}

void Audience::Close(Connection& connection) {
  if (connection.phase == Phase::kOpen) {
    Bump(tally_.lost);
  } else {
    --opening_;
    Bump(tally_.refused);
  }
  if (connection.fd >= 0) close(connection.fd);
  connection.phase = Phase::kClosed;
}

}  // namespace livecounter::bench
