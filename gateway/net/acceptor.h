// Takes new connections from one listening socket, on one loop. Accepts in slices, so that a storm of
// them leaves room for everybody else. When the process has few descriptors left it closes new ones at
// once: the rest is for whoever else lives in it, such as the store with its files. Out of descriptors
// all the same (EMFILE, ENFILE, ENOBUFS, ENOMEM) it leaves them in the kernel's queue for a moment and
// goes on by itself.

#ifndef LIVECOUNTER_GATEWAY_NET_ACCEPTOR_H_
#define LIVECOUNTER_GATEWAY_NET_ACCEPTOR_H_

#include <ev.h>

#include <functional>

#include "gateway/net/file_descriptor.h"
#include "gateway/net/loop.h"
#include "gateway/net/socket_address.h"

namespace livecounter::gateway::net {

class Acceptor {
 public:
  using OnAccept = std::function<void(FileDescriptor socket, const SocketAddress& peer)>;

  // Starts at once. `socket` listens; `on_accept` gets non-blocking ones. `spare_descriptors` are left
  // to others (descriptor_budget.h).
  Acceptor(Loop& loop, FileDescriptor socket, int spare_descriptors, OnAccept on_accept);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Closes the listening socket: from now on clients are refused by the kernel.
  void Close();

 private:
  void OnReady(int events);
  void BackOff();
  static void OnBackOffEnd(struct ev_loop* loop, ev_timer* watcher, int events);

  Loop& loop_;
  FileDescriptor socket_;
  const OnAccept on_accept_;
  const int spare_descriptors_;
  IoWatcher<Acceptor, &Acceptor::OnReady> watcher_;
  ev_timer back_off_;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_ACCEPTOR_H_
