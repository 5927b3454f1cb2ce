#include "gateway/net/lingering_close.h"

#include <sys/socket.h>

#include <memory>
#include <utility>

#include "gateway/net/socket_io.h"

namespace livecounter::gateway::net {
namespace {

// A client that sends more than this after being refused is not owed its answer.
constexpr size_t kMaxDropped = 256 * 1024;

}  // namespace

void LingeringClose::Start(const Serving& serving, FileDescriptor socket) {
  serving.residents.Add(std::make_unique<LingeringClose>(serving, std::move(socket)));
}

LingeringClose::LingeringClose(const Serving& serving, FileDescriptor socket)
    : serving_(serving),
      socket_(std::move(socket)),
      watcher_(serving.loop, socket_.get(), this),
      deadline_(this) {
  shutdown(socket_.get(), SHUT_WR);
  watcher_.Watch(EV_READ);
  serving_.loop.Arm(deadline_, serving_.limits.linger);
}

void LingeringClose::OnReady(int /*events*/) {
  const IoResult result = ReceiveSome(socket_.get(), serving_.loop.scratch());
  if (result.outcome == IoResult::Outcome::kWouldBlock) return;
  dropped_ += result.bytes;
  if (result.outcome != IoResult::Outcome::kDone || dropped_ > kMaxDropped) Finish();
}

void LingeringClose::OnDeadline(Deadline& /*deadline*/) { Finish(); }

void LingeringClose::Finish() {
  watcher_.Watch(EV_NONE);
  serving_.loop.Disarm(deadline_);
  socket_.Reset();
  serving_.residents.Remove(*this);
}

}  // namespace livecounter::gateway::net
