// One stream to EdgeService, over gRPC (proto/…/edge_service.proto).

#ifndef LIVECOUNTER_GATEWAY_UPSTREAM_EDGE_STREAM_H_
#define LIVECOUNTER_GATEWAY_UPSTREAM_EDGE_STREAM_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/session.h"

namespace grpc {
class Channel;
}

namespace livecounter::gateway {

// Its methods are called on the owner's thread only, its events on gRPC's.
class EdgeStream {
 public:
  struct Events {
    // What Read() asked for; an error for bytes that are no frame. Not after the stream broke.
    std::function<void(absl::StatusOr<ReceiverFrame>)> on_frame;
    // The write is done.
    std::function<void()> on_written;
    // Nothing can be read or written any more: call Release().
    std::function<void()> on_broken;
    // The stream is over; the last event, and the stream may be freed.
    std::function<void(absl::Status)> on_done;
  };

  // Opens a stream to `channel`, with `token` as its credential, and asks for the first frame.
  static std::unique_ptr<EdgeStream> Open(const std::shared_ptr<grpc::Channel>& channel,
                                          const std::string& token, Events events);
  // After on_done.
  virtual ~EdgeStream() = default;

  // Asks for the next frame, after on_frame.
  virtual void Read() = 0;
  // Writes one frame; the next after on_written.
  virtual void Write(const HolderFrame& frame) = 0;
  // Breaks the stream: on_broken follows.
  virtual void Cancel() = 0;
  // Nothing is started on this stream any more: on_done follows. Once.
  virtual void Release() = 0;
};

}  // namespace livecounter::gateway

#endif  // LIVECOUNTER_GATEWAY_UPSTREAM_EDGE_STREAM_H_
