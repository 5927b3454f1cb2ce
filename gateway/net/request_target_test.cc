#include "gateway/net/request_target.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

std::vector<std::pair<std::string, std::string>> Values(const RequestTarget& target) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& [name, value] : target.query) values.emplace_back(name, value.value());
  return values;
}

TEST(ParseRequestTargetTest, DecodesThePathOnce) {
  const std::pair<const char*, const char*> kCases[] = {
      {"/", "/"},
      {"/counters/2/", "/counters/2/"},
      {"/counters/a%20b/", "/counters/a b/"},
      {"/counters/a+b/", "/counters/a+b/"},
      {"/counters/%2541/", "/counters/%41/"},
      {"/counters/%c3%A9/", "/counters/\xc3\xa9/"},
      {"/counters/\xc3\xa9/", "/counters/\xc3\xa9/"},
      {"/counters/a%2Fb/", "/counters/a/b/"},
      {"/a//b/../c;d=1", "/a//b/../c;d=1"},
      {"/counters/%3f/", "/counters/?/"},
      {"*", "*"},
  };
  for (const auto& [target, path] : kCases) {
    const absl::StatusOr<RequestTarget> parsed = ParseRequestTarget(target);
    ASSERT_TRUE(parsed.ok()) << target << ": " << parsed.status();
    EXPECT_EQ(parsed->path, path);
    EXPECT_THAT(parsed->query, IsEmpty()) << target;
  }
}

TEST(ParseRequestTargetTest, KeepsParametersInOrderWithRepeats) {
  const absl::StatusOr<RequestTarget> parsed =
      ParseRequestTarget("/watch?key=demo&urlId=a&urlId=b&key=");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->path, "/watch");
  EXPECT_THAT(Values(*parsed), ElementsAre(Pair("key", "demo"), Pair("urlId", "a"),
                                           Pair("urlId", "b"), Pair("key", "")));
}

TEST(ParseRequestTargetTest, DecodesParameters) {
  const absl::StatusOr<RequestTarget> parsed = ParseRequestTarget(
      "/sub?urlId=https%3A%2F%2Fexample.com%2F%3Fa%3D1%26b&pId=a+b%2Bc&x=1=2;3&i&%69=t&&?=%25");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(Values(*parsed),
              ElementsAre(Pair("urlId", "https://example.com/?a=1&b"), Pair("pId", "a b+c"),
                          Pair("x", "1=2;3"), Pair("i", ""), Pair("i", "t"), Pair("?", "%")));
}

TEST(ParseRequestTargetTest, TakesAllTheParametersOfAWatch) {
  std::string target = "/watch?key=demo";
  for (int i = 0; i < 200; ++i) target += "&urlId=" + std::to_string(i);
  const absl::StatusOr<RequestTarget> parsed = ParseRequestTarget(target);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->query, SizeIs(201));
}

TEST(ParseRequestTargetTest, DropsTheHostOfAnAbsoluteForm) {
  const std::pair<const char*, const char*> kCases[] = {
      {"http://example.com/counters/2/", "/counters/2/"},
      {"HTTPS://example.com:8443/a?b=c", "/a"},
      {"http://example.com", "/"},
      {"http://example.com?b=c", "/"},
  };
  for (const auto& [target, path] : kCases) {
    const absl::StatusOr<RequestTarget> parsed = ParseRequestTarget(target);
    ASSERT_TRUE(parsed.ok()) << target << ": " << parsed.status();
    EXPECT_EQ(parsed->path, path) << target;
  }
}

TEST(ParseRequestTargetTest, WhatIsMalformedTroublesOnlyWhoReadsIt) {
  const absl::StatusOr<RequestTarget> parsed =
      ParseRequestTarget("/sub?utm=100%&%zz=1&x=%00&k%65y=demo&%00=2");
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_THAT(parsed->query, SizeIs(3)) << "those without a name are left out";
  const auto& [utm, why] = parsed->query[0];
  EXPECT_EQ(utm, "utm");
  EXPECT_THAT(why.status().message(), HasSubstr("In the parameter \"utm\" '%' at byte 3"));
  EXPECT_THAT(parsed->query[1].second.status().message(),
              HasSubstr("In the parameter \"x\" %00 is not taken"));
  EXPECT_EQ(*parsed->query[2].second, "demo");
}

TEST(ParseRequestTargetTest, TellsASlashThatWasEscaped) {
  for (const char* target : {"/counters/2%2F", "/counters%2f2", "/%2F?a=b"}) {
    EXPECT_TRUE(ParseRequestTarget(target)->has_escaped_slash) << target;
  }
  for (const char* target : {"/counters/2/", "/counters/%252F/", "/sub?urlId=a%2Fb"}) {
    EXPECT_FALSE(ParseRequestTarget(target)->has_escaped_slash) << target;
  }
}

TEST(ParseRequestTargetTest, RefusalsSayWhatIsWrong) {
  const std::pair<std::string, const char*> kCases[] = {
      {"", "neither a path nor"},
      {"counters/2/", "neither a path nor"},
      {"example.com:443", "neither a path nor"},
      {"ftp://example.com/", "neither a path nor"},
      {"/a b", "a space"},
      {"/a#b", "'#'"},
      {"/a\x01", "control character"},
      {"/a\x7f", "control character"},
      {std::string("/a\0b", 4), "control character"},
      {"/%", "in the path '%' at byte 1"},
      {"/%4", "in the path '%' at byte 1"},
      {"/%zz", "in the path '%' at byte 1"},
      {"/%00", "in the path %00 is not taken"},
  };
  for (const auto& [target, why] : kCases) {
    const absl::StatusOr<RequestTarget> parsed = ParseRequestTarget(target);
    ASSERT_FALSE(parsed.ok()) << target;
    EXPECT_THAT(parsed.status().message(), HasSubstr(why)) << target;
  }
}

}  // namespace
}  // namespace livecounter::gateway::net
