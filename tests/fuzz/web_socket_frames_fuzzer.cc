// Frames of WebSocket clients: however the bytes are cut, and with a new reader whenever the old one is
// idle, the same is read.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gateway/net/frame.h"
#include "gateway/net/frame_reader.h"

namespace {

using livecounter::gateway::net::FrameReader;
using Result = FrameReader::Result;

// False: a breach.
bool Read(FrameReader& reader, absl::string_view bytes, std::string& read) {
  for (;;) {
    const Result result = reader.Next(bytes);
    if (result == Result::kNeedsMore) return true;
    if (result == Result::kBreach) {
      read += "|breach";
      return false;
    }
    const bool is_message = result == Result::kMessage;
    if (!is_message && reader.payload().size() > 125) __builtin_trap();
    if (result == Result::kClose) livecounter::gateway::net::ParseClose(reader.payload());
    // Pieces depend on how the bytes were cut; what they hold, in which order, does not.
    if (!is_message) absl::StrAppend(&read, "|", static_cast<int>(result), " ");
    absl::StrAppend(&read, reader.payload(), is_message && reader.is_final() ? "|end" : "");
  }
}

std::string ReadWhole(absl::string_view bytes) {
  FrameReader reader;
  std::string read;
  Read(reader, bytes, read);
  return read;
}

std::string ReadInPieces(absl::string_view bytes, size_t piece) {
  auto reader = std::make_unique<FrameReader>();
  std::string read;
  while (!bytes.empty()) {
    if (reader->is_idle()) reader = std::make_unique<FrameReader>();
    if (!Read(*reader, bytes.substr(0, piece), read)) break;
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (ReadWhole(bytes) != ReadInPieces(bytes, 1 + data[0] % 64)) __builtin_trap();
  return 0;
}
