// An event stream (text/event-stream) on its socket: frames go straight to the kernel, and nothing is
// kept of one that does not fit but the rest of a frame that went in half. The loop's thread only.

#ifndef LIVECOUNTER_GATEWAY_LWS_EVENT_STREAM_H_
#define LIVECOUNTER_GATEWAY_LWS_EVENT_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "gateway/lws/file_descriptor.h"
#include "gateway/lws/loop.h"
#include "gateway/lws/residents.h"
#include "gateway/lws/serving.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

class EventStream final : public Connection, public Resident, private Deadline::Owner {
 public:
  // Makes one of `socket`, lets it live among the residents, sends `beginning` (the response's head and
  // the first bytes of its body) and opens `handler`.
  static void Start(const Serving& serving, FileDescriptor socket, std::string beginning,
                    std::unique_ptr<StreamHandler> handler);

  EventStream(const Serving& serving, FileDescriptor socket,
              std::unique_ptr<StreamHandler> handler);

  Kind kind() const override { return Kind::kEventStream; }
  bool Send(absl::string_view frame) override;
  void Ping() override {}
  void Close(const CloseReason& reason) override;
  void Evict() override;

 private:
  enum class State {
    kOpen,
    kClosing,  // ends when what is under way has left
    kFailed,   // ends at once
    kClosed,
  };

  void Begin(std::string beginning);
  bool is_behind() const { return (watcher_.events() & EV_WRITE) != 0; }
  void FallBehind();
  void OnReady(int events);
  void Flush();
  void DropInput();
  void OnDeadline(Deadline& deadline) override;
  void Fail();
  void EndLater();
  void End();

  const Serving& serving_;
  FileDescriptor socket_;
  IoWatcher<EventStream, &EventStream::OnReady> watcher_;
  Deadline unwritable_;
  std::unique_ptr<StreamHandler> handler_;
  std::unique_ptr<std::string> rest_;  // of a frame that was taken
  State state_ = State::kOpen;
  bool owes_writable_ = false;  // a Send() was turned away
  uint16_t dropped_input_ = 0;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_LWS_EVENT_STREAM_H_
