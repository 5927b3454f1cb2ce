#include "wire/utf8.h"

#include <cstddef>
#include <cstdint>

namespace livecounter::wire {
namespace {

// One row of the table of RFC 3629 §4: the lead bytes it begins with, how many bytes follow, and
// the range of the first of those; the others are 80–BF.
struct Sequence {
  uint8_t lead_min, lead_max;
  size_t tail;
  uint8_t second_min, second_max;
};
constexpr Sequence kSequences[] = {
    {0xC2, 0xDF, 1, 0x80, 0xBF}, {0xE0, 0xE0, 2, 0xA0, 0xBF}, {0xE1, 0xEC, 2, 0x80, 0xBF},
    {0xED, 0xED, 2, 0x80, 0x9F}, {0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF},
    {0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F},
};

const Sequence* FindSequence(uint8_t lead) {
  for (const Sequence& sequence : kSequences) {
    if (sequence.lead_min <= lead && lead <= sequence.lead_max) return &sequence;
  }
  return nullptr;
}

// The length of the character that `bytes` starts with; 0 when it is malformed.
size_t CharacterLength(absl::string_view bytes) {
  const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  if (at(0) < 0x80) return 1;
  const Sequence* sequence = FindSequence(at(0));
  if (sequence == nullptr || bytes.size() <= sequence->tail) return 0;
  if (at(1) < sequence->second_min || at(1) > sequence->second_max) return 0;
  for (size_t i = 2; i <= sequence->tail; ++i) {
    if ((at(i) & 0xC0) != 0x80) return 0;
  }
  return sequence->tail + 1;
}

}  // namespace

bool IsUtf8(absl::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = CharacterLength(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace livecounter::wire
