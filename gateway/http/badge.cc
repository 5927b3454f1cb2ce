#include "gateway/http/badge.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "gateway/http/short_number.h"
#include "wire/utf8.h"

namespace livecounter::gateway {
namespace {

constexpr double kFontSize = 11;
constexpr int kHeight = 20;
constexpr int kPadding = 6;  // at either side of a text

// Advance widths in thousandths of the font size, from ' ' to '~': of Verdana and DejaVu Sans, the first
// two fonts that a badge asks for, the wider.
constexpr int kAsciiWidths[] = {
    352,  401, 460, 838, 636, 1076, 780, 275, 454, 454, 636, 838, 364, 454, 364, 454,  //
    636,  636, 636, 636, 636, 636,  636, 636, 636, 636, 454, 454, 838, 838, 838, 545,  //
    1000, 684, 686, 698, 771, 632,  575, 775, 752, 421, 455, 693, 557, 863, 748, 787,  //
    603,  787, 695, 684, 616, 732,  684, 989, 685, 615, 685, 454, 454, 454, 838, 636,  //
    636,  613, 635, 550, 635, 615,  352, 635, 634, 278, 344, 592, 278, 974, 634, 612,  //
    635,  635, 427, 521, 394, 634,  592, 818, 592, 592, 525, 636, 454, 636, 838,
};
static_assert(std::size(kAsciiWidths) == '~' - ' ' + 1);
// Other letters of alphabets; what is written in squares, and pictures.
constexpr int kLetterWidth = 680;
constexpr int kSquareWidth = 1000;
// Code points from U+1000 on have three bytes of UTF-8 that begin with this or more. Few alphabets are
// among them, and Chinese, Japanese, Korean and emoji all are.
constexpr unsigned char kFirstSquareByte = 0xe1;

struct NamedColor {
  absl::string_view name;
  uint32_t color;
};
constexpr NamedColor kColors[] = {
    {"black", 0x000000},  {"blue", 0x0366d6},  {"brightgreen", 0x44cc11}, {"gray", 0x555555},
    {"green", 0x2c7a2c},  {"grey", 0x555555},  {"lightgray", 0x9f9f9f},   {"lightgrey", 0x9f9f9f},
    {"orange", 0xfe7d37}, {"pink", 0xe8559c},  {"purple", 0x7b3fbf},      {"red", 0xc8312b},
    {"teal", 0x00796b},   {"white", 0xffffff}, {"yellow", 0xdfb317},      {"yellowgreen", 0xa4a61d},
};

// Of valid UTF-8, whether XML 1.0 can hold it (§2.2 there), on one line.
bool IsXmlLine(absl::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return absl::ascii_iscntrl(c); }) &&
         !absl::StrContains(text, "\xEF\xBF\xBE") && !absl::StrContains(text, "\xEF\xBF\xBF");
}

absl::Status CheckLabel(absl::string_view label) {
  const std::string takes = absl::StrCat("1 to ", kMaxBadgeLabelBytes,
                                         " bytes of UTF-8 on one line, percent-encoded in the URL");
  if (absl::StripAsciiWhitespace(label).empty()) return WrongParameter("label", "is empty", takes);
  if (label.size() > kMaxBadgeLabelBytes) {
    return WrongParameter("label", absl::StrCat("has ", label.size(), " bytes"), takes);
  }
  if (!wire::IsUtf8(label)) return WrongParameter("label", "is not valid UTF-8", takes);
  if (!IsXmlLine(label)) return WrongParameter("label", "holds a control character", takes);
  return absl::OkStatus();
}

// "a1b2c3", or "abc" for "aabbcc".
absl::optional<uint32_t> ParseHexColor(absl::string_view text) {
  if (!std::all_of(text.begin(), text.end(), absl::ascii_isxdigit)) return absl::nullopt;
  std::string digits(text);
  if (text.size() == 3) digits = {text[0], text[0], text[1], text[1], text[2], text[2]};
  uint32_t color = 0;
  if (digits.size() != 6 || !absl::SimpleHexAtoi(digits, &color)) return absl::nullopt;
  return color;
}

