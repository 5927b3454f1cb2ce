// An event stream (text/event-stream) on its socket. The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_NET_EVENT_STREAM_H_
#define LIVECOUNTER_GATEWAY_NET_EVENT_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway/net/stream_socket.h"

namespace livecounter::gateway::net {

class EventStream final : public StreamSocket {
 public:
  // Makes one of `socket`, lets it live among the residents, opens `handler` and sends `beginning`: the
  // response's head and the first bytes of its body.
  static void Start(const Serving& serving, FileDescriptor socket, std::string beginning,
                    std::unique_ptr<StreamHandler> handler);

  EventStream(const Serving& serving, FileDescriptor socket, std::unique_ptr<StreamHandler> handler)
      : StreamSocket(serving, std::move(socket), std::move(handler)) {}

  Kind kind() const override { return Kind::kEventStream; }
  void Ping() override {}
  void Close(const CloseReason& reason) override;

 private:
  void OnInput(absl::string_view bytes) override;
  void OnFellBehind() override;
  void OnCaughtUp() override;

  uint16_t dropped_input_ = 0;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_EVENT_STREAM_H_
