#include "gateway/http/query.h"

#include <algorithm>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::HasSubstr;

Query ValidQuery() {
  return {{"urlId", "https://example.com/a?b=c"}, {"key", "demo"}, {"pId", "me"}};
}

Query With(absl::string_view name, const std::string& value) {
  Query query = ValidQuery();
  const auto found =
      std::find_if(query.begin(), query.end(), [&](const auto& p) { return p.first == name; });
  if (found == query.end()) {
    query.emplace_back(std::string(name), value);
  } else {
    found->second = value;
  }
  return query;
}

Query Without(absl::string_view name) {
  Query query = ValidQuery();
  const auto found =
      std::find_if(query.begin(), query.end(), [&](const auto& p) { return p.first == name; });
  if (found != query.end()) query.erase(found);
  return query;
}

Query WithSecond(const std::string& name) {
  Query query = With(name, "t");
  query.emplace_back(name, "t");
  return query;
}

// The parameter is named in quotes at the start of the message, and `says` follows.
void ExpectRefused(const Query& query, absl::string_view name, absl::string_view says) {
  const auto parsed = ParseSubParameters(query);
  ASSERT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << name << " " << says;
  EXPECT_THAT(std::string(parsed.status().message()),
              HasSubstr("The parameter \"" + std::string(name) + "\" " + std::string(says)));
}

TEST(SubParametersTest, ReadsWhatIsInItsForm) {
  const auto parsed = ParseSubParameters(ValidQuery());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->url_id, "https://example.com/a?b=c");
  EXPECT_EQ(parsed->key, "demo");
  EXPECT_EQ(parsed->presence_id, "me");
  EXPECT_TRUE(parsed->contributes);
}

TEST(SubParametersTest, WhatIsMalformedIsRefusedWhereItIsRead) {
  const absl::Status why = absl::InvalidArgumentError("In the parameter …");
  for (const char* name : {"urlId", "key", "pId", "i"}) {
    Query query = Without(name);
    query.emplace_back(name, why);
    EXPECT_EQ(ParseSubParameters(query).status(), why) << name;
  }
  for (const char* name : {"label", "color", "utm"}) {
    Query query = ValidQuery();
    query.emplace_back(name, why);
    EXPECT_TRUE(ParseSubParameters(query).ok()) << name;
  }
}

TEST(SubParametersTest, ContributesUnlessAskedNotTo) {
  EXPECT_TRUE(ParseSubParameters(With("i", "t"))->contributes);
  EXPECT_FALSE(ParseSubParameters(With("i", "f"))->contributes);
  for (const char* value : {"", "true", "T", "F", "1", "tt", "f "}) {
    ExpectRefused(With("i", value), "i", "has another value; it takes t");
  }
}

TEST(SubParametersTest, RefusesWhatIsMissingOrEmpty) {
  for (const char* name : {"urlId", "key", "pId"}) {
    ExpectRefused(Without(name), name, "is missing; it takes 1 to");
    ExpectRefused(With(name, ""), name, "is empty; it takes 1 to");
  }
  EXPECT_FALSE(ParseSubParameters({}).ok());
}

TEST(SubParametersTest, RefusesWhatIsThereTwice) {
  for (const char* name : {"urlId", "key", "pId", "i"}) {
    ExpectRefused(WithSecond(name), name, "is there twice; it takes one value");
  }
}

TEST(SubParametersTest, TakesUpToTheLimitInBytes) {
  const std::pair<const char*, size_t> limits[] = {{"urlId", 2048}, {"key", 64}, {"pId", 256}};
  for (const auto& [name, limit] : limits) {
    EXPECT_TRUE(ParseSubParameters(With(name, std::string(limit, 'x'))).ok()) << name;
    ExpectRefused(With(name, std::string(limit + 1, 'x')), name,
                  "has " + std::to_string(limit + 1) + " bytes; it takes 1 to " +
                      std::to_string(limit) + " bytes");
  }
}

TEST(SubParametersTest, RefusesWhatIsNotUtf8) {
  for (const char* name : {"urlId", "key", "pId"}) {
    EXPECT_TRUE(ParseSubParameters(With(name, "\xE2\x82\xAC")).ok());
    for (const char* bytes : {"\xff", "\xE2\x82", "\xC0\xAF", "\xED\xA0\x80"}) {
      ExpectRefused(With(name, bytes), name, "is not valid UTF-8; it takes 1 to");
    }
  }
}

TEST(SubParametersTest, NamesAreExactAndOthersAreIgnored) {
  Query query = ValidQuery();
  query.emplace_back("utm_source", "a");
  query.emplace_back("utm_source", "b");
  query.emplace_back("URLID", "c");
  EXPECT_TRUE(ParseSubParameters(query).ok());
  EXPECT_FALSE(ParseSubParameters({{"urlid", "a"}, {"key", "demo"}, {"pId", "me"}}).ok());
}

TEST(FindParameterTest, TellsMissingFromEmptyAndDoubled) {
  EXPECT_EQ(*FindParameter({}, "key"), absl::nullopt);
  EXPECT_EQ(*FindParameter({{"key", ""}}, "key"), "");
  EXPECT_EQ(*FindParameter({{"a", "b"}, {"key", "demo"}}, "key"), "demo");
  EXPECT_EQ(FindParameter({{"key", "a"}, {"key", "a"}}, "key").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace livecounter::gateway
