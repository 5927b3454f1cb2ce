#include "wire/page_token.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace livecounter::wire {
namespace {

TEST(PageTokenTest, SaysWhereItsListGoesOn) {
  for (const std::string& last :
       {std::string("a"), std::string("\xff\x00\xff", 3), std::string(2'048, 'x')}) {
    EXPECT_EQ(ReadPageToken("accounts/a", MakePageToken("accounts/a", last)), last);
  }
}

TEST(PageTokenTest, IsOfNoOtherList) {
  const std::string token = MakePageToken("accounts/a/", "p");
  EXPECT_FALSE(ReadPageToken("accounts/b/", token));
  EXPECT_FALSE(ReadPageToken("accounts/-", token));
}

TEST(PageTokenTest, IsRefusedWithAnyByteChanged) {
  const std::string token = MakePageToken("accounts/", "accounts/demo");
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'z', '_', '='}) {
      std::string changed = token;
      changed[i] = other;
      EXPECT_EQ(ReadPageToken("accounts/", changed).has_value(), changed == token) << changed;
    }
    EXPECT_FALSE(ReadPageToken("accounts/", token.substr(0, i)));
    EXPECT_FALSE(ReadPageToken("accounts/", token.substr(i + 1)));
  }
  EXPECT_FALSE(ReadPageToken("accounts/", token + "A"));
  EXPECT_FALSE(ReadPageToken("accounts/", absl::WebSafeBase64Escape("accounts/demo")));
}

}  // namespace
}  // namespace livecounter::wire
