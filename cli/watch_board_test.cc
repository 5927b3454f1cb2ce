#include "cli/watch_board.h"

#include <string>
#include <vector>

#include "cli/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kFirst = "accounts/demo/products/web/counters/1";
const std::string kSecond = "accounts/demo/products/web/counters/two";

v1::Counter Value(const std::string& name, uint64_t epoch, uint64_t revision, int64_t hits,
                  int64_t present) {
  v1::Counter counter;
  counter.set_name(name);
  counter.set_epoch(epoch);
  counter.set_revision(revision);
  if (hits >= 0) counter.set_hits(hits);
  counter.set_present(present);
  return counter;
}

std::vector<std::string> Lines(const WatchBoard& board, TerminalSize size = {}) {
  return board.Lines(size, Style{}, "live");
}

TEST(WatchBoardTest, ShowsWhatIsNotKnownYetAsDashes) {
  const WatchBoard board({kFirst, kSecond});
  EXPECT_THAT(Lines(board), ElementsAre("live", "COUNTER       HITS  HITS/S  PRESENT  LAST 30 S",
                                        "demo/web/1       –       –        –",
                                        "demo/web/two     –       –        –"));
}

TEST(WatchBoardTest, TheNewestValueStays) {
  WatchBoard board({kFirst});
  EXPECT_TRUE(board.Apply(Value(kFirst, 1, 5, 10, 0)));
  EXPECT_FALSE(board.Apply(Value(kFirst, 1, 4, 9, 0)));
  EXPECT_TRUE(board.Apply(Value(kFirst, 2, 1, 3, 0))) << "a higher epoch, after a restore";
  EXPECT_FALSE(board.Apply(Value(kSecond, 9, 9, 9, 0))) << "not watched";
  EXPECT_THAT(Lines(board)[2], HasSubstr(" 3 "));
}

TEST(WatchBoardTest, RatesAreOfTheLastTenSeconds) {
  WatchBoard board({kFirst});
  for (int second = 0; second <= 20; ++second) {
    board.Apply(
        Value(kFirst, 1, static_cast<uint64_t>(second), second < 10 ? 0 : (second - 10) * 5, 2));
    board.Sample();
  }
  EXPECT_THAT(Lines(board)[2], HasSubstr("  50     5.0        2  ▁▁▁▁▁▁▁▁▁▁██████████"));
}

TEST(WatchBoardTest, WithoutHitsTheSparklineIsOfPresence) {
  WatchBoard board({kFirst});
  for (int second = 0; second < 4; ++second) {
    board.Apply(Value(kFirst, 1, static_cast<uint64_t>(second), -1, second * 7));
    board.Sample();
  }
  EXPECT_THAT(Lines(board)[2], HasSubstr("–       –       21  ▁▃▆█"));
}

TEST(WatchBoardTest, SamplesAreBounded) {
  WatchBoard board({kFirst});
  for (uint64_t second = 0; second < 500; ++second) {
    board.Apply(Value(kFirst, 1, second, static_cast<int64_t>(second), 1));
    board.Sample();
  }
  EXPECT_LE(DisplayWidth(Lines(board)[2]), 80u);
}

TEST(WatchBoardTest, NoLineIsWiderThanTheTerminalAndTheNumbersComeFirst) {
  const std::string longest = kFirst + std::string(100, 'x');
  WatchBoard board({longest});
  for (int second = 0; second < 40; ++second) {
    board.Apply(Value(longest, 1, static_cast<uint64_t>(second), second, 123));
    board.Sample();
  }
  for (const int columns : {1, 10, 40, 60, 80, 200}) {
    for (const std::string& line : Lines(board, {.columns = columns, .rows = 24})) {
      EXPECT_LE(DisplayWidth(line), static_cast<size_t>(columns)) << line;
    }
  }
  EXPECT_THAT(Lines(board, {.columns = 40, .rows = 24})[2], HasSubstr("…    39     1.0      123"));
}

TEST(WatchBoardTest, WhatDoesNotFitBelowIsCounted) {
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i)
    names.push_back("accounts/demo/products/web/counters/c" + std::to_string(i));
  const std::vector<std::string> lines = Lines(WatchBoard(names), {.columns = 80, .rows = 10});
  EXPECT_EQ(lines.size(), 9u);
  EXPECT_THAT(lines.back(), HasSubstr("and 14 more"));
}

TEST(WatchBoardTest, NamesCannotSteerTheTerminal) {
  const WatchBoard board({"accounts/demo/products/web/counters/%1B%5B2J"});
  EXPECT_THAT(Lines(board)[2], HasSubstr("demo/web/\\x1b[2J"));
  EXPECT_THAT(
      WatchLine(Value("accounts/demo/products/web/counters/%0A", 1, 1, 1, 1), absl::UnixEpoch()),
      "1970-01-01T00:00:00.000Z demo/web/\\x0a hits=1 present=1\n");
}

}  // namespace
}  // namespace livecounter::cli
