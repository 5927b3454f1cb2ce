#include "wire/page_token.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace livecounter::wire {
namespace {

constexpr char kFormat = 1;
constexpr size_t kCheckBytes = 8;

// FNV-1a.
std::string Check(absl::string_view list, absl::string_view last) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : absl::StrCat(list, "/", last)) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  std::string bytes(kCheckBytes, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(hash);
    hash >>= 8;
  }
  return bytes;
}

}  // namespace

std::string MakePageToken(absl::string_view list, absl::string_view last) {
  return absl::WebSafeBase64Escape(absl::StrCat(std::string(1, kFormat), Check(list, last), last));
}

absl::optional<std::string> ReadPageToken(absl::string_view list, absl::string_view token) {
  std::string text;
  if (!absl::WebSafeBase64Unescape(token, &text) || text.size() <= 1 + kCheckBytes) {
    return absl::nullopt;
  }
  std::string last = text.substr(1 + kCheckBytes);
  // The same text in Base64 may be written in more than one way.
  if (MakePageToken(list, last) != token) return absl::nullopt;
  return last;
}

}  // namespace livecounter::wire
