#include "gateway/lws/event_stream.h"

#include <algorithm>
#include <utility>

#include "absl/types/optional.h"
#include "gateway/lws/lingering_close.h"
#include "gateway/lws/socket_io.h"

namespace livecounter::gateway::net {
namespace {

// Event streams have no input; a client may still pipeline a request or two into the void.
constexpr size_t kMaxDroppedInput = 4 * 1024;

}  // namespace

void EventStream::Start(const Serving& serving, FileDescriptor socket, std::string beginning,
                        std::unique_ptr<StreamHandler> handler) {
  EventStream& stream = serving.residents.Add(
      std::make_unique<EventStream>(serving, std::move(socket), std::move(handler)));
  stream.Begin(std::move(beginning));
}

EventStream::EventStream(const Serving& serving, FileDescriptor socket,
                         std::unique_ptr<StreamHandler> handler)
    : serving_(serving),
      socket_(std::move(socket)),
      watcher_(serving.loop, socket_.get(), this),
      unwritable_(this),
      handler_(std::move(handler)) {}

void EventStream::Begin(std::string beginning) {
  const IoResult result = SendSome(socket_.get(), beginning);
  watcher_.Watch(EV_READ);
  beginning.erase(0, result.bytes);
  if (!beginning.empty()) {
    rest_ = std::make_unique<std::string>(std::move(beginning));
    FallBehind();
  }
  handler_->OnOpen(*this);
}

bool EventStream::Send(absl::string_view frame) {
  if (state_ != State::kOpen) return false;
  if (is_behind()) {
    owes_writable_ = true;
    return false;
  }
  const IoResult result = SendSome(socket_.get(), frame);
  if (result.bytes == frame.size()) return true;
  if (result.outcome == IoResult::Outcome::kFailed) {
    Fail();
    return false;
  }
  FallBehind();
  if (result.outcome == IoResult::Outcome::kWouldBlock) {
    owes_writable_ = true;
    return false;
  }
  rest_ = std::make_unique<std::string>(frame.substr(result.bytes));
  return true;
}

void EventStream::FallBehind() {
  watcher_.Watch(EV_READ | EV_WRITE);
  serving_.loop.Arm(unwritable_, serving_.limits.unwritable);
}

void EventStream::OnReady(int events) {
  if ((events & EV_READ) != 0) DropInput();
  if ((events & EV_WRITE) != 0 && is_behind()) Flush();
}

void EventStream::DropInput() {
  const IoResult result = ReceiveSome(socket_.get(), serving_.loop.scratch());
  if (result.outcome == IoResult::Outcome::kWouldBlock) return;
  dropped_input_ += std::min(result.bytes, kMaxDroppedInput);
  const bool has_ended = result.outcome != IoResult::Outcome::kDone;
  if (has_ended || dropped_input_ > kMaxDroppedInput) Fail();
}

void EventStream::Flush() {
  if (rest_ != nullptr) {
    const IoResult result = SendSome(socket_.get(), *rest_);
    if (result.outcome == IoResult::Outcome::kFailed) return Fail();
    rest_->erase(0, result.bytes);
    if (result.bytes != 0) serving_.loop.Arm(unwritable_, serving_.limits.unwritable);
    if (!rest_->empty()) return;
    rest_.reset();
  }
  watcher_.Watch(EV_READ);
  serving_.loop.Disarm(unwritable_);
  if (state_ == State::kClosing) return EndLater();
  if (std::exchange(owes_writable_, false)) handler_->OnWritable(*this);
}

void EventStream::OnDeadline(Deadline& /*deadline*/) {
  AbortOnClose(socket_.get());
  Fail();
}

void EventStream::Close(const CloseReason& /*reason*/) {
  if (state_ != State::kOpen) return;
  state_ = State::kClosing;
  if (!is_behind()) EndLater();
}

void EventStream::Fail() {
  if (state_ == State::kFailed || state_ == State::kClosed) return;
  const bool ends_already = state_ == State::kClosing && !is_behind();
  state_ = State::kFailed;
  watcher_.Watch(EV_NONE);
  if (!ends_already) EndLater();
}

void EventStream::EndLater() {
  serving_.loop.Defer([this] { End(); });
}

void EventStream::End() {
  const bool is_orderly = state_ == State::kClosing;
  Evict();
  if (is_orderly) LingeringClose::Start(serving_, std::move(socket_));
  socket_.Reset();
  serving_.residents.Remove(*this);
}

void EventStream::Evict() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  watcher_.Watch(EV_NONE);
  serving_.loop.Disarm(unwritable_);
  handler_->OnClosed(*this, absl::nullopt);
  handler_.reset();
}

}  // namespace livecounter::gateway::net
