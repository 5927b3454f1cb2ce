#include "bench/load/scanners.h"

#include "absl/strings/ascii.h"

namespace livecounter::bench {
namespace {

constexpr absl::string_view kDataField = "data:";
// "HTTP/1.1 200 OK": where the status stands.
constexpr uint8_t kStatusBegin = 9;
constexpr uint8_t kStatusEnd = 12;

}  // namespace

size_t HeadScanner::Feed(absl::string_view bytes) {
  constexpr absl::string_view kEnd = "\r\n\r\n";
  size_t taken = 0;
  while (taken < bytes.size() && !done()) {
    const char c = bytes[taken++];
    if (column_ < kStatusEnd) {
      if (column_ >= kStatusBegin && absl::ascii_isdigit(static_cast<unsigned char>(c))) {
        status_ = static_cast<int16_t>(10 * status_ + (c - '0'));
      }
      ++column_;
    }
    if (c == kEnd[matched_]) {
      ++matched_;
    } else {
      matched_ = c == kEnd[0] ? 1 : 0;
    }
  }
  return taken;
}

bool WebSocketScanner::Take(uint8_t byte) {
  switch (at_) {
    case At::kOpcode:
      opcode_ = byte & 0x0F;
      number_ = 0;
      at_ = At::kLength;
      return false;
    case At::kLength:
      remaining_ = byte & 0x7F;
      is_number_ = remaining_ > 0;
      if (remaining_ >= 126) {
        length_bytes_ = remaining_ == 126 ? 2 : 8;
        remaining_ = 0;
        at_ = At::kLongLength;
        return false;
      }
      at_ = At::kPayload;
      return remaining_ == 0;
    case At::kLongLength:
      remaining_ = remaining_ << 8 | byte;
      if (--length_bytes_ > 0) return false;
      at_ = At::kPayload;
      return remaining_ == 0;
    case At::kPayload:
      if (byte >= '0' && byte <= '9') {
        number_ = 10 * number_ + (byte - '0');
      } else {
        is_number_ = false;
      }
      return --remaining_ == 0;
  }
  return false;
}

bool EventScanner::Take(char c) {
  if (c == '\n') return EndLine();
  if (c == '\r') return false;
  line_is_empty_ = false;
  switch (at_) {
    case At::kField:
      if (c != kDataField[matched_]) {
        at_ = At::kOther;
      } else if (++matched_ == kDataField.size()) {
        at_ = At::kSpace;
        number_ = 0;
      }
      return false;
    case At::kSpace:
      at_ = At::kDigits;
      if (c == ' ') return false;
      [[fallthrough]];
    case At::kDigits:
      has_number_ = c >= '0' && c <= '9';
      if (has_number_) {
        number_ = 10 * number_ + (c - '0');
      } else {
        at_ = At::kOther;
      }
      return false;
    case At::kOther:
      return false;
  }
  return false;
}

bool EventScanner::EndLine() {
  const bool ends_event = line_is_empty_ && has_number_;
  if (line_is_empty_) has_number_ = false;
  at_ = At::kField;
  matched_ = 0;
  line_is_empty_ = true;
  return ends_event;
}

}  // namespace livecounter::bench
