#include "gateway/net/socket_address.h"

#include <arpa/inet.h>

#include <cstring>

#include "absl/strings/str_cat.h"

namespace livecounter::gateway::net {
namespace {

constexpr size_t kMappedPrefix = 12;  // ::ffff:0:0/96

std::string Print(int family, const void* address) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(family, address, text, sizeof(text));
  return text;
}

}  // namespace

SocketAddress::SocketAddress(const sockaddr& address, socklen_t size) {
  if (size <= kCapacity) std::memcpy(&storage_, &address, size);
}

int SocketAddress::port() const {
  return ntohs(family() == AF_INET6 ? storage_.v6.sin6_port : storage_.v4.sin_port);
}

std::string SocketAddress::HostToString() const {
  if (family() == AF_INET) return Print(AF_INET, &storage_.v4.sin_addr);
  if (family() != AF_INET6) return "";
  const in6_addr& address = storage_.v6.sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return Print(AF_INET, address.s6_addr + kMappedPrefix);
  return Print(AF_INET6, &address);
}

std::string SocketAddress::ToString() const {
  const std::string host = HostToString();
  const bool has_colons = host.find(':') != std::string::npos;
  return has_colons ? absl::StrCat("[", host, "]:", port()) : absl::StrCat(host, ":", port());
}

socklen_t SocketAddress::size() const {
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

}  // namespace livecounter::gateway::net
