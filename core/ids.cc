#include "core/ids.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace livecounter {
namespace internal {
namespace {

constexpr int kWordBytes = 8;

void AppendWord(uint64_t word, std::string* bytes) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes->push_back(static_cast<char>(word >> shift));
}

uint64_t ReadWord(absl::string_view bytes) {
  uint64_t word = 0;
  for (char byte : bytes.substr(0, kWordBytes)) {
    word = word << 8 | static_cast<unsigned char>(byte);
  }
  return word;
}

}  // namespace

std::string WordsToBytes(uint64_t high, uint64_t low) {
  std::string bytes;
  bytes.reserve(2 * kWordBytes);
  AppendWord(high, &bytes);
  AppendWord(low, &bytes);
  return bytes;
}

bool BytesToWords(absl::string_view bytes, uint64_t* high, uint64_t* low) {
  if (bytes.size() != 2 * kWordBytes) return false;
  *high = ReadWord(bytes);
  *low = ReadWord(bytes.substr(kWordBytes));
  return true;
}

std::string WordsToHex(uint64_t high, uint64_t low) {
  return absl::StrCat(absl::Hex(high, absl::kZeroPad16), absl::Hex(low, absl::kZeroPad16));
}

}  // namespace internal

std::string Version::ToString() const { return absl::StrCat(epoch, "-", revision); }

absl::optional<Version> Version::Parse(absl::string_view text) {
  const size_t dash = text.find('-');
  if (dash == absl::string_view::npos) return absl::nullopt;
  Version version;
  if (!absl::SimpleAtoi(text.substr(0, dash), &version.epoch)) return absl::nullopt;
  if (!absl::SimpleAtoi(text.substr(dash + 1), &version.revision)) return absl::nullopt;
  // SimpleAtoi is lenient (spaces, signs, leading zeros); an id that we wrote has none of that.
  if (version.ToString() != text) return absl::nullopt;
  return version;
}

}  // namespace livecounter
