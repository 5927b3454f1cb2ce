// Reads a WebSocket client's frames (RFC 6455 §5) out of the bytes of its socket, with libwslay, and
// checks what the RFC asks of a server: masked, no extension, known opcodes, control frames whole and
// short, fragments in order. About 4 KB while it is in the midst of something, so a connection has one
// only then. Not thread-safe.

#ifndef LIVECOUNTER_GATEWAY_NET_FRAME_READER_H_
#define LIVECOUNTER_GATEWAY_NET_FRAME_READER_H_

#include <wslay/wslay.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace livecounter::gateway::net {

class FrameReader {
 public:
  enum class Result {
    kMessage,  // a piece of a text or binary message
    kPing,     // whole, as all control frames
    kPong,
    kClose,
    kNeedsMore,  // all bytes are used up
    kBreach,     // of the protocol: to be closed with 1002, and nothing more to be read
  };

  FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  // Reads on. `bytes` are what the socket gave; the reader takes from its front what it needs. Call until
  // kNeedsMore.
  Result Next(absl::string_view& bytes);

  // What the last Next() read: a piece of a message, or a control frame's payload. Valid until the next.
  absl::string_view payload() const { return payload_; }
  // Whether that piece is the last of its message.
  bool is_final() const { return is_final_; }

  // Nothing is begun: another reader could go on in its place.
  bool is_idle() const { return taken_ == 0 && !in_message_; }

 private:
  struct FreeContext {
    void operator()(wslay_frame_context* context) const { wslay_frame_context_free(context); }
  };

  static ssize_t Take(uint8_t* buffer, size_t size, int flags, void* reader);
  Result TakePiece(const wslay_frame_iocb& piece);
  Result TakeMessage(const wslay_frame_iocb& piece, bool begins_frame, bool ends_frame);
  Result TakeControl(const wslay_frame_iocb& piece, bool begins_frame, bool ends_frame);

  std::unique_ptr<wslay_frame_context, FreeContext> context_;
  absl::string_view* source_ = nullptr;  // during Next()
  uint64_t taken_ = 0;                   // of the source, since the end of the last whole frame
  uint64_t read_ = 0;                    // of the current frame's payload
  bool in_message_ = false;              // a fragment has been, its last one not
  bool is_final_ = false;
  absl::string_view payload_;
  std::string control_;
};

}  // namespace livecounter::gateway::net

#endif  // LIVECOUNTER_GATEWAY_NET_FRAME_READER_H_
