#include "bench/load/post_changes.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace livecounter::bench {

PostChanges::PostChanges(Options options)
    : options_(std::move(options)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      connections_(options_.connections) {}

PostChanges::~PostChanges() {
  for (Connection& connection : connections_) Close(connection);
  close(epoll_);
}

absl::Status PostChanges::Begin(int /*counters*/, int64_t /*base*/) { return absl::OkStatus(); }

PostChanges::Connection& PostChanges::Of(int counter) {
  return connections_[static_cast<size_t>(counter) % connections_.size()];
}

absl::Status PostChanges::Connect(Connection& connection) {
  connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto* address = reinterpret_cast<const sockaddr*>(&options_.target);
  if (connection.fd < 0 || connect(connection.fd, address, sizeof(options_.target)) != 0) {
    const int error = errno;
    Close(connection);
    return absl::ErrnoToStatus(error, absl::StrCat("cannot connect to ", options_.host));
  }
  epoll_event interest = {.events = EPOLLIN, .data = {.ptr = &connection}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &interest);
  return absl::OkStatus();
}

void PostChanges::Make(int counter, int64_t number) {
  Connection& connection = Of(counter);
  if (connection.fd < 0) failure_.Update(Connect(connection));
  if (!failure_.ok()) return;
  ++connection.unanswered;

  const auto fill = [&](const std::string& text) {
    return absl::StrReplaceAll(
        text, {{"{counter}", absl::StrCat(counter)}, {"{number}", absl::StrCat(number)}});
  };
  const std::string body = fill(options_.body);
  const std::string request =
      absl::StrCat("POST ", fill(options_.path), " HTTP/1.1\r\nHost: ", options_.host,
                   "\r\nContent-Length: ", body.size(), "\r\n\r\n", body);
  if (send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    failure_.Update(absl::ErrnoToStatus(errno, absl::StrCat("cannot write to ", options_.host)));
  }
}

absl::Status PostChanges::Poll(int milliseconds) {
  std::array<epoll_event, 64> events;
  const int count =
      epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds);
  for (int i = 0; i < count; ++i) Receive(*static_cast<Connection*>(events[i].data.ptr));
  return failure_;
}

void PostChanges::Receive(Connection& connection) {
  std::array<char, 4096> buffer;
  const ssize_t size = recv(connection.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN) return;
  if (size <= 0) {
    // Servers may close what is kept, but not with a request on it.
    if (connection.unanswered > 0) {
      failure_.Update(absl::UnavailableError(absl::StrCat(options_.host, " closed while asked")));
    }
    Close(connection);
    return;
  }
  connection.answers.append(buffer.data(), static_cast<size_t>(size));
  TakeAnswers(connection);
}

void PostChanges::TakeAnswers(Connection& connection) {
  while (connection.unanswered > 0) {
    const absl::StatusOr<absl::optional<Answer>> answer = FirstAnswer(connection.answers);
    failure_.Update(answer.status());
    if (!answer.ok() || !answer->has_value()) return;
    connection.answers.erase(0, (*answer)->length);
    --connection.unanswered;
    if ((*answer)->closes) Close(connection);
  }
}

void PostChanges::Close(Connection& connection) {
  if (connection.fd >= 0) close(connection.fd);
  connection = {};
}

absl::StatusOr<absl::optional<Answer>> FirstAnswer(absl::string_view answers) {
  const size_t head_end = answers.find("\r\n\r\n");
  if (head_end == absl::string_view::npos) return absl::nullopt;
  const std::vector<absl::string_view> lines = absl::StrSplit(answers.substr(0, head_end), "\r\n");
  if (!absl::StartsWith(lines[0], "HTTP/1.1 2")) {
    return absl::InvalidArgumentError(absl::StrCat("a change was answered ", lines[0]));
  }
  Answer answer = {.length = head_end + 4, .closes = false};
  bool has_length = absl::StartsWith(lines[0], "HTTP/1.1 204");
  for (const absl::string_view line : lines) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    size_t body = 0;
    if (absl::EqualsIgnoreCase(field.first, "content-length") &&
        absl::SimpleAtoi(field.second, &body)) {
      answer.length += body;
      has_length = true;
    } else if (absl::EqualsIgnoreCase(field.first, "connection")) {
      answer.closes = absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(field.second), "close");
    }
  }
  if (!has_length) {
    return absl::InvalidArgumentError("a change was answered without Content-Length");
  }
  if (answers.size() < answer.length) return absl::nullopt;
  return answer;
}

}  // namespace livecounter::bench
