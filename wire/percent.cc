#include "wire/percent.h"

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace livecounter::wire {
namespace {

constexpr absl::string_view kUpperHex = "0123456789ABCDEF";

bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' ||
         c == '~';
}

bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

}  // namespace

std::string PercentEncode(absl::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (char c : bytes) {
    if (IsUnreserved(c)) {
      text.push_back(c);
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    text.push_back('%');
    text.push_back(kUpperHex[byte >> 4]);
    text.push_back(kUpperHex[byte & 15]);
  }
  return text;
}

absl::StatusOr<std::string> PercentDecode(absl::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || !IsHexDigit(text[i + 1]) || !IsHexDigit(text[i + 2])) {
      return absl::InvalidArgumentError(
          absl::StrCat("'%' at byte ", i,
                       " is not followed by two hexadecimal digits; write a percent sign as %25"));
    }
    bytes += absl::HexStringToBytes(text.substr(i + 1, 2));
    i += 2;
  }
  return bytes;
}

}  // namespace livecounter::wire
