#include "gateway/net/web_socket.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "gateway/net/frame.h"
#include "wire/utf8.h"

namespace livecounter::gateway::net {
namespace {

// RFC 6455 §7.4.1.
constexpr uint16_t kProtocolError = 1002;
constexpr uint16_t kNotUtf8 = 1007;
constexpr size_t kCloseCodeBytes = 2;

}  // namespace

void WebSocket::Start(const Serving& serving, FileDescriptor socket, const Handshake& handshake,
                      std::unique_ptr<StreamHandler> handler) {
  WebSocket& web_socket = serving.residents.Add(
      std::make_unique<WebSocket>(serving, std::move(socket), std::move(handler)));
  if (!web_socket.Begin(EncodeSwitchingProtocols(handshake.key))) return;
  if (!handshake.early_bytes.empty()) web_socket.OnInput(handshake.early_bytes);
}

WebSocket::WebSocket(const Serving& serving, FileDescriptor socket,
                     std::unique_ptr<StreamHandler> handler)
    : StreamSocket(serving, std::move(socket), std::move(handler)), deadline_(this) {}

void WebSocket::OnInput(absl::string_view bytes) {
  std::unique_ptr<FrameReader> reader = std::move(reader_);
  if (reader == nullptr) reader = std::make_unique<FrameReader>();
  while (state() == State::kOpen || state() == State::kClosing) {
    switch (reader->Next(bytes)) {
      case FrameReader::Result::kMessage:
        if (state() == State::kOpen) {
          handler().OnMessage(*this, reader->payload(), reader->is_final());
        }
        break;
      case FrameReader::Result::kPing:
        OnPing(reader->payload());
        break;
      case FrameReader::Result::kPong:
        OnPong();
        break;
      case FrameReader::Result::kClose:
        OnCloseFrame(reader->payload());
        break;
      case FrameReader::Result::kBreach:
        return OnBreach(kProtocolError);
      case FrameReader::Result::kNeedsMore:
        if (!reader->is_idle()) reader_ = std::move(reader);
        return;
    }
  }
}

void WebSocket::OnPing(absl::string_view payload) {
  if (state() != State::kOpen) return;
  std::string pong = EncodePong(payload);
  if (is_behind() || !Write(pong)) pong_frame_ = std::make_unique<std::string>(std::move(pong));
}

// A ping that has to wait is not under way yet: until it is, the time is that of a stream that is behind.
void WebSocket::Ping() {
  if (state() != State::kOpen || awaits_pong_) return;
  if (!is_behind() && Write(kPingFrame)) {
    awaits_pong_ = true;
    serving().loop.Arm(deadline_, serving().limits.pong);
  } else {
    owes_ping_ = true;
  }
}

void WebSocket::OnPong() {
  if (state() != State::kOpen || !std::exchange(awaits_pong_, false)) return;
  serving().loop.Disarm(deadline_);
}

void WebSocket::OnCloseFrame(absl::string_view payload) {
  const absl::optional<uint16_t> code = ParseClose(payload);
  if (!code.has_value()) return OnBreach(kProtocolError);
  if (!wire::IsUtf8(payload.substr(std::min(payload.size(), kCloseCodeBytes)))) {
    return OnBreach(kNotUtf8);
  }
  if (closing_ == Closing::kNotBegun || closing_ == Closing::kByUs) client_code_ = code;
  switch (closing_) {
    case Closing::kNotBegun:
      return StartClosing(EncodeCloseEcho(*code), Closing::kFinished);
    case Closing::kByUs:
      closing_ = Closing::kFinished;
      return;
    case Closing::kAwaited:
      return EndOrderly();
    case Closing::kFinished:
      return;
  }
}

void WebSocket::OnBreach(uint16_t code) {
  if (closing_ == Closing::kAwaited) return EndOrderly();
  StartClosing(EncodeClose({code, ""}), Closing::kFinished);
}

void WebSocket::Close(const CloseReason& reason) {
  if (state() == State::kOpen) StartClosing(EncodeClose(reason), Closing::kByUs);
}

void WebSocket::StartClosing(std::string frame, Closing how) {
  BeginClosing();
  closing_ = how;
  awaits_pong_ = false;
  serving().loop.Disarm(deadline_);
  close_frame_ = std::make_unique<std::string>(std::move(frame));
  if (!is_behind()) SendClose();
}

void WebSocket::SendClose() {
  if (!Write(*close_frame_)) return;
  close_frame_.reset();
  if (closing_ == Closing::kByUs) {
    closing_ = Closing::kAwaited;
    serving().loop.Arm(deadline_, serving().limits.close);
  } else if (!is_behind()) {
    EndOrderly();
  }
}

void WebSocket::OnCaughtUp() {
  if (state() == State::kClosing) {
    if (close_frame_ != nullptr) return SendClose();
    if (closing_ == Closing::kFinished) EndOrderly();
    return;
  }
  if (pong_frame_ != nullptr) {
    if (!Write(*pong_frame_)) return;
    pong_frame_.reset();
  }
  if (!is_behind() && std::exchange(owes_ping_, false)) Ping();
}

}  // namespace livecounter::gateway::net
