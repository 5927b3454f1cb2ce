// TLS in front of the plain transport: shakes hands with a client, then carries bytes between it and an
// HttpConnection, which has one end of a pair of sockets where it would have the client's. So everything
// behind serves TLS without knowing (docs/adr/0009). The loop's thread only.
//
// Back-pressure passes through: nothing is read for a side that does not take what it has, and the pair's
// buffers are as small as a stream's. An idle tunnel holds no buffer. Ends pass too: the client's as the end
// of the input, the gateway's, once all before it has gone, as close_notify. A tunnel outlives what it
// carries bytes for, unless TLS itself fails.
//
// OpenSSL writes with write(2): the process ignores SIGPIPE, as services/runtime/server_runner.h has it.

#ifndef LIVECOUNTER_GATEWAY_NET_TLS_TUNNEL_H_
#define LIVECOUNTER_GATEWAY_NET_TLS_TUNNEL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway/net/file_descriptor.h"
#include "gateway/net/loop.h"
#include "gateway/net/residents.h"
#include "gateway/net/serving.h"
#include "gateway/net/socket_address.h"
#include "gateway/net/socket_io.h"
#include "gateway/net/tls_handshakes.h"
#include "gateway/net/tls_server_context.h"

namespace livecounter::gateway::net {

class TlsTunnel final : public Resident, private Deadline::Owner, private TlsHandshakes::Party {
 public:
  // Makes one of the new `socket` of `peer`, and lets it live among the residents. The handshake has the
  // time of a request.
  static void Start(const Serving& serving, TlsServerContext& context, TlsHandshakes& handshakes,
                    FileDescriptor socket, const SocketAddress& peer);

  TlsTunnel(const Serving& serving, TlsHandshakes& handshakes, TlsSession session,
            FileDescriptor socket, const SocketAddress& peer);
  void Evict() override {}

 private:
  enum class State : uint8_t { kShakingHands, kOpen, kFinishing, kEnded };

  void OnClientReady(int events);
  void OnGatewayReady(int events);
  void OnDeadline(Deadline& deadline) override;

  void ShakeHands() override;
  void Open();
  // Carries what can be carried, both ways, and waits for the rest.
  void Carry();
  void CarryIn();
  void CarryOut();
  // False when bytes are left, in waiting_in_ or waiting_out_.
  bool GiveToGateway(absl::string_view bytes);
  bool GiveToClient(absl::string_view bytes);
  IoResult ReceiveFromClient(const Loop::Scratch& scratch);
  void Wait();
  void WatchClientTakes();

  // The gateway has ended, and all of it has gone to the client: so does close_notify, when it can.
  void Finish();
  // At once, for both sides.
  void Drop();
  void Leave();

  using ClientWatcher = IoWatcher<TlsTunnel, &TlsTunnel::OnClientReady>;
  using GatewayWatcher = IoWatcher<TlsTunnel, &TlsTunnel::OnGatewayReady>;

  const Serving& serving_;
  TlsHandshakes& handshakes_;
  const SocketAddress peer_;
  const std::shared_ptr<FileDescriptor> client_;  // shared with the HttpConnection
  FileDescriptor gateway_;                        // our end of the pair; once open
  TlsSession session_;
  ClientWatcher client_watcher_;
  std::unique_ptr<GatewayWatcher> gateway_watcher_;
  // For the handshake; then for a client that takes no byte of what waits for it.
  Deadline deadline_;
  std::string waiting_in_;   // for the gateway to take
  std::string waiting_out_;  // for the client to take
  uint64_t sent_ = 0;  // bytes of TLS that the client's socket had taken when deadline_ was armed
  State state_ = State::kShakingHands;
  bool input_ended_ = false;
  bool input_needs_output_ = false;  // TLS has to send before it receives more
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_TLS_TUNNEL_H_
