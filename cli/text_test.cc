#include "cli/text.h"

#include "cli/table.h"
#include "gtest/gtest.h"

namespace livecounter::cli {
namespace {

TEST(TextTest, WidthIsThatOfTheTerminal) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("Grüße"), 5u);
  EXPECT_EQ(DisplayWidth("日本"), 4u);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1u) << "a combining accent stands over its letter";
  EXPECT_EQ(DisplayWidth("a\xff"), 2u) << "a broken byte counts one";
}

TEST(TextTest, WhatWouldSteerTheTerminalIsEscaped) {
  EXPECT_EQ(Printable("shop \x1b[31mred"), "shop \\x1b[31mred");
  EXPECT_EQ(Printable("a\nb\tc"), "a\\x0ab\\x09c");
  EXPECT_EQ(Printable("a\xff\xfe"), "a\\xff\\xfe");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b"
            "31m")
      << "the one-byte CSI of ISO 6429";
  EXPECT_EQ(Printable("Grüße 日本"), "Grüße 日本");
}

TEST(TextTest, FitCutsAtTheWidth) {
  EXPECT_EQ(Fit("abcdef", 6), "abcdef");
  EXPECT_EQ(Fit("abcdef", 4), "abc…");
  EXPECT_EQ(Fit("日本語", 4), "日…") << "half of a wide character is none";
  EXPECT_EQ(Fit("abc", 0), "");
}

TEST(TextTest, PadsByWidthAndNotByBytes) {
  EXPECT_EQ(PadRight("ü", 3), "ü  ");
  EXPECT_EQ(PadLeft("日", 3), " 日");
  EXPECT_EQ(PadLeft("abc", 2), "abc");
}

TEST(TextTest, NumbersAreGroupedInThousands) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1'000), "1,000");
  EXPECT_EQ(Grouped(-123'456), "-123,456");
  EXPECT_EQ(Grouped(INT64_MAX), "9,223,372,036,854,775,807");
}

TEST(TextTest, SparklineScalesToItsGreatest) {
  EXPECT_EQ(Sparkline({}), "");
  EXPECT_EQ(Sparkline({0, 0}), "▁▁");
  EXPECT_EQ(Sparkline({0, 7, 14}), "▁▅█");
}

TEST(TextTest, BarFillsInEighths) {
  EXPECT_EQ(Bar(0, 4), "    ");
  EXPECT_EQ(Bar(0.5, 4), "██  ");
  EXPECT_EQ(Bar(0.125, 4), "▌   ");
  EXPECT_EQ(Bar(1, 4), "████");
  EXPECT_EQ(Bar(7, 4), "████");
}

TEST(TextTest, WrapsWords) {
  EXPECT_EQ(Wrapped("one two three", "  ", 9), "  one two\n  three\n");
  EXPECT_EQ(Wrapped("unbreakable", "", 4), "unbreakable\n");
}

TEST(TableTest, AlignsByWidthAndLeavesNoBlanksAtTheEnd) {
  Table table({{"NAME"}, {"HITS", Table::Align::kRight}, {"NOTE"}});
  table.AddRow({"日本", "5", ""});
  table.AddRow({"ü", "1,000", "x"});
  EXPECT_EQ(table.ToString(),
            "NAME   HITS  NOTE\n"
            "日本      5\n"
            "ü     1,000  x\n");
}

TEST(TableTest, CellsCannotSteerTheTerminal) {
  Table table({{"NAME"}});
  table.AddRow({"\x1b[2Jgone"});
  EXPECT_EQ(table.ToString(), "NAME\n\\x1b[2Jgone\n");
}

TEST(SheetTest, LeavesOutWhatHasNoValue) {
  Sheet sheet;
  sheet.Add("name", "x");
  sheet.Add("nothing", "");
  sheet.Add("longer name", "y\n");
  EXPECT_EQ(sheet.ToString(), "name         x\nlonger name  y\\x0a\n");
}

}  // namespace
}  // namespace livecounter::cli
