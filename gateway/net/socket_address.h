// An IPv4 or IPv6 socket address as a small value.

#ifndef LIVECOUNTER_GATEWAY_NET_SOCKET_ADDRESS_H_
#define LIVECOUNTER_GATEWAY_NET_SOCKET_ADDRESS_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

namespace livecounter::gateway::net {

class SocketAddress {
 public:
  SocketAddress() = default;
  // Of either family; anything else, and anything longer, stays unspecified.
  SocketAddress(const sockaddr& address, socklen_t size);

  int family() const { return storage_.v6.sin6_family; }
  int port() const;
  // Numeric, without brackets; IPv4 in its own form, also where it came mapped into IPv6.
  std::string HostToString() const;
  // "127.0.0.1:80", "[::1]:80".
  std::string ToString() const;

  // For the system's calls.
  const sockaddr* get() const { return &storage_.any; }
  sockaddr* mutable_get() { return &storage_.any; }
  socklen_t size() const;
  static constexpr socklen_t kCapacity = sizeof(sockaddr_in6);

 private:
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } storage_ = {.v6 = {}};
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_SOCKET_ADDRESS_H_
