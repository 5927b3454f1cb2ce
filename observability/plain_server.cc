#include "observability/plain_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace livecounter::observability {
namespace {

using Clock = std::chrono::steady_clock;
using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

constexpr char kHeadEnd[] = "\r\n\r\n";
// How long nothing is accepted where the process has no descriptor left for it.
constexpr std::chrono::milliseconds kBreather(100);

absl::Status Errno(int error) {
  return absl::UnavailableError(std::generic_category().message(error));
}

bool WouldBlock() { return errno == EAGAIN || errno == EINTR; }

std::string Refusal(absl::string_view status) {
  return absl::StrCat("HTTP/1.1 ", status, "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

}  // namespace

// Reads a head, writes the answer, and waits for the other side to close: were it closed here while bytes
// of the client are unread, the client could lose the answer.
class PlainServer::Client {
 public:
  Client(int fd, Clock::time_point deadline) : fd_(fd), deadline_(deadline) {}
  ~Client() { close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  int fd() const { return fd_; }
  short events() const { return static_cast<short>(state_ == State::kWriting ? POLLOUT : POLLIN); }
  Clock::time_point deadline() const { return deadline_; }
  bool is_over(Clock::time_point now) const { return state_ == State::kOver || now >= deadline_; }

  void OnReady(const Handler& handler) {
    if (state_ == State::kReading) Read(handler);
    if (state_ == State::kWriting) Write();
    if (state_ == State::kLeaving) Receive([](absl::string_view) {});
  }

 private:
  enum class State { kReading, kWriting, kLeaving, kOver };

  // Hands on what has come, once.
  template <typename Take>
  void Receive(Take take) {
    std::array<char, 4096> bytes;
    const ssize_t received = recv(fd_, bytes.data(), bytes.size(), 0);
    if (received > 0) {
      take({bytes.data(), static_cast<size_t>(received)});
    } else if (received == 0 || !WouldBlock()) {
      state_ = State::kOver;
    }
  }

  void Read(const Handler& handler) {
    Receive([&](absl::string_view bytes) { absl::StrAppend(&head_, bytes); });
    if (state_ == State::kOver) return;
    if (absl::StrContains(head_, kHeadEnd)) {
      Answer(Respond(handler));
    } else if (head_.size() > kMaxHeadBytes) {
      Answer(Refusal("431 Request Header Fields Too Large"));
    }
  }

  std::string Respond(const Handler& handler) const {
    const absl::string_view line = absl::string_view(head_).substr(0, head_.find("\r\n"));
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words.size() != 3 || words[0].empty() || words[1].empty() ||
        !absl::StartsWith(words[2], "HTTP/1.")) {
      return Refusal("400 Bad Request");
    }
    return handler(words[0], words[1]);
  }

  void Answer(std::string answer) {
    answer_ = std::move(answer);
    state_ = State::kWriting;
  }

  void Write() {
    const absl::string_view rest = absl::string_view(answer_).substr(written_);
    const ssize_t sent = send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (!WouldBlock()) state_ = State::kOver;
      return;
    }
    written_ += static_cast<size_t>(sent);
    if (written_ < answer_.size()) return;
    shutdown(fd_, SHUT_WR);
    state_ = State::kLeaving;
  }

  const int fd_;
  const Clock::time_point deadline_;
  State state_ = State::kReading;
  std::string head_;
  std::string answer_;
  size_t written_ = 0;
};

PlainServer::PlainServer(absl::Duration patience, Handler handler)
    : patience_(patience), handler_(std::move(handler)) {}

absl::StatusOr<std::unique_ptr<PlainServer>> PlainServer::Start(const Options& options,
                                                                Handler handler) {
  // Not make_unique: the constructor is private.
  std::unique_ptr<PlainServer> server(new PlainServer(options.patience, std::move(handler)));
  if (absl::Status status = server->Listen(options.host, options.port); !status.ok()) return status;
  server->stop_ = eventfd(0, EFD_CLOEXEC);
  if (server->stop_ < 0) return Errno(errno);
  server->thread_ = std::thread([server = server.get()] { server->Serve(); });
  return server;
}

absl::Status PlainServer::Listen(const std::string& host, int port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int unresolved = getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found);
  if (unresolved != 0) return absl::UnavailableError(gai_strerror(unresolved));
  const AddressList list(found, &freeaddrinfo);

  listening_ = socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listening_ < 0) return Errno(errno);
  const int on = 1;
  const int off = 0;
  setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (list->ai_family == AF_INET6) {
    setsockopt(listening_, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  }
  if (bind(listening_, list->ai_addr, list->ai_addrlen) != 0 ||
      listen(listening_, SOMAXCONN) != 0) {
    return Errno(errno);
  }
  sockaddr_in6 bound = {};  // the port of either family stands at the same place
  socklen_t size = sizeof(bound);
  if (getsockname(listening_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return Errno(errno);
  port_ = ntohs(bound.sin6_port);
  return absl::OkStatus();
}

PlainServer::~PlainServer() {
  if (thread_.joinable()) {
    eventfd_write(stop_, 1);
    thread_.join();
  }
  for (const int fd : {stop_, listening_}) {
    if (fd >= 0) close(fd);
  }
}

void PlainServer::Serve() {
  for (;;) {
    const bool has_room = accepts_ && clients_.size() < kMaxClients;
    std::vector<pollfd> polled = {{stop_, POLLIN, 0}, {has_room ? listening_ : -1, POLLIN, 0}};
    const Clock::time_point now = Clock::now();
    Clock::time_point wake = accepts_ ? Clock::time_point::max() : now + kBreather;
    for (const auto& client : clients_) {
      polled.push_back({client->fd(), client->events(), 0});
      wake = std::min(wake, client->deadline());
    }
    const bool sleeps = wake == Clock::time_point::max();
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(wake - now);
    poll(polled.data(), polled.size(), sleeps ? -1 : static_cast<int>(std::max(wait.count(), 0L)));
    if (polled[0].revents != 0) return;
    for (size_t i = 0; i < clients_.size(); ++i) {
      if (polled[i + 2].revents != 0) clients_[i]->OnReady(handler_);
    }
    clients_.erase(
        std::remove_if(clients_.begin(), clients_.end(),
                       [at = Clock::now()](const auto& client) { return client->is_over(at); }),
        clients_.end());
    accepts_ = true;
    if (polled[1].revents != 0) Accept();
  }
}

void PlainServer::Accept() {
  while (clients_.size() < kMaxClients) {
    const int fd = accept4(listening_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      accepts_ = WouldBlock() || errno == ECONNABORTED;
      return;
    }
    clients_.push_back(
        std::make_unique<Client>(fd, Clock::now() + absl::ToChronoMilliseconds(patience_)));
  }
}

}  // namespace livecounter::observability
