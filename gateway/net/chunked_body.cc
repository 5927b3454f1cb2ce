#include "gateway/net/chunked_body.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace livecounter::gateway::net {
namespace {

constexpr size_t kMaxLine = 256;
constexpr size_t kMaxTrailerBytes = 4 * 1024;

bool IsHex(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isxdigit);
}

// Whatever a chunk's line has after its size is an extension.
absl::string_view SizeOf(absl::string_view line) {
  return absl::StripTrailingAsciiWhitespace(line.substr(0, line.find(';')));
}

}  // namespace

absl::variant<bool, Refusal> ChunkedBody::Read(std::string& input, std::string& body) {
  absl::string_view rest = input;
  absl::optional<Refusal> refusal;
  while (!refusal.has_value() && expects_ != Expects::kNothing) {
    if (expects_ == Expects::kData) {
      TakeData(rest, body);
      if (chunk_left_ != 0) break;
      continue;
    }
    const size_t end = rest.find('\n');
    if (end == absl::string_view::npos) {
      // The last byte may be the CR of the line's end.
      if (rest.size() > kMaxLine + 1) refusal = Refusal{400, "a line between chunks is too long"};
      break;
    }
    const absl::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    refusal = TakeLine(absl::StripSuffix(line, "\r"), body.size());
  }
  if (refusal.has_value()) return *std::move(refusal);
  input.erase(0, input.size() - rest.size());
  return expects_ == Expects::kNothing;
}

void ChunkedBody::TakeData(absl::string_view& rest, std::string& body) {
  const size_t taken = std::min(chunk_left_, rest.size());
  body.append(rest.data(), taken);
  rest.remove_prefix(taken);
  chunk_left_ -= taken;
  if (chunk_left_ == 0) expects_ = Expects::kEndOfData;
}

absl::optional<Refusal> ChunkedBody::TakeLine(absl::string_view line, size_t body_size) {
  if (line.size() > kMaxLine) return Refusal{400, "a line between chunks is too long"};
  if (expects_ == Expects::kSize) return TakeSize(line, body_size);
  if (expects_ == Expects::kTrailer) return TakeTrailer(line);
  if (!line.empty()) return Refusal{400, "a chunk is longer than it says"};
  expects_ = Expects::kSize;
  return absl::nullopt;
}

absl::optional<Refusal> ChunkedBody::TakeSize(absl::string_view line, size_t body_size) {
  const absl::string_view digits = SizeOf(line);
  if (!IsHex(digits)) return Refusal{400, "a chunk does not begin with its size in hexadecimal"};
  if (!absl::SimpleHexAtoi(digits, &chunk_left_) || chunk_left_ > max_body_ - body_size) {
    return Refusal{413, absl::StrCat("a body has at most ", max_body_, " bytes here")};
  }
  expects_ = chunk_left_ == 0 ? Expects::kTrailer : Expects::kData;
  return absl::nullopt;
}

absl::optional<Refusal> ChunkedBody::TakeTrailer(absl::string_view line) {
  trailer_bytes_ += line.size();
  if (trailer_bytes_ > kMaxTrailerBytes) return Refusal{400, "the body's trailers are too long"};
  if (line.empty()) expects_ = Expects::kNothing;
  return absl::nullopt;
}

}  // namespace livecounter::gateway::net
