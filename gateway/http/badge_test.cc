#include "gateway/http/badge.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Error(const Query& query) {
  return std::string(ParseBadgeStyle(query).status().message());
}

// Of a badge with this label.
std::string Draw(std::string label, int64_t value = 1, uint32_t color = 0) {
  return DrawBadge({.label = std::move(label), .color = color}, value);
}

int AttributeOf(const std::string& svg, absl::string_view tag, absl::string_view name) {
  const size_t at = svg.find(absl::StrCat(name, "=\""), svg.find(absl::StrCat("<", tag)));
  return std::stoi(svg.substr(at + name.size() + 2));
}

TEST(ParseBadgeStyleTest, LabelAndColorMayBeLeftOut) {
  const auto style = ParseBadgeStyle({{"key", "demo"}});
  ASSERT_TRUE(style.ok());
  EXPECT_EQ(style->label, "hits");
}

TEST(ParseBadgeStyleTest, TakesAnyTextForALabel) {
  for (const std::string& label : {std::string("visitors today"), std::string("<&>\"'"),
                                   std::string("Besucher für 世界 🎉"), std::string(128, 'x')}) {
    const auto style = ParseBadgeStyle({{"label", label}});
    ASSERT_TRUE(style.ok()) << style.status();
    EXPECT_EQ(style->label, label);
  }
}

TEST(ParseBadgeStyleTest, SpacesAroundALabelAreNotDrawn) {
  EXPECT_EQ(ParseBadgeStyle({{"label", " views "}})->label, "views");
}

TEST(ParseBadgeStyleTest, RefusesWhatIsNoLabel) {
  EXPECT_EQ(Error({{"label", ""}}),
            "The parameter \"label\" is empty; it takes 1 to 128 bytes of UTF-8 on one line, "
            "percent-encoded in the URL.");
  EXPECT_THAT(Error({{"label", "  "}}), HasSubstr("is empty"));
  EXPECT_THAT(Error({{"label", std::string(129, 'x')}}), HasSubstr("has 129 bytes"));
  EXPECT_THAT(Error({{"label", "a\xff"}}), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(Error({{"label", "a"}, {"label", "b"}}), HasSubstr("there twice"));
  for (const char* label : {"a\nb", "a\tb", "\x1b[31m", "\x7f", "\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    EXPECT_THAT(Error({{"label", label}}), HasSubstr("control character"));
  }
}

TEST(ParseBadgeStyleTest, TakesColorsByNameAndInDigits) {
  const std::pair<const char*, uint32_t> cases[] = {
      {"black", 0x000000},   {"Red", 0xc8312b}, {"brightgreen", 0x44cc11}, {"a1b2c3", 0xa1b2c3},
      {"#a1b2c3", 0xa1b2c3}, {"FFF", 0xffffff}, {"#0af", 0x00aaff},
  };
  for (const auto& [text, color] : cases) {
    const auto style = ParseBadgeStyle({{"color", text}});
    ASSERT_TRUE(style.ok()) << text;
    EXPECT_EQ(style->color, color) << text;
  }
}

TEST(ParseBadgeStyleTest, RefusesWhatIsNoColorAndDoesNotRepeatIt) {
  for (const char* color :
       {"", "#", "ff", "ffff", "fffffff", "ggg", "##fff", "0x1234", "-12345", "url(#a)", "nocolor",
        "\"/><script>alert(1)</script>", "red;", "+fffff"}) {
    EXPECT_THAT(Error({{"color", color}}),
                AllOf(HasSubstr("The parameter \"color\" is not a color; it takes 3 or 6 hex"),
                      HasSubstr("yellowgreen"), Not(HasSubstr("script"))))
        << color;
  }
  EXPECT_THAT(Error({{"color", "red"}, {"color", "red"}}), HasSubstr("there twice"));
}

TEST(DrawBadgeTest, ShowsLabelAndShortNumber) {
  const std::string svg = Draw("visits", 12'345, 0xc8312b);
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""));
  EXPECT_THAT(svg, AllOf(HasSubstr(">visits</text>"), HasSubstr(">12.3k</text>"),
                         HasSubstr("fill=\"#c8312b\"")));
}

TEST(DrawBadgeTest, SaysTheSameToAScreenReader) {
  EXPECT_THAT(Draw("visits", 1'234),
              HasSubstr("role=\"img\" aria-label=\"visits: 1,234\"><title>visits: 1,234</title>"));
}

TEST(DrawBadgeTest, EscapesTheLabelWhereverItStands) {
  const std::string svg = Draw("</text><script>alert('\"&')</script>");
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(
      svg, AllOf(HasSubstr("aria-label=\"&lt;/text&gt;&lt;script&gt;alert(&#39;&quot;&amp;&#39;)"),
                 HasSubstr(">&lt;/text&gt;&lt;script&gt;")));
}

TEST(DrawBadgeTest, TextsHaveTheRoomThatTheyAreSaidToNeed) {
  for (const char* label : {"i", "hits", "WWWWWWWW", "Grüße", "世界", "<&>"}) {
    const std::string svg = Draw(label, 5'100'000);
    const int label_width = static_cast<int>(std::ceil(BadgeTextWidth(label)));
    const int number_width = static_cast<int>(std::ceil(BadgeTextWidth("5.1M")));
    EXPECT_EQ(AttributeOf(svg, "text", "textLength"), label_width);
    EXPECT_EQ(AttributeOf(svg, "svg", "width"), label_width + number_width + 4 * 6);
    EXPECT_THAT(svg, HasSubstr(absl::StrCat("textLength=\"", number_width,
                                            "\" lengthAdjust=\"spacingAndGlyphs\"")));
  }
}

TEST(DrawBadgeTest, TheNumberIsBlackOnLightAndWhiteOnDark) {
  for (const uint32_t light : {0xffffffu, 0xdfb317u, 0x44cc11u, 0x9f9f9fu}) {
    EXPECT_THAT(Draw("a", 1, light), HasSubstr("fill=\"#000\">1</text>")) << light;
  }
  for (const uint32_t dark : {0x000000u, 0x0366d6u, 0x555555u, 0xc8312bu}) {
    EXPECT_THAT(Draw("a", 1, dark), HasSubstr("fill=\"#fff\">1</text>")) << dark;
  }
}

TEST(BadgeTextWidthTest, IsTheSumOfItsLetters) {
  EXPECT_DOUBLE_EQ(BadgeTextWidth(""), 0);
  EXPECT_DOUBLE_EQ(BadgeTextWidth("0"), 0.636 * 11);
  EXPECT_DOUBLE_EQ(BadgeTextWidth(" ~"), (0.352 + 0.838) * 11);
  EXPECT_DOUBLE_EQ(BadgeTextWidth("hits"), (0.634 + 0.278 + 0.394 + 0.521) * 11);
}

TEST(BadgeTextWidthTest, OtherLettersCountOnceEach) {
  EXPECT_DOUBLE_EQ(BadgeTextWidth("ü"), 0.68 * 11);
  EXPECT_DOUBLE_EQ(BadgeTextWidth("Ж"), 0.68 * 11);
  EXPECT_DOUBLE_EQ(BadgeTextWidth("世"), 11);
  EXPECT_DOUBLE_EQ(BadgeTextWidth("🎉"), 11);
}

}  // namespace
}  // namespace livecounter::gateway
