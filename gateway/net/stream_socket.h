// What WebSockets and event streams share: a socket that frames go straight to while nothing waits
// before them. Nothing is kept of a frame that does not fit but the rest of one that went in half. The
// loop's thread only.
//
// A stream that is behind has 30 s to take a byte (contract §3), 15 s of them to acknowledge one: a
// reader that stalls is alive to the kernel, one that is gone is not.

#ifndef LIVECOUNTER_GATEWAY_NET_STREAM_SOCKET_H_
#define LIVECOUNTER_GATEWAY_NET_STREAM_SOCKET_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gateway/net/file_descriptor.h"
#include "gateway/net/loop.h"
#include "gateway/net/residents.h"
#include "gateway/net/serving.h"
#include "gateway/transport.h"

namespace livecounter::gateway::net {

class StreamSocket : public Connection, public Resident, protected Deadline::Owner {
 public:
  bool Send(absl::string_view frame) final;
  void Evict() final;

 protected:
  enum class State : uint8_t {
    kOpen,
    kClosing,  // nothing of the handler's goes out any more
    kEnding,   // the socket is to be closed after this turn
    kClosed,
  };

  StreamSocket(const Serving& serving, FileDescriptor socket,
               std::unique_ptr<StreamHandler> handler);

  // Opens the handler, and sends `beginning` in one piece with the first frame that it sends at once: two
  // would cost the kernel twice as much. False: the client has gone, the handler is not opened and the stream
  // is as good as destroyed.
  bool Begin(std::string beginning);

  State state() const { return state_; }
  void BeginClosing() { state_ = State::kClosing; }
  StreamHandler& handler() { return *handler_; }
  const Serving& serving() const { return serving_; }
  int fd() const { return socket_.get(); }

  bool is_behind() const { return (watcher_.events() & EV_WRITE) != 0; }
  // Precondition: not behind. True: the kernel has the frame, or the rest of it is kept. False: nothing of
  // it was taken, and the stream is behind now, or ending.
  bool Write(absl::string_view frame);
  // Nothing of it is lost: what the kernel does not take now is kept behind what is kept already.
  void WriteOrKeep(absl::string_view frame);
  // Both end the stream after this turn. The first lets what was sent arrive.
  void EndOrderly() { EndLater(/*is_orderly=*/true); }
  void Fail() { EndLater(/*is_orderly=*/false); }

  // The client sent something.
  virtual void OnInput(absl::string_view bytes) = 0;
  virtual void OnFellBehind() {}
  // Not behind any more. The handler is told afterwards, unless the stream is behind again.
  virtual void OnCaughtUp() = 0;
  // What OnClosed() tells.
  virtual absl::optional<uint16_t> client_code() const { return absl::nullopt; }
  // Drops the client.
  void OnDeadline(Deadline& deadline) final;

 private:
  // As Write(), and nothing of either is lost.
  bool SendBeginning(absl::string_view first_frame);
  void FallBehind();
  void AwaitProgress();
  void OnReady(int events);
  void Read();
  void Flush();
  void EndLater(bool is_orderly);
  void End();

  const Serving& serving_;
  FileDescriptor socket_;
  IoWatcher<StreamSocket, &StreamSocket::OnReady> watcher_;
  Deadline unwritable_;
  std::unique_ptr<StreamHandler> handler_;
  std::unique_ptr<std::string> rest_;  // of a frame that was taken
  State state_ = State::kOpen;
  bool owes_writable_ = false;   // a Send() was turned away
  bool is_known_alive_ = false;  // since the last progress, while behind
  bool is_orderly_ = false;
  bool is_beginning_ = false;  // rest_ waits for the first frame
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_STREAM_SOCKET_H_
