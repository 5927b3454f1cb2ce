#include "gateway/transport.h"

#include <cstddef>

namespace livecounter::gateway {
namespace {

constexpr char kFinalText = '\x81';
constexpr size_t kMaxOneByteLength = 125;
constexpr size_t kMaxTwoByteLength = 0xffff;
constexpr char kTwoByteLength = 126;
constexpr char kEightByteLength = 127;

void AppendBigEndian(uint64_t value, int bytes, std::string& out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

}  // namespace

absl::optional<absl::string_view> Request::header(absl::string_view name) const {
  for (const auto& [own_name, value] : headers) {
    if (own_name == name) return absl::string_view(value);
  }
  return absl::nullopt;
}

std::string EncodeText(absl::string_view payload) {
  std::string frame(1, kFinalText);
  if (payload.size() <= kMaxOneByteLength) {
    AppendBigEndian(payload.size(), 1, frame);
  } else if (payload.size() <= kMaxTwoByteLength) {
    frame.push_back(kTwoByteLength);
    AppendBigEndian(payload.size(), 2, frame);
  } else {
    frame.push_back(kEightByteLength);
    AppendBigEndian(payload.size(), 8, frame);
  }
  frame.append(payload.data(), payload.size());
  return frame;
}

}  // namespace livecounter::gateway
