#include "observability/logging.h"

#include <unistd.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace livecounter::observability {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr absl::string_view kNow = "2024-05-01T12:00:00.1236Z";

absl::Time FixedNow() {
  absl::Time now;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, kNow, &now, &error)) << error;
  return now;
}

class LoggingTest : public testing::Test {
 protected:
  Logger::Options Options(LogFormat format = LogFormat::kJson, LogLevel minimum = LogLevel::kInfo) {
    return {.format = format,
            .minimum = minimum,
            .sink = [this](absl::string_view line) { lines_.emplace_back(line); },
            .now = FixedNow};
  }
  nlohmann::json OnlyLine() {
    EXPECT_EQ(lines_.size(), 1u);
    return nlohmann::json::parse(lines_.at(0));
  }

  std::vector<std::string> lines_;
};

TEST_F(LoggingTest, JsonLineHasTimeLevelEventAndTypedFieldsInOrder) {
  Logger(Options()).Warning("session_closed", {{"gateway", "g-1"},
                                               {"clean", false},
                                               {"watched", 3},
                                               {"held", size_t{4}},
                                               {"age_seconds", absl::Milliseconds(1500)},
                                               {"ratio", 0.5}});
  EXPECT_THAT(lines_, ElementsAre("{\"time\":\"2024-05-01T12:00:00.123Z\",\"level\":\"warning\","
                                  "\"event\":\"session_closed\",\"gateway\":\"g-1\","
                                  "\"clean\":false,\"watched\":3,\"held\":4,"
                                  "\"age_seconds\":1.5,\"ratio\":0.5}\n"));
}

TEST_F(LoggingTest, TextLineQuotesOnlyWhatNeedsIt) {
  Logger(Options(LogFormat::kText)).Error("failed", {{"part", "engine"}, {"why", "disk full"}});
  EXPECT_THAT(lines_,
              ElementsAre("2024-05-01T12:00:00.123Z ERROR failed part=engine why=\"disk full\"\n"));
}

TEST_F(LoggingTest, TextLineStaysOneLineWhateverTheValue) {
  Logger(Options(LogFormat::kText)).Info("odd", {{"a", "x\ny"}, {"b", ""}, {"c", "k=v"}});
  EXPECT_THAT(lines_, ElementsAre(EndsWith(" odd a=\"x\\ny\" b=\"\" c=\"k=v\"\n")));
}

TEST_F(LoggingTest, AnyBytesAreLoggedAsValidJson) {
  std::string every_byte;
  for (int c = 0; c < 256; ++c) every_byte.push_back(static_cast<char>(c));
  Logger(Options()).Info("bytes", {{"value", every_byte}, {"cut", "ab\xe2\x82"}});
  const nlohmann::json line = OnlyLine();
  EXPECT_EQ(line["cut"], "ab\xEF\xBF\xBD");
  EXPECT_EQ(line["value"].get<std::string>().substr(0, 128), every_byte.substr(0, 128));
}

TEST_F(LoggingTest, EventAndKeysMayBeAnyBytesToo) {
  Logger(Options()).Info("e\xff", {{"k\xff", 1}});
  EXPECT_EQ(OnlyLine()["event"], "e\xEF\xBF\xBD");
}