absl::optional<uint32_t> ParseColor(absl::string_view text) {
  const auto* named = std::find_if(std::begin(kColors), std::end(kColors), [&](const auto& color) {
    return absl::EqualsIgnoreCase(color.name, text);
  });
  if (named != std::end(kColors)) return named->color;
  absl::ConsumePrefix(&text, "#");
  return ParseHexColor(text);
}

std::string ColorsTaken() {
  return absl::StrCat("3 or 6 hexadecimal digits, as 0366d6, or one of ",
                      absl::StrJoin(kColors, ", ", [](std::string* out, const auto& color) {
                        absl::StrAppend(out, color.name);
                      }));
}

std::string XmlEscape(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

// Relative luminance, as WCAG 2 defines it.
double Luminance(uint32_t color) {
  const auto linear = [color](int shift) {
    const double part = ((color >> shift) & 0xff) / 255.0;
    return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0);
}

// Where the contrasts with black and with white are equal.
absl::string_view ColorOfTextOn(uint32_t color) {
  constexpr double kEqualContrast = 0.179;
  return Luminance(color) > kEqualContrast ? "#000" : "#fff";
}

// A text, and the part of the badge that it is centred in.
struct Part {
  std::string text;
  int text_width;  // px, whole

  explicit Part(absl::string_view raw)
      : text(XmlEscape(raw)), text_width(static_cast<int>(std::ceil(BadgeTextWidth(raw)))) {}
  int width() const { return text_width + 2 * kPadding; }
};

std::string DrawText(const Part& part, int left, absl::string_view fill) {
  return absl::StrFormat(
      R"(<text x="%d" y="14" textLength="%d" lengthAdjust="spacingAndGlyphs" fill="%s">%s</text>)",
      left + kPadding, part.text_width, fill, part.text);
}

}  // namespace

absl::StatusOr<BadgeStyle> ParseBadgeStyle(const Query& query) {
  BadgeStyle style;
  const auto label = FindParameter(query, "label");
  if (!label.ok()) return label.status();
  if (label->has_value()) {
    if (absl::Status status = CheckLabel(**label); !status.ok()) return status;
    style.label = std::string(absl::StripAsciiWhitespace(**label));
  }
  const auto color = FindParameter(query, "color");
  if (!color.ok()) return color.status();
  if (color->has_value()) {
    const absl::optional<uint32_t> parsed = ParseColor(**color);
    if (!parsed) return WrongParameter("color", "is not a color", ColorsTaken());
    style.color = *parsed;
  }
  return style;
}

std::string DrawBadge(const BadgeStyle& style, int64_t value) {
  const Part label(style.label);
  const Part number(ShortNumber(value));
  const int width = label.width() + number.width();
  const std::string name = absl::StrCat(label.text, ": ", number.text);
  return absl::StrCat(
      absl::StrFormat(R"(<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" )"
                      R"(viewBox="0 0 %d %d" role="img" aria-label="%s"><title>%s</title>)",
                      width, kHeight, width, kHeight, name, name),
      absl::StrFormat(R"(<rect width="%d" height="%d" rx="3" fill="#%06x"/>)", width, kHeight,
                      style.color),
      // Round at the left only.
      absl::StrFormat(R"(<path d="M3 0H%dV%dH3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#444"/>)",
                      label.width(), kHeight),
      R"(<g font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">)",
      DrawText(label, 0, "#fff"), DrawText(number, label.width(), ColorOfTextOn(style.color)),
      "</g></svg>\n");
}

double BadgeTextWidth(absl::string_view text) {
  int thousandths = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool goes_on = (byte & 0xc0) == 0x80;
    if (c >= ' ' && c <= '~') {
      thousandths += kAsciiWidths[c - ' '];
    } else if (!goes_on) {
      thousandths += byte >= kFirstSquareByte ? kSquareWidth : kLetterWidth;
    }
  }
  return thousandths * kFontSize / 1000;
}

}  // namespace livecounter::gateway
