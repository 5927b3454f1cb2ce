#include "gateway/watch_message.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(WatchMessageTest, AddsAndRemoves) {
  const auto command = ParseWatchCommand(R"({"add":["c","ü"],"remove":["a"],"other":1})");
  ASSERT_TRUE(command.ok());
  EXPECT_THAT(command->add, ElementsAre("c", "ü"));
  EXPECT_THAT(command->remove, ElementsAre("a"));
}

TEST(WatchMessageTest, BothMayBeMissing) {
  const auto command = ParseWatchCommand(" {} ");
  ASSERT_TRUE(command.ok());
  EXPECT_THAT(command->add, IsEmpty());
  EXPECT_THAT(command->remove, IsEmpty());
}

TEST(WatchMessageTest, EscapesAreRead) {
  const auto command = ParseWatchCommand(R"({"add":["\u00fc\n"]})");
  ASSERT_TRUE(command.ok());
  EXPECT_THAT(command->add, ElementsAre("ü\n"));
}

TEST(WatchMessageTest, AnythingElseIsRefusedWithWhatItTakes) {
  for (const std::string& message :
       {std::string(), std::string("12"), std::string("[]"), std::string("{"),
        std::string(R"({"add":["a"]} trailing)"), std::string("{\"add\":[\"\xff\"]}"),
        std::string(R"({"add":["\ud800"]})"), std::string(10'000, '[')}) {
    const auto command = ParseWatchCommand(message);
    ASSERT_FALSE(command.ok()) << message;
    EXPECT_THAT(std::string(command.status().message()), HasSubstr("messages are JSON"));
  }
  for (const std::string& ids :
       {std::string("\"a\""), std::string("[1]"), std::string("[\"\"]"), std::string("{}"),
        std::string(R"(["\u0000"])"), std::string("null"),
        absl::StrCat("[\"", std::string(2049, 'x'), "\"]")}) {
    for (const char* name : {"add", "remove"}) {
      const auto command = ParseWatchCommand(absl::StrCat("{\"", name, "\":", ids, "}"));
      ASSERT_FALSE(command.ok()) << ids;
      EXPECT_THAT(std::string(command.status().message()), HasSubstr(name));
      EXPECT_LE(command.status().message().size(), 100u);
    }
  }
}

TEST(WatchMessageTest, NumbersMakeOneObject) {
  std::string object;
  AppendNumber("a", 12, &object);
  AppendNumber("b", 3, &object);
  EXPECT_EQ(FinishObject(object), R"({"a":12,"b":3})");
  EXPECT_EQ(FinishObject(""), "{}");
}

TEST(WatchMessageTest, WhateverTheIdItIsJson) {
  std::string object;
  for (const std::string& id : {std::string("\"\\/\b\x01\n"), std::string("ü</script>"),
                                std::string("a\0b", 3), std::string(2048, '"')}) {
    AppendNumber(id, std::numeric_limits<int64_t>::max(), &object);
  }
  const auto parsed = nlohmann::json::parse(FinishObject(object));
  EXPECT_EQ(parsed.size(), 4u);
  EXPECT_EQ(parsed[std::string("a\0b", 3)], std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace livecounter::gateway
