#include "gateway/net/socket_io.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace livecounter::gateway::net {
namespace {

using Outcome = IoResult::Outcome;

IoResult FromErrno() {
  const bool again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return {again ? Outcome::kWouldBlock : Outcome::kFailed};
}

}  // namespace

IoResult SendSome(int fd, absl::string_view bytes) {
  const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0) return FromErrno();
  return {Outcome::kDone, static_cast<size_t>(sent)};
}

IoResult ReceiveSome(int fd, const Loop::Scratch& scratch) {
  const ssize_t received = recv(fd, scratch.data, scratch.size, 0);
  if (received < 0) return FromErrno();
  if (received == 0) return {Outcome::kClosed};
  return {Outcome::kDone, static_cast<size_t>(received)};
}

bool HasFailed(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0;
}

void SetSendBuffer(int fd, int bytes) {
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

void SetUnacknowledgedTimeout(int fd, absl::Duration timeout) {
  const auto milliseconds = static_cast<unsigned int>(absl::ToInt64Milliseconds(timeout));
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof(milliseconds));
}

absl::Duration SinceAcknowledged(int fd) {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return absl::ZeroDuration();
  return absl::Milliseconds(info.tcpi_last_ack_recv);
}

void SetProbe(int fd, absl::Duration idle) {
  const int on = 1;
  const auto seconds = static_cast<int>(absl::ToInt64Seconds(idle));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof(seconds));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof(seconds));
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

void AbortOnClose(int fd) {
  const linger discard = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &discard, sizeof(discard));
}

}  // namespace livecounter::gateway::net
