#include "gateway/net/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "gateway/net/descriptor_budget.h"

namespace livecounter::gateway::net {
namespace {

constexpr int kSlice = 64;
constexpr double kBackOffSeconds = 0.1;

// Errors of the one connection that was about to be accepted (accept(2)), not of the listener.
bool IsOfOneConnection(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return false;
    default:
      return true;
  }
}

}  // namespace

Acceptor::Acceptor(Loop& loop, FileDescriptor socket, int spare_descriptors, OnAccept on_accept)
    : loop_(loop),
      socket_(std::move(socket)),
      on_accept_(std::move(on_accept)),
      spare_descriptors_(spare_descriptors),
      watcher_(loop, socket_.get(), this) {
  ev_timer_init(&back_off_, &Acceptor::OnBackOffEnd, 0, 0);
  back_off_.data = this;
  watcher_.Watch(EV_READ);
}

Acceptor::~Acceptor() { Close(); }

void Acceptor::Close() {
  ev_timer_stop(loop_.ev(), &back_off_);
  watcher_.Watch(EV_NONE);
  socket_.Reset();
}

void Acceptor::OnReady(int /*events*/) {
  const int end_of_descriptors = EndOfDescriptors(spare_descriptors_);
  for (int i = 0; i < kSlice && socket_.valid(); ++i) {
    SocketAddress peer;
    socklen_t size = SocketAddress::kCapacity;
    FileDescriptor accepted(
        accept4(socket_.get(), peer.mutable_get(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.get() >= end_of_descriptors) continue;
    if (accepted.valid()) {
      on_accept_(std::move(accepted), peer);
    } else if (errno == EAGAIN) {
      return;
    } else if (!IsOfOneConnection(errno)) {
      BackOff();
      return;
    }
  }
}

void Acceptor::BackOff() {
  watcher_.Watch(EV_NONE);
  ev_timer_set(&back_off_, kBackOffSeconds, 0);
  ev_timer_start(loop_.ev(), &back_off_);
}

void Acceptor::OnBackOffEnd(struct ev_loop* /*loop*/, ev_timer* watcher, int /*events*/) {
  static_cast<Acceptor*>(watcher->data)->watcher_.Watch(EV_READ);
}

}  // namespace livecounter::gateway::net
