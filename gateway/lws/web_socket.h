// One WebSocket: our side of a `struct lws`. Frames go straight to the kernel while nothing waits before
// them. The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_LWS_WEB_SOCKET_H_
#define LIVECOUNTER_GATEWAY_LWS_WEB_SOCKET_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/lws/loop.h"
#include "gateway/lws/residents.h"
#include "gateway/transport.h"

struct lws;

namespace livecounter::gateway::net {

class WebSocketServer;

class WebSocket final : public Connection, public Resident, private Deadline::Owner {
 public:
  WebSocket(WebSocketServer& server, std::unique_ptr<StreamHandler> handler);

  Kind kind() const override { return Kind::kWebSocket; }
  bool Send(absl::string_view frame) override;
  void Ping() override;
  void Close(const CloseReason& reason) override;
  // libwebsockets has gone before, and taken all it had open with it.
  void Evict() override {}

  // What libwebsockets tells.
  void OnAdopted(lws* wsi);
  void OnEstablished();
  void OnReceived(absl::string_view payload, bool is_final);
  void OnPong();
  void OnWritable();
  // A close frame; answers it where it is not an answer itself. The socket is to be closed now.
  void OnPeerClose(absl::string_view body);
  // libwebsockets closes the connection by itself, as after a breach of the protocol, or was asked to.
  void OnClosing();
  // The socket is closed.
  void OnGone();

 private:
  enum class State : uint8_t {
    kOpening,
    kOpen,
    kClosing,    // the close frame waits for what is before it
    kCloseSent,  // and waits for the client's
    kLwsCloses,  // libwebsockets is at it
    kEnding,     // the socket is to be closed
    kGone,
  };

  bool is_behind() const;
  // True: the kernel has all of it, or libwebsockets what the kernel did not take.
  bool Write(absl::string_view frame);
  void KeepRest(absl::string_view rest);
  void FallBehind();
  void Arm(absl::Duration from_now);
  void Disarm();
  void SendClose();
  void OnDeadline(Deadline& deadline) override;
  void Fail();
  void End();

  WebSocketServer& server_;
  lws* wsi_ = nullptr;
  std::unique_ptr<StreamHandler> handler_;
  std::unique_ptr<std::string> close_frame_;  // in kClosing
  // While open: for a pong, or else to be writable again. Then: for the end.
  Deadline deadline_;
  int fd_ = -1;
  absl::optional<uint16_t> client_code_;
  State state_ = State::kOpening;
  bool handler_is_open_ = false;  // OnOpen() was called, so OnClosed() is to be
  bool waits_to_write_ = false;   // libwebsockets was asked to say when
  bool owes_writable_ = false;    // a Send() was turned away
  bool owes_ping_ = false;
  bool awaits_pong_ = false;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_LWS_WEB_SOCKET_H_
