#include "gateway/net/frame_reader.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gateway/net/testing/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

using ::testing::ElementsAre;
using Result = FrameReader::Result;
using namespace std::string_literals;  // NOLINT(google-build-using-namespace): for NULs in frames

std::string Describe(Result result, const FrameReader& reader) {
  const std::string payload(reader.payload());
  switch (result) {
    case Result::kMessage:
      return absl::StrCat(reader.is_final() ? "message " : "part ", payload);
    case Result::kPing:
      return absl::StrCat("ping ", payload);
    case Result::kPong:
      return absl::StrCat("pong ", payload);
    case Result::kClose:
      return absl::StrCat("close ", payload);
    case Result::kBreach:
      return "breach";
    case Result::kNeedsMore:
      break;
  }
  return "needs more";
}

std::vector<std::string> ReadAll(FrameReader& reader, absl::string_view bytes) {
  std::vector<std::string> read;
  for (;;) {
    const Result result = reader.Next(bytes);
    if (result == Result::kNeedsMore) return read;
    read.push_back(Describe(result, reader));
    if (result == Result::kBreach) return read;
  }
}

std::vector<std::string> ReadAll(absl::string_view bytes) {
  FrameReader reader;
  return ReadAll(reader, bytes);
}

TEST(FrameReaderTest, ReadsFramesOfEachKind) {
  EXPECT_THAT(ReadAll(MaskedFrame(kText, "one") + MaskedFrame(kBinary, "two") +
                      MaskedFrame(kPing, "here?") + MaskedFrame(kPong, "") +
                      MaskedFrame(kCloseOpcode, "\x03\xe8")),
              ElementsAre("message one", "message two", "ping here?", "pong ", "close \x03\xe8"));
}

TEST(FrameReaderTest, ControlFramesComeBetweenFragments) {
  EXPECT_THAT(ReadAll(MaskedFrame(kText, "a", false) + MaskedFrame(kPing, "p") +
                      MaskedFrame(kContinuation, "b", false) + MaskedFrame(kContinuation, "c")),
              ElementsAre("part a", "ping p", "part b", "message c"));
}

TEST(FrameReaderTest, BytesMayComeOneByOne) {
  const std::string frames = MaskedFrame(kPing, std::string(125, 'p')) +
                             MaskedFrame(kText, std::string(300, 't')) + MaskedFrame(kText, "");
  FrameReader reader;
  std::string message;
  std::vector<std::string> rest;
  for (const char byte : frames) {
    for (const std::string& read : ReadAll(reader, absl::string_view(&byte, 1))) {
      if (read.find('t') == std::string::npos || read.front() == 'p') message += read.back();
      if (read.rfind("part t", 0) != 0) rest.push_back(read);
    }
  }
  EXPECT_THAT(rest,
              ElementsAre(absl::StrCat("ping ", std::string(125, 'p')), "message t", "message "));
  EXPECT_TRUE(reader.is_idle());
}

TEST(FrameReaderTest, LongFramesComeInPieces) {
  for (const size_t size : {125, 126, 65'535, 65'536, 200'000}) {
    FrameReader reader;
    const std::string frame = MaskedFrame(kText, std::string(size, 'x'));
    absl::string_view bytes = frame;
    size_t received = 0;
    while (reader.Next(bytes) == Result::kMessage) received += reader.payload().size();
    EXPECT_EQ(received, size);
    EXPECT_TRUE(reader.is_final());
    EXPECT_TRUE(reader.is_idle()) << size;
  }
}

TEST(FrameReaderTest, IsIdleBetweenMessagesOnly) {
  FrameReader reader;
  EXPECT_TRUE(reader.is_idle());
  const std::string frame = MaskedFrame(kText, "four", /*is_final=*/false);
  for (size_t i = 0; i < frame.size(); ++i) {
    ReadAll(reader, absl::string_view(frame).substr(i, 1));
    EXPECT_FALSE(reader.is_idle()) << i;
  }
  ReadAll(reader, MaskedFrame(kPong, ""));
  EXPECT_FALSE(reader.is_idle());
  ReadAll(reader, MaskedFrame(kContinuation, ""));
  EXPECT_TRUE(reader.is_idle());
}

TEST(FrameReaderTest, BreachesAreFound) {
  const std::string kBreaches[] = {
      MaskedFrame(3, "a reserved opcode"),
      MaskedFrame(11, "a reserved control opcode"),
      MaskedFrame(kContinuation, "of nothing"),
      MaskedFrame(kText, "begun", false) + MaskedFrame(kText, "anew"),
      MaskedFrame(kPing, "in two", false),
      MaskedFrame(kPing, std::string(126, 'x')),
      "\x81\x05hello"s,                             // unmasked
      "\x81\x00"s,                                  // unmasked and empty
      "\xc1\x80\x00\x00\x00\x00"s,                  // an extension's bit
      "\x81\xfe\x00\x05\x00\x00\x00\x00hello"s,     // a length of two bytes that fits in seven bits
      "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00"s,  // a length of 2^63
  };
  for (const std::string& breach : kBreaches) {
    const std::vector<std::string> read = ReadAll(breach);
    ASSERT_FALSE(read.empty());
    EXPECT_EQ(read.back(), "breach");
  }
}

}  // namespace
}  // namespace livecounter::gateway::net
