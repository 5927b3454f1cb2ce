#include "gateway/lws/web_socket.h"

#include <libwebsockets.h>
#include <sys/socket.h>

#include <utility>

#include "gateway/lws/frame.h"
#include "gateway/lws/socket_io.h"
#include "gateway/lws/web_socket_server.h"

namespace livecounter::gateway::net {
namespace {

// RFC 6455 §7.1.5: what a close frame without a code stands for.
constexpr uint16_t kNoCode = 1005;

absl::optional<uint16_t> CodeIn(absl::string_view body) {
  if (body.size() < 2) return absl::nullopt;
  return static_cast<uint16_t>(static_cast<uint8_t>(body[0]) << 8 | static_cast<uint8_t>(body[1]));
}

}  // namespace

WebSocket::WebSocket(WebSocketServer& server, std::unique_ptr<StreamHandler> handler)
    : server_(server), handler_(std::move(handler)), deadline_(this) {}

void WebSocket::OnAdopted(lws* wsi) {
  wsi_ = wsi;
  fd_ = lws_get_socket_fd(wsi);
}

void WebSocket::OnEstablished() {
  state_ = State::kOpen;
  handler_is_open_ = true;
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
  if (!awaits_pong_) Arm(server_.limits().unwritable);
  lws_callback_on_writable(wsi_);
}

void WebSocket::Arm(absl::Duration from_now) { server_.loop().Arm(deadline_, from_now); }

void WebSocket::Disarm() { server_.loop().Disarm(deadline_); }

void WebSocket::OnWritable() {
  if (!std::exchange(waits_to_write_, false)) return;
  if (state_ != State::kOpen && state_ != State::kClosing) return;
  if (!awaits_pong_) Disarm();
  lws_rx_flow_control(wsi_, 1);
  if (state_ == State::kClosing) SendClose();
  if (state_ == State::kOpen && std::exchange(owes_ping_, false)) Ping();
  if (state_ != State::kOpen || !owes_writable_) return;
  if (is_behind()) return FallBehind();
  owes_writable_ = false;
  handler_->OnWritable(*this);
}

// A ping that has to wait is not under way yet: until it is, the time is that of the unwritable.
void WebSocket::Ping() {
  if (state_ != State::kOpen || awaits_pong_) return;
  if (!is_behind() && Write(kPingFrame)) {
    awaits_pong_ = true;
    Arm(server_.limits().pong);
  } else if (state_ == State::kOpen) {
    owes_ping_ = true;
    FallBehind();
  }
}

void WebSocket::OnPong() {
  if (state_ != State::kOpen || !std::exchange(awaits_pong_, false)) return;
  if (waits_to_write_) {
    Arm(server_.limits().unwritable);
  } else {
    Disarm();
  }
}

void WebSocket::OnReceived(absl::string_view payload, bool is_final) {
  if (state_ == State::kOpen) handler_->OnMessage(*this, payload, is_final);
}

void WebSocket::Close(const CloseReason& reason) {
  if (state_ != State::kOpen) return;
  state_ = State::kClosing;
  awaits_pong_ = false;
  Arm(server_.limits().unwritable);
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
  Arm(server_.limits().close);
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
  Arm(server_.limits().close);
}

void WebSocket::OnDeadline(Deadline& /*deadline*/) {
  AbortOnClose(fd_);
  Fail();
}

// Later: what calls this may be inside libwebsockets, which goes on with the socket afterwards.
void WebSocket::Fail() {
  if (state_ == State::kEnding || state_ == State::kGone) return;
  state_ = State::kEnding;
  server_.loop().Defer([this] { End(); });
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
  Disarm();
  state_ = State::kGone;
  if (handler_is_open_) handler_->OnClosed(*this, client_code_);
  handler_.reset();
}

}  // namespace livecounter::gateway::net
