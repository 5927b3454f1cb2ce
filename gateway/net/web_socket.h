// A WebSocket (RFC 6455) on its socket, from the answer to the handshake on. The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_NET_WEB_SOCKET_H_
#define LIVECOUNTER_GATEWAY_NET_WEB_SOCKET_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/net/frame_reader.h"
#include "gateway/net/stream_socket.h"

namespace livecounter::gateway::net {

class WebSocket final : public StreamSocket {
 public:
  struct Handshake {
    std::string key;          // Sec-WebSocket-Key, checked
    std::string early_bytes;  // what the client sent after its request
  };
  // Makes one of `socket`, lets it live among the residents, opens `handler` and answers 101; when the client
  // has gone, `handler` is destroyed.
  static void Start(const Serving& serving, FileDescriptor socket, const Handshake& handshake,
                    std::unique_ptr<StreamHandler> handler);

  WebSocket(const Serving& serving, FileDescriptor socket, std::unique_ptr<StreamHandler> handler);

  Kind kind() const override { return Kind::kWebSocket; }
  void Ping() override;
  void Close(const CloseReason& reason) override;

 private:
  // How the closing handshake stands.
  enum class Closing : uint8_t {
    kNotBegun,
    kByUs,      // our close frame waits for what is before it
    kAwaited,   // it is sent, the client's is not here
    kFinished,  // once ours is sent, that was it: the client's was here, or is not worth waiting for
  };

  void OnInput(absl::string_view bytes) override;
  void OnCaughtUp() override;
  absl::optional<uint16_t> client_code() const override { return client_code_; }

  void OnPing(absl::string_view payload);
  void OnPong();
  void OnCloseFrame(absl::string_view payload);
  void OnBreach(uint16_t code);
  void StartClosing(std::string frame, Closing how);
  void SendClose();

  std::unique_ptr<FrameReader> reader_;       // in the midst of a frame or message
  std::unique_ptr<std::string> pong_frame_;   // the newest that waits
  std::unique_ptr<std::string> close_frame_;  // while it waits
  Deadline deadline_;                         // for a pong; then for the client's close frame
  absl::optional<uint16_t> client_code_;
  Closing closing_ = Closing::kNotBegun;
  bool owes_ping_ = false;
  bool awaits_pong_ = false;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_WEB_SOCKET_H_
