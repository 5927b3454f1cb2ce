#include "gateway/net/stream_socket.h"

#include <algorithm>
#include <utility>

#include "gateway/net/lingering_close.h"
#include "gateway/net/socket_io.h"

namespace livecounter::gateway::net {

StreamSocket::StreamSocket(const Serving& serving, FileDescriptor socket,
                           std::unique_ptr<StreamHandler> handler)
    : serving_(serving),
      socket_(std::move(socket)),
      watcher_(serving.loop, socket_.get(), this),
      unwritable_(this),
      handler_(std::move(handler)) {}

bool StreamSocket::Begin(std::string beginning) {
  if (HasFailed(socket_.get())) {
    state_ = State::kClosed;
    serving_.residents.Remove(*this);
    return false;
  }
  watcher_.Watch(EV_READ);
  rest_ = std::make_unique<std::string>(std::move(beginning));
  is_beginning_ = true;
  handler_->OnOpen(*this);
  if (is_beginning_) SendBeginning("");
  return true;
}

bool StreamSocket::Send(absl::string_view frame) {
  if (state_ != State::kOpen) return false;
  if (!is_behind() && Write(frame)) return true;
  owes_writable_ = true;
  return false;
}

bool StreamSocket::Write(absl::string_view frame) {
  if (is_beginning_) return SendBeginning(frame);
  const IoResult result = SendSome(socket_.get(), frame);
  if (result.bytes == frame.size()) return true;
  if (result.outcome == IoResult::Outcome::kFailed) {
    Fail();
    return false;
  }
  FallBehind();
  if (result.outcome == IoResult::Outcome::kWouldBlock) return false;
  rest_ = std::make_unique<std::string>(frame.substr(result.bytes));
  return true;
}

bool StreamSocket::SendBeginning(absl::string_view first_frame) {
  is_beginning_ = false;
  std::unique_ptr<std::string> beginning = std::move(rest_);
  beginning->append(first_frame.data(), first_frame.size());
  if (Write(*beginning)) return true;
  if (is_behind()) rest_ = std::move(beginning);
  return is_behind();
}

void StreamSocket::WriteOrKeep(absl::string_view frame) {
  if (!is_behind() && (Write(frame) || !is_behind())) return;
  if (rest_ == nullptr) rest_ = std::make_unique<std::string>();
  rest_->append(frame.data(), frame.size());
}

void StreamSocket::FallBehind() {
  watcher_.Watch(EV_READ | EV_WRITE);
  AwaitProgress();
  OnFellBehind();
}

void StreamSocket::AwaitProgress() {
  is_known_alive_ = false;
  const TransportLimits& limits = serving_.limits;
  serving_.loop.Arm(unwritable_, std::min(limits.unacknowledged, limits.unwritable));
}

void StreamSocket::OnDeadline(Deadline& deadline) {
  const TransportLimits& limits = serving_.limits;
  const absl::Duration left = limits.unwritable - limits.unacknowledged;
  const bool may_stall =
      &deadline == &unwritable_ && !is_known_alive_ && left > absl::ZeroDuration();
  if (may_stall && SinceAcknowledged(socket_.get()) < limits.unacknowledged) {
    is_known_alive_ = true;
    serving_.loop.Arm(unwritable_, left);
    return;
  }
  AbortOnClose(socket_.get());
  Fail();
}

void StreamSocket::OnReady(int events) {
  if ((events & EV_READ) != 0) Read();
  if ((events & EV_WRITE) != 0 && is_behind()) Flush();
}

void StreamSocket::Read() {
  const Loop::Scratch scratch = serving_.loop.scratch();
  const IoResult result = ReceiveSome(socket_.get(), scratch);
  if (result.outcome == IoResult::Outcome::kWouldBlock) return;
  if (result.outcome != IoResult::Outcome::kDone) return Fail();
  OnInput({scratch.data, result.bytes});
}

void StreamSocket::Flush() {
  if (rest_ != nullptr) {
    const IoResult result = SendSome(socket_.get(), *rest_);
    if (result.outcome == IoResult::Outcome::kFailed) return Fail();
    rest_->erase(0, result.bytes);
    if (result.bytes != 0) AwaitProgress();
    if (!rest_->empty()) return;
    rest_.reset();
  }
  watcher_.Watch(EV_READ);
  serving_.loop.Disarm(unwritable_);
  OnCaughtUp();
  if (state_ != State::kOpen || is_behind()) return;
  if (std::exchange(owes_writable_, false)) handler_->OnWritable(*this);
}

void StreamSocket::EndLater(bool is_orderly) {
  if (state_ == State::kEnding || state_ == State::kClosed) return;
  state_ = State::kEnding;
  is_orderly_ = is_orderly;
  watcher_.Watch(EV_NONE);
  serving_.loop.Disarm(unwritable_);
  serving_.loop.Defer([this] { End(); });
}

void StreamSocket::End() {
  Evict();
  if (is_orderly_) LingeringClose::Start(serving_, std::move(socket_));
  socket_.Reset();
  serving_.residents.Remove(*this);
}

void StreamSocket::Evict() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  watcher_.Watch(EV_NONE);
  serving_.loop.Disarm(unwritable_);
  handler_->OnClosed(*this, client_code());
  handler_.reset();
}

}  // namespace livecounter::gateway::net
