#include "bench/load/scanners.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Heard {
  void OnNumber(int64_t number) { numbers.push_back(number); }
  void OnPing() { ++pings; }
  void OnClose() { ++closes; }

  std::vector<int64_t> numbers;
  int pings = 0;
  int closes = 0;
};

template <typename Scanner>
Heard Whole(absl::string_view bytes) {
  Scanner scanner;
  Heard heard;
  scanner.Feed(bytes, heard);
  return heard;
}

template <typename Scanner>
Heard ByteByByte(absl::string_view bytes) {
  Scanner scanner;
  Heard heard;
  for (size_t i = 0; i < bytes.size(); ++i) scanner.Feed(bytes.substr(i, 1), heard);
  return heard;
}

std::string Frame(uint8_t first, absl::string_view payload) {
  std::string frame(1, static_cast<char>(first));
  if (payload.size() < 126) {
    frame += static_cast<char>(payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(126);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xFF);
  } else {
    frame += static_cast<char>(127);
    for (int shift = 56; shift >= 0; shift -= 8) {
      frame += static_cast<char>(payload.size() >> shift & 0xFF);
    }
  }
  return absl::StrCat(frame, payload);
}

std::string Text(absl::string_view payload) { return Frame(0x81, payload); }

TEST(HeadScanner, TakesTheHeadAndNothingBehindIt) {
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
  HeadScanner scanner;
  EXPECT_EQ(scanner.Feed(absl::StrCat(head, Text("7"))), head.size());
  EXPECT_TRUE(scanner.done());
  EXPECT_EQ(scanner.status(), 101);
  EXPECT_EQ(scanner.Feed("more"), 0u);
}

TEST(HeadScanner, AHeadMayArriveInPieces) {
  HeadScanner scanner;
  for (const char c : absl::string_view("HTTP/1.1 429 Too Many Requests\r\nA: 200\r\n\r")) {
    EXPECT_EQ(scanner.Feed(absl::string_view(&c, 1)), 1u);
    EXPECT_FALSE(scanner.done());
  }
  EXPECT_EQ(scanner.Feed("\n"), 1u);
  EXPECT_TRUE(scanner.done());
  EXPECT_EQ(scanner.status(), 429);
}

TEST(HeadScanner, ALoneCarriageReturnIsNoEnd) {
  HeadScanner scanner;
  scanner.Feed("HTTP/1.1 200 OK\r\nA: b\r\r\n");
  EXPECT_FALSE(scanner.done());
  scanner.Feed("\r\n");
  EXPECT_TRUE(scanner.done());
}

TEST(WebSocketScanner, FindsEachNumberHoweverTheBytesAreCut) {
  const std::string bytes = absl::StrCat(Text("26"), Text("0"), Text("9007199254740993"));
  EXPECT_THAT(Whole<WebSocketScanner>(bytes).numbers, ElementsAre(26, 0, 9007199254740993));
  EXPECT_THAT(ByteByByte<WebSocketScanner>(bytes).numbers, ElementsAre(26, 0, 9007199254740993));
}

TEST(WebSocketScanner, TellsOfPingsAndClosesAndKeepsItsPlace) {
  const std::string bytes = absl::StrCat(Frame(0x89, ""), Text("1"), Frame(0x89, "1234"), Text("2"),
                                         Frame(0x88, "\x03\xe9"));
  for (const Heard& heard : {Whole<WebSocketScanner>(bytes), ByteByByte<WebSocketScanner>(bytes)}) {
    EXPECT_THAT(heard.numbers, ElementsAre(1, 2));
    EXPECT_EQ(heard.pings, 2);
    EXPECT_EQ(heard.closes, 1);
  }
}

TEST(WebSocketScanner, PassesOverWhatIsNoNumber) {
  const std::string bytes = absl::StrCat(Text(""), Text("1a"), Text("{\"a\":12}"), Text("-3"),
                                         Text(std::string(300, 'x')), Frame(0x8A, "5"), Text("4"));
  EXPECT_THAT(Whole<WebSocketScanner>(bytes).numbers, ElementsAre(4));
  EXPECT_THAT(ByteByByte<WebSocketScanner>(bytes).numbers, ElementsAre(4));
}

TEST(WebSocketScanner, ReadsEveryFormOfLength) {
  for (const size_t size : {125u, 126u, 65535u, 65536u}) {
    const std::string bytes = absl::StrCat(Text(std::string(size, 'x')), Text("7"));
    EXPECT_THAT(Whole<WebSocketScanner>(bytes).numbers, ElementsAre(7)) << size;
  }
}

TEST(EventScanner, FindsEachNumberHoweverTheBytesAreCut) {
  const std::string bytes =
      "event: message\nid: 1-2\ndata: 26\n\ndata:27\n\nid: 9\r\ndata: 28\r\n\r\n";
  EXPECT_THAT(Whole<EventScanner>(bytes).numbers, ElementsAre(26, 27, 28));
  EXPECT_THAT(ByteByByte<EventScanner>(bytes).numbers, ElementsAre(26, 27, 28));
}

TEST(EventScanner, AnEventEndsWithItsBlankLineWhereverTheDataStands) {
  EXPECT_THAT(Whole<EventScanner>("data: 5\nid: 1-2\n").numbers, IsEmpty());
  EXPECT_THAT(Whole<EventScanner>("data: 5\nid: 1-2\n\n").numbers, ElementsAre(5));
}

TEST(EventScanner, CommentsRetriesAndBlankLinesAreNoEvents) {
  const std::string bytes =
      absl::StrCat(":", std::string(2048, ' '), "\nretry: 1000\n\n", ": hi\n\n",
                   "\n\ndatum: 4\n\n: data: 3\n\ndata: {}\n\ndata: 1\n\n");
  EXPECT_THAT(Whole<EventScanner>(bytes).numbers, ElementsAre(1));
}

TEST(EventScanner, ChunkedCodingAroundWholeEventsChangesNothing) {
  EXPECT_THAT(Whole<EventScanner>("9\r\ndata: 1\n\n\r\nda\r\ndata: 2\n\n\r\n").numbers,
              ElementsAre(1, 2));
}

}  // namespace
}  // namespace livecounter::bench
