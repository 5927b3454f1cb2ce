#include "gateway/net/listen_sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gateway/net/socket_address.h"

namespace livecounter::gateway::net {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<SocketAddress> Resolve(const std::string& host, int port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found);
  if (error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on '", host, "': ", gai_strerror(error),
                     "; give an address of this machine, or a name that has one"));
  }
  const AddressList list(found, &freeaddrinfo);
  return SocketAddress(*list->ai_addr, list->ai_addrlen);
}

absl::Status SetOption(const FileDescriptor& socket, int level, int option, int value) {
  if (setsockopt(socket.get(), level, option, &value, sizeof(value)) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "cannot set a socket option");
}

absl::StatusOr<FileDescriptor> OpenBound(const SocketAddress& address, bool share_port) {
  FileDescriptor opened(
      socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!opened.valid()) return absl::ErrnoToStatus(errno, "cannot open a socket");
  absl::Status status = SetOption(opened, SOL_SOCKET, SO_REUSEADDR, 1);
  if (share_port) status.Update(SetOption(opened, SOL_SOCKET, SO_REUSEPORT, 1));
  if (address.family() == AF_INET6) status.Update(SetOption(opened, IPPROTO_IPV6, IPV6_V6ONLY, 0));
  status.Update(SetOption(opened, IPPROTO_TCP, TCP_NODELAY, 1));
  if (!status.ok()) return status;
  if (bind(opened.get(), address.get(), address.size()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot listen on ", address.ToString()));
  }
  return opened;
}

// A socket that does not share its port can be bound only where nobody listens.
absl::Status CheckNobodyListens(const SocketAddress& address) {
  return OpenBound(address, /*share_port=*/false).status();
}

absl::StatusOr<SocketAddress> LocalAddress(const FileDescriptor& socket) {
  SocketAddress address;
  socklen_t size = SocketAddress::kCapacity;
  if (getsockname(socket.get(), address.mutable_get(), &size) != 0) {
    return absl::ErrnoToStatus(errno, "cannot read a socket's address");
  }
  return address;
}

}  // namespace

absl::StatusOr<ListenSockets> OpenListenSockets(const std::string& host, int port, int count,
                                                int backlog) {
  absl::StatusOr<SocketAddress> address = Resolve(host, port);
  if (!address.ok()) return address.status();
  if (absl::Status status = CheckNobodyListens(*address); !status.ok()) return status;

  ListenSockets opened;
  for (int i = 0; i < count; ++i) {
    absl::StatusOr<FileDescriptor> bound = OpenBound(*address, /*share_port=*/true);
    if (!bound.ok()) return bound.status();
    if (listen(bound->get(), backlog) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot listen on ", address->ToString()));
    }
    // With port 0 the first socket gets one, and the others join it there.
    address = LocalAddress(*bound);
    if (!address.ok()) return address.status();
    opened.sockets.push_back(*std::move(bound));
  }
  opened.address = address->ToString();
  opened.port = address->port();
  return opened;
}

}  // namespace livecounter::gateway::net
