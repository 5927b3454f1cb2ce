// Finds the numbers in what a server sends, byte by byte, without allocating and without looking at more
// than that takes: an answer's head, WebSocket frames, server-sent events. What arrives may be cut
// anywhere. Plain values of one connection; not thread-safe.

#ifndef LIVECOUNTER_BENCH_LOAD_SCANNERS_H_
#define LIVECOUNTER_BENCH_LOAD_SCANNERS_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace livecounter::bench {

// The head of an HTTP answer.
class HeadScanner {
 public:
  // Takes bytes up to the head's end, and returns how many it took. Nothing more once done().
  size_t Feed(absl::string_view bytes);

  bool done() const { return matched_ == 4; }
  // Of the status line; right once done().
  int status() const { return status_; }

 private:
  uint8_t matched_ = 0;  // of CR LF CR LF
  uint8_t column_ = 0;   // of the status line, up to its status
  int16_t status_ = 0;
};

// Frames from a server, hence not masked.
class WebSocketScanner {
 public:
  // Calls `handler.OnNumber(int64_t)` for each text or binary frame of decimal digits, `OnPing()` and
  // `OnClose()` for those frames. Frames of other content are passed over.
  template <typename Handler>
  void Feed(absl::string_view bytes, Handler& handler) {
    for (const char c : bytes) {
      if (Take(static_cast<uint8_t>(c))) Finish(handler);
    }
  }

 private:
  enum class At : uint8_t { kOpcode, kLength, kLongLength, kPayload };

  // True when the frame ends with this byte.
  bool Take(uint8_t byte);

  template <typename Handler>
  void Finish(Handler& handler) {
    constexpr uint8_t kClose = 8;
    constexpr uint8_t kPing = 9;
    at_ = At::kOpcode;
    if (opcode_ == kPing) {
      handler.OnPing();
    } else if (opcode_ == kClose) {
      handler.OnClose();
    } else if (opcode_ < kClose && is_number_) {
      handler.OnNumber(number_);
    }
  }

  At at_ = At::kOpcode;
  uint8_t opcode_ = 0;
  uint8_t length_bytes_ = 0;  // still to come
  bool is_number_ = false;
  uint64_t remaining_ = 0;
  int64_t number_ = 0;
};

// A text/event-stream. Chunked coding needs no decoding where chunks begin and end with events: to this
// scanner a chunk's size is one more field that it does not know.
class EventScanner {
 public:
  // Calls `handler.OnNumber(int64_t)` for each event whose data is decimal digits.
  template <typename Handler>
  void Feed(absl::string_view bytes, Handler& handler) {
    for (const char c : bytes) {
      if (Take(c)) handler.OnNumber(number_);
    }
  }

 private:
  enum class At : uint8_t { kField, kSpace, kDigits, kOther };

  // True when an event with a number ends with this byte.
  bool Take(char c);
  bool EndLine();

  At at_ = At::kField;
  uint8_t matched_ = 0;  // of "data:"
  bool line_is_empty_ = true;
  bool has_number_ = false;
  int64_t number_ = 0;
};

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_SCANNERS_H_
