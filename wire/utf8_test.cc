#include "wire/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace livecounter::wire {
namespace {

TEST(Utf8Test, TextOfEveryLengthIsAccepted) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("plain"));
  EXPECT_TRUE(IsUtf8(absl::string_view("\0", 1)));
  EXPECT_TRUE(IsUtf8("\xC2\x80 \xDF\xBF"));                                    // U+0080, U+07FF
  EXPECT_TRUE(IsUtf8("\xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF"));  // U+0800 … U+FFFF
  EXPECT_TRUE(IsUtf8("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"));                    // U+10000, U+10FFFF
}

TEST(Utf8Test, MalformedBytesAreRefused) {
  for (const char* bytes : {
           "\x80", "\xBF",                                  // a continuation with no lead
           "\xC0\x80", "\xC1\xBF",                          // overlong, two bytes
           "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF",              // overlong, three and four bytes
           "\xED\xA0\x80", "\xED\xBF\xBF",                  // surrogates
           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",          // above U+10FFFF
           "\xFE", "\xFF",                                  // never a byte of UTF-8
           "\xC2", "\xE1\x80", "\xF1\x80\x80",              // cut off
           "\xC2\x41", "\xE1\x80\x41", "\xF1\x80\x41\x80",  // another character inside
       }) {
    EXPECT_FALSE(IsUtf8(bytes)) << testing::PrintToString(std::string(bytes));
    EXPECT_FALSE(IsUtf8(std::string("a") + bytes + "b"));
  }
}

}  // namespace
}  // namespace livecounter::wire
