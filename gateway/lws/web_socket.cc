#include "gateway/lws/web_socket.h"

#include <libwebsockets.h>
#include <sys/socket.h>

#include <utility>

#include "gateway/lws/frame.h"
#include "gateway/lws/socket_io.h"

namespace livecounter::gateway::net {
namespace {

// RFC 6455 §7.1.5: what a close frame without a code stands for.
constexpr uint16_t kNoCode = 1005;

absl::optional<uint16_t> CodeIn(absl::string_view body) {
  if (body.size() < 2) return absl::nullopt;
  return static_cast<uint16_t>(static_cast<uint8_t>(body[0]) << 8 | static_cast<uint8_t>(body[1]));
}

}  // namespace

WebSocket::WebSocket(Loop& loop, const TransportLimits& limits,
                     std::unique_ptr<StreamHandler> handler)
    : loop_(loop), limits_(limits), handler_(std::move(handler)), unwritable_(this), pong_(this) {}

void WebSocket::OnAdopted(lws* wsi) {
  wsi_ = wsi;
  fd_ = lws_get_socket_fd(wsi);
}

void WebSocket::OnEstablished() {
  state_ = State::kOpen;
  handler_->OnOpen(*this);
}

bool WebSocket::is_behind() const { return waits_to_write_ || lws_partial_buffered(wsi_) != 0; }

bool WebSocket::Send(absl::string_view frame) {
  if (state_ != State::kOpen) return false;
  if (!is_behind() && Write(frame)) return true;
  if (state_ != State::kOpen) return false;
  owes_writable_ = true;
  FallBehind();
  return false;
}

bool WebSocket::Write(absl::string_view frame) {
  const IoResult result = SendSome(fd_, frame);
  if (result.bytes == frame.size()) return true;
  if (result.outcome == IoResult::Outcome::kFailed) Fail();
  if (result.outcome != IoResult::Outcome::kDone) return false;
  KeepRest(frame.substr(result.bytes));
  return true;
}

// libwebsockets answers pings by itself, so the rest of a frame has to wait with it. Meanwhile it does
// not read: it neither closes on a client's close frame without telling its code, nor spins on input
// after an error of the client's that it cannot send its close frame for.
void WebSocket::KeepRest(absl::string_view rest) {
  std::string buffer(LWS_PRE, '\0');
  buffer.append(rest.data(), rest.size());
  auto* bytes = reinterpret_cast<unsigned char*>(buffer.data()) + LWS_PRE;
  if (lws_write(wsi_, bytes, rest.size(), LWS_WRITE_HTTP) < 0) return Fail();
  lws_rx_flow_control(wsi_, 0);
  FallBehind();
}

void WebSocket::FallBehind() {
  if (waits_to_write_) return;
  waits_to_write_ = true;
  loop_.Arm(unwritable_, limits_.unwritable);
  lws_callback_on_writable(wsi_);
}

void WebSocket::OnWritable() {
  if (!std::exchange(waits_to_write_, false)) return;
  loop_.Disarm(unwritable_);
  lws_rx_flow_control(wsi_, 1);
  if (state_ == State::kClosing) SendClose();
  if (state_ == State::kOpen && std::exchange(owes_ping_, false)) Ping();
  if (state_ != State::kOpen || !owes_writable_) return;
  if (is_behind()) return FallBehind();
  owes_writable_ = false;
  handler_->OnWritable(*this);
}

void WebSocket::Ping() {
  if (state_ != State::kOpen) return;
  if (!pong_.armed()) loop_.Arm(pong_, limits_.pong);
  if (!is_behind() && Write(kPingFrame)) return;
  if (state_ != State::kOpen) return;
  owes_ping_ = true;
  FallBehind();
}

void WebSocket::OnPong() { loop_.Disarm(pong_); }

void WebSocket::OnReceived(absl::string_view payload, bool is_final) {
  if (state_ == State::kOpen) handler_->OnMessage(*this, payload, is_final);
}

void WebSocket::Close(const CloseReason& reason) {
  if (state_ != State::kOpen) return;
  state_ = State::kClosing;
  loop_.Disarm(pong_);
  close_frame_ = std::make_unique<std::string>(EncodeClose(reason));
  SendClose();
}

void WebSocket::SendClose() {
  if (is_behind() || !Write(*close_frame_)) {
    if (state_ == State::kClosing) FallBehind();
    return;
  }
  close_frame_.reset();
  state_ = State::kCloseSent;
  loop_.Arm(unwritable_, limits_.close);
}

void WebSocket::OnPeerClose(absl::string_view body) {
  if (state_ != State::kCloseSent) {
    const absl::optional<uint16_t> code = CodeIn(body);
    client_code_ = code.value_or(kNoCode);
    if (!is_behind()) SendSome(fd_, EncodeCloseEcho(code));
  }
  state_ = State::kEnding;
}

// libwebsockets has deadlines of its own here. Under libev they come up to half a minute late.
void WebSocket::OnClosing() {
  if (state_ == State::kEnding || state_ == State::kGone) return;
  state_ = State::kLwsCloses;
  loop_.Arm(unwritable_, limits_.close);
}

void WebSocket::OnDeadline(Deadline& /*deadline*/) {
  AbortOnClose(fd_);
  Fail();
}

// Later: what calls this may be inside libwebsockets, which goes on with the socket afterwards.
void WebSocket::Fail() {
  if (state_ == State::kEnding || state_ == State::kGone) return;
  state_ = State::kEnding;
  loop_.Defer([this] { End(); });
}

void WebSocket::End() {
  if (state_ == State::kGone) return;
  // With bytes left, libwebsockets would wait for them to go: it has to meet the error by itself.
  if (lws_partial_buffered(wsi_) != 0) {
    shutdown(fd_, SHUT_RDWR);
  } else {
    lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_SYNC);
  }
}

void WebSocket::OnGone() {
  loop_.Disarm(unwritable_);
  loop_.Disarm(pong_);
  const bool was_open = state_ != State::kOpening;
  state_ = State::kGone;
  if (was_open) handler_->OnClosed(*this, client_code_);
  handler_.reset();
}

}  // namespace livecounter::gateway::net