TEST_F(LoggingTest, LargestNumbersKeepTheirValue) {
  Logger(Options()).Info("numbers", {{"max", std::numeric_limits<uint64_t>::max()},
                                     {"min", std::numeric_limits<int64_t>::min()},
                                     {"not_a_number", std::numeric_limits<double>::quiet_NaN()}});
  const nlohmann::json line = OnlyLine();
  EXPECT_EQ(line["max"].get<uint64_t>(), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(line["min"].get<int64_t>(), std::numeric_limits<int64_t>::min());
  EXPECT_TRUE(line["not_a_number"].is_null());
}

TEST_F(LoggingTest, StatusIsLoggedWithItsCode) {
  Logger(Options()).Error("open_failed", {{"error", absl::NotFoundError("no such folder")}});
  EXPECT_EQ(OnlyLine()["error"], "NOT_FOUND: no such folder");
}

TEST_F(LoggingTest, EventsBelowTheMinimumAreNotWritten) {
  Logger logger(Options(LogFormat::kJson, LogLevel::kWarning));
  logger.Debug("a");
  logger.Info("b");
  EXPECT_THAT(lines_, ElementsAre());
  EXPECT_FALSE(logger.enabled(LogLevel::kInfo));
  logger.Warning("c");
  logger.Error("d");
  EXPECT_EQ(lines_.size(), 2u);
}

TEST_F(LoggingTest, TextUnderASensitiveKeyIsWithheld) {
  Logger(Options()).Info("leak", {{"pId", "cookie-of-a-customer"},
                                  {"admin_token", "t0ps3cret"},
                                  {"Signing-Secret", std::string("whsec")},
                                  {"query", "pId=1&key=2"},
                                  {"pid", 4711},
                                  {"token", ""}});
  const nlohmann::json line = OnlyLine();
  EXPECT_EQ(line["pId"], "[withheld]");
  EXPECT_EQ(line["admin_token"], "[withheld]");
  EXPECT_EQ(line["Signing-Secret"], "[withheld]");
  EXPECT_EQ(line["query"], "[withheld]");
  EXPECT_EQ(line["pid"], 4711) << "a process number is no secret";
  EXPECT_EQ(line["token"], "") << "that there is none is worth knowing";
}

TEST(SensitiveKeyTest, NamesOfSecretsAreSensitiveAndOthersAreNot) {
  for (absl::string_view key : {"pId", "p_id", "PID", "page_token", "TOKEN", "client_secret",
                                "password", "Set-Cookie", "authorization", "query", "request_uri",
                                "endpoint_url", "urlId", "url_id", "presence_id"}) {
    EXPECT_TRUE(IsSensitiveKey(key)) << key;
  }
  for (absl::string_view key : {"rapid", "gateway", "error", "path", "part", "tokens_left", ""}) {
    EXPECT_FALSE(IsSensitiveKey(key)) << key;
  }
}

TEST(LogClassesTest, PathOnlyDropsQueryAndFragment) {
  EXPECT_EQ(PathOnly("/sub?pId=1&key=2"), "/sub");
  EXPECT_EQ(PathOnly("/sub#pId=1"), "/sub");
  EXPECT_EQ(PathOnly("/counters/2/"), "/counters/2/");
  EXPECT_EQ(PathOnly("?x"), "");
}

TEST(LogClassesTest, SizeClassHasItsBordersAtTheContractsLimits) {
  EXPECT_EQ(SizeClass(""), "empty");
  EXPECT_EQ(SizeClass(std::string(16, 'x')), "1-16 bytes");
  EXPECT_EQ(SizeClass(std::string(17, 'x')), "17-64 bytes");
  EXPECT_EQ(SizeClass(std::string(65, 'x')), "65-256 bytes");
  EXPECT_EQ(SizeClass(std::string(256, 'x')), "65-256 bytes");
  EXPECT_EQ(SizeClass(std::string(2048, 'x')), "257-2048 bytes");
  EXPECT_EQ(SizeClass(std::string(2049, 'x')), "over 2048 bytes");
}

TEST(LogFlagTest, LevelsAndFormatsParseAndPrintTheirNames) {
  std::string error;
  for (LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    LogLevel parsed = LogLevel::kInfo;
    EXPECT_TRUE(AbslParseFlag(AbslUnparseFlag(level), &parsed, &error));
    EXPECT_EQ(parsed, level);
  }
  for (LogFormat format : {LogFormat::kJson, LogFormat::kText}) {
    LogFormat parsed = LogFormat::kJson;
    EXPECT_TRUE(AbslParseFlag(AbslUnparseFlag(format), &parsed, &error));
    EXPECT_EQ(parsed, format);
  }
}

TEST(LogFlagTest, AnUnknownNameListsTheKnownOnes) {
  LogLevel level = LogLevel::kError;
  std::string error;
  EXPECT_FALSE(AbslParseFlag("loud", &level, &error));
  EXPECT_EQ(error, "one of debug, info, warning, error");
  EXPECT_EQ(level, LogLevel::kError);
}

TEST(LoggerThreadsTest, LinesOfManyThreadsStayWhole) {
  std::string all;
  Logger logger({.sink = [&all](absl::string_view line) { all.append(line.data(), line.size()); }});
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&logger, t] {
      for (int i = 0; i < 200; ++i) logger.Info("tick", {{"thread", t}, {"n", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<std::string> lines = absl::StrSplit(all, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 800u);
  for (const std::string& line : lines) EXPECT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST(LoggerTest, WritesToStandardErrorByDefault) {
  testing::internal::CaptureStderr();
  Logger().Info("hello");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("\"event\":\"hello\"}\n"));
}

}  // namespace
}  // namespace livecounter::observability
