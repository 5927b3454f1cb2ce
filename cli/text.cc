#include "cli/text.h"

#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace livecounter::cli {
namespace {

// The C library's tables of widths, whatever the user's locale is. Null, and every character one
// column wide, on systems without C.UTF-8.
class Utf8Locale {
 public:
  Utf8Locale() {
    static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (utf8 != nullptr) before_ = uselocale(utf8);
  }
  ~Utf8Locale() {
    if (before_ != nullptr) uselocale(before_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t before_ = nullptr;
};

struct Character {
  size_t bytes = 1;
  int width = -1;  // negative: not printable
};

// Precondition: `text` is not empty, and a Utf8Locale is there.
Character NextCharacter(absl::string_view text) {
  mbstate_t state = {};
  wchar_t wide = 0;
  const size_t bytes = mbrtowc(&wide, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {};
  return {bytes, wcwidth(wide)};
}

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  const Utf8Locale locale;
  size_t width = 0;
  while (!text.empty()) {
    const Character character = NextCharacter(text);
    width += character.width < 0 ? 1 : static_cast<size_t>(character.width);
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string Printable(absl::string_view text) {
  const Utf8Locale locale;
  std::string out;
  while (!text.empty()) {
    const Character character = NextCharacter(text);
    const absl::string_view bytes = text.substr(0, character.bytes);
    if (character.width >= 0) {
      absl::StrAppend(&out, bytes);
    } else {
      for (const char byte : bytes) {
        absl::StrAppendFormat(&out, "\\x%02x", static_cast<unsigned char>(byte));
      }
    }
    text.remove_prefix(character.bytes);
  }
  return out;
}

std::string Fit(absl::string_view text, size_t columns) {
  if (DisplayWidth(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  const Utf8Locale locale;
  std::string out;
  size_t width = 0;
  while (!text.empty()) {
    const Character character = NextCharacter(text);
    width += static_cast<size_t>(std::max(character.width, 0));
    if (width > columns - 1) break;
    absl::StrAppend(&out, text.substr(0, character.bytes));
    text.remove_prefix(character.bytes);
  }
  return absl::StrCat(out, "…");
}

std::string PadRight(absl::string_view text, size_t columns) {
  const size_t width = DisplayWidth(text);
  return absl::StrCat(text, std::string(columns > width ? columns - width : 0, ' '));
}

std::string PadLeft(absl::string_view text, size_t columns) {
  const size_t width = DisplayWidth(text);
  return absl::StrCat(std::string(columns > width ? columns - width : 0, ' '), text);
}

std::string Grouped(int64_t number) {
  std::string digits = absl::StrCat(number);
  const ptrdiff_t first_digit = number < 0 ? 1 : 0;
  for (ptrdiff_t i = static_cast<ptrdiff_t>(digits.size()) - 3; i > first_digit; i -= 3) {
    digits.insert(static_cast<size_t>(i), 1, ',');
  }
  return digits;
}

std::string Sparkline(const std::vector<double>& values) {
  static constexpr std::array<absl::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄",
                                                               "▅", "▆", "▇", "█"};
  if (values.empty()) return "";
  const double greatest = *std::max_element(values.begin(), values.end());
  std::string out;
  for (const double value : values) {
    const double part = greatest > 0 ? std::max(value, 0.0) / greatest : 0;
    absl::StrAppend(&out, kBlocks[static_cast<size_t>(std::lround(part * (kBlocks.size() - 1)))]);
  }
  return out;
}

std::string Bar(double part, size_t columns) {
  static constexpr std::array<absl::string_view, 8> kEighths = {" ", "▏", "▎", "▍",
                                                                "▌", "▋", "▊", "▉"};
  const double filled = std::clamp(part, 0.0, 1.0) * static_cast<double>(columns);
  const auto whole = static_cast<size_t>(filled);
  std::string out;
  for (size_t i = 0; i < whole; ++i) out += "█";
  if (whole < columns) {
    const double rest = filled - static_cast<double>(whole);
    absl::StrAppend(&out, kEighths[static_cast<size_t>(rest * kEighths.size())]);
    out.append(columns - whole - 1, ' ');
  }
  return out;
}

std::string Wrapped(absl::string_view text, absl::string_view indent, size_t columns) {
  std::string out;
  size_t column = 0;
  for (const absl::string_view word :
       absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty())) {
    const size_t width = DisplayWidth(word);
    if (column > 0 && column + 1 + width > columns) {
      out.push_back('\n');
      column = 0;
    }
    absl::StrAppend(&out, column == 0 ? indent : " ", word);
    column += (column == 0 ? DisplayWidth(indent) : 1) + width;
  }
  out.push_back('\n');
  return out;
}

}  // namespace livecounter::cli
