// Listening sockets that share one port, one for each thread: the kernel spreads new connections over
// them (SO_REUSEPORT). Any thread.

#ifndef LIVECOUNTER_GATEWAY_NET_LISTEN_SOCKETS_H_
#define LIVECOUNTER_GATEWAY_NET_LISTEN_SOCKETS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/net/file_descriptor.h"

namespace livecounter::gateway::net {

struct ListenSockets {
  std::vector<FileDescriptor> sockets;  // listening, non-blocking; what they accept has TCP_NODELAY
  int port = 0;
  std::string address;  // "127.0.0.1:80", "[::1]:80"
};

// `host`: a name or an address, of either family; "::" takes both. `port` 0: any free one. An error
// when somebody listens there already, this program included: sharing a port by accident would split
// its clients between two processes.
absl::StatusOr<ListenSockets> OpenListenSockets(const std::string& host, int port, int count,
                                                int backlog);

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_LISTEN_SOCKETS_H_
