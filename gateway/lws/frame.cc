#include "gateway/lws/frame.h"

#include <algorithm>
#include <cstddef>

namespace livecounter::gateway::net {
namespace {

constexpr char kFinalClose = '\x88';
constexpr size_t kMaxReason = 123;

std::string EncodeCloseBody(absl::string_view body) {
  std::string frame = {kFinalClose, static_cast<char>(body.size())};
  frame.append(body.data(), body.size());
  return frame;
}

std::string CodeBytes(uint16_t code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

bool IsUtf8Continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

absl::string_view CutToFit(absl::string_view text) {
  size_t size = std::min(text.size(), kMaxReason);
  while (size < text.size() && size > 0 && IsUtf8Continuation(text[size])) --size;
  return text.substr(0, size);
}

}  // namespace

std::string EncodeClose(const CloseReason& reason) {
  std::string body = CodeBytes(reason.code);
  const absl::string_view text = CutToFit(reason.text);
  body.append(text.data(), text.size());
  return EncodeCloseBody(body);
}

std::string EncodeCloseEcho(absl::optional<uint16_t> code) {
  return EncodeCloseBody(code.has_value() ? CodeBytes(*code) : std::string());
}

}  // namespace livecounter::gateway::net
