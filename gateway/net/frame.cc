#include "gateway/net/frame.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstddef>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace livecounter::gateway::net {
namespace {

constexpr char kFinalClose = '\x88';
constexpr char kFinalPong = '\x8a';
constexpr size_t kMaxReason = 123;
// RFC 6455 §1.3.
constexpr absl::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string EncodeControl(char first, absl::string_view body) {
  std::string frame = {first, static_cast<char>(body.size())};
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

// RFC 6455 §7.4: those with a meaning on the wire, those registered, those for private use.
bool MayBeSent(uint16_t code) {
  constexpr uint16_t kReserved = 1004;
  constexpr uint16_t kLost = 1006;
  if (code >= 3000) return code < 5000;
  return code >= 1000 && code < 1015 && code != kReserved && code != kNoCode && code != kLost;
}

}  // namespace

std::string EncodeSwitchingProtocols(absl::string_view key) {
  const std::string input = absl::StrCat(key, kGuid);
  std::string digest(SHA_DIGEST_LENGTH, '\0');
  SHA1(reinterpret_cast<const unsigned char*>(input.data()), input.size(),
       reinterpret_cast<unsigned char*>(digest.data()));
  return absl::StrCat(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ",
      absl::Base64Escape(digest), "\r\n\r\n");
}

std::string EncodePong(absl::string_view payload) { return EncodeControl(kFinalPong, payload); }

absl::optional<uint16_t> ParseClose(absl::string_view body) {
  if (body.empty()) return kNoCode;
  if (body.size() < 2) return absl::nullopt;
  const auto code =
      static_cast<uint16_t>(static_cast<uint8_t>(body[0]) << 8 | static_cast<uint8_t>(body[1]));
  if (!MayBeSent(code)) return absl::nullopt;
  return code;
}

std::string EncodeClose(const CloseReason& reason) {
  std::string body = CodeBytes(reason.code);
  const absl::string_view text = CutToFit(reason.text);
  body.append(text.data(), text.size());
  return EncodeControl(kFinalClose, body);
}

std::string EncodeCloseEcho(uint16_t code) {
  return EncodeControl(kFinalClose, code == kNoCode ? std::string() : CodeBytes(code));
}

}  // namespace livecounter::gateway::net
