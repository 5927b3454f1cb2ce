// The few system calls on a connected, non-blocking socket, with their errors sorted.

#ifndef LIVECOUNTER_GATEWAY_NET_SOCKET_IO_H_
#define LIVECOUNTER_GATEWAY_NET_SOCKET_IO_H_

#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gateway/net/loop.h"

namespace livecounter::gateway::net {

struct IoResult {
  enum class Outcome { kDone, kWouldBlock, kClosed, kFailed };
  Outcome outcome;
  size_t bytes = 0;  // kDone: sent, perhaps not all; or received, more than none
};

IoResult SendSome(int fd, absl::string_view bytes);

// Into the loop's scratch. kClosed: the other side sends no more.
IoResult ReceiveSome(int fd, const Loop::Scratch& scratch);

// Whether it is known to be of no use any more, as after a reset by the other side.
bool HasFailed(int fd);

// SO_SNDBUF, and TCP_USER_TIMEOUT (zero: the kernel's own); failing, the socket serves as it is.
void SetSendBuffer(int fd, int bytes);
void SetUnacknowledgedTimeout(int fd, absl::Duration timeout);

// How long ago the other side last acknowledged anything; zero for what is not TCP.
absl::Duration SinceAcknowledged(int fd);

// SO_KEEPALIVE: after `idle`, and every `idle` from then on, in whole seconds.
void SetProbe(int fd, absl::Duration idle);

// Closing it will discard what is unsent and tell the other side so (RST).
void AbortOnClose(int fd);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_SOCKET_IO_H_
