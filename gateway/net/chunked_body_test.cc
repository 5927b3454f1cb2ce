#include "gateway/net/chunked_body.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/variant.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::net {
namespace {

constexpr size_t kMax = 64;

// The body, if `input` holds a whole one; "more", or the status of the refusal.
std::string Read(std::string input, absl::string_view left = "") {
  ChunkedBody chunks(kMax);
  std::string body;
  const absl::variant<bool, Refusal> result = chunks.Read(input, body);
  if (const auto* refusal = absl::get_if<Refusal>(&result)) return absl::StrCat(refusal->status);
  if (!absl::get<bool>(result)) return "more";
  EXPECT_EQ(input, left);
  return body;
}

TEST(ChunkedBodyTest, PutsChunksTogetherAndLeavesWhatFollows) {
  EXPECT_EQ(Read("0\r\n\r\n"), "");
  EXPECT_EQ(Read("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nGET /", "GET /"), "abc0123456789");
  EXPECT_EQ(Read("1\n\n\n0\n\n"), "\n");
  EXPECT_EQ(Read("00000000000000001\r\na\r\n00\r\n\r\n"), "a");
}

TEST(ChunkedBodyTest, DropsExtensionsAndTrailers) {
  EXPECT_EQ(Read("1;a=\"b\"\r\nx\r\n0 ;last\r\nExpires: never\r\nA: b\r\n\r\n"), "x");
}

TEST(ChunkedBodyTest, ReadsAByteAtATime) {
  const std::string whole = "2;x\r\nab\r\n1\r\nc\r\n0\r\nT: t\r\n\r\n";
  ChunkedBody chunks(kMax);
  std::string input;
  std::string body;
  for (size_t i = 0; i < whole.size(); ++i) {
    input.push_back(whole[i]);
    const absl::variant<bool, Refusal> result = chunks.Read(input, body);
    ASSERT_TRUE(absl::holds_alternative<bool>(result));
    EXPECT_EQ(absl::get<bool>(result), i + 1 == whole.size());
  }
  EXPECT_EQ(body, "abc");
  EXPECT_EQ(input, "");
}

TEST(ChunkedBodyTest, RefusesWhatIsTooLarge) {
  const std::string full(kMax, 'x');
  EXPECT_EQ(Read(absl::StrCat("40\r\n", full, "\r\n0\r\n\r\n")), full);
  EXPECT_EQ(Read("41\r\n"), "413");
  EXPECT_EQ(Read(absl::StrCat("40\r\n", full, "\r\n1\r\n")), "413");
  EXPECT_EQ(Read("ffffffff\r\n"), "413");
  EXPECT_EQ(Read("ffffffffffffffffffffffff\r\n"), "413");
  EXPECT_EQ(Read(absl::StrCat("1", std::string(257, ' '))), "400");
  EXPECT_EQ(Read(absl::StrCat("1", std::string(257, ' '), "\r\n")), "400");
  EXPECT_EQ(Read(absl::StrCat("1", std::string(255, ' '), "\r")), "more");
  EXPECT_EQ(Read(absl::StrCat("1", std::string(255, ' '), "\r\n")), "more");
  std::string trailers;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&trailers, "A: ", std::string(50, 'b'), "\r\n");
  EXPECT_EQ(Read(absl::StrCat("0\r\n", trailers)), "400");
}

TEST(ChunkedBodyTest, RefusesWhatIsNoChunk) {
  for (const char* input : {"\r\n", " 1\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", "g\r\n", ";a\r\n",
                            "1 1\r\n", "1\r\nab\r\n", "1\r\na0\r\n\r\n"}) {
    EXPECT_EQ(Read(input), "400") << input;
  }
}

TEST(ChunkedBodyTest, WaitsForTheRest) {
  for (const char* input :
       {"", "1", "1\r", "1\r\n", "1\r\na", "1\r\na\r\n", "0\r\n", "0\r\nA: b\r\n"}) {
    EXPECT_EQ(Read(input), "more") << input;
  }
}

}  // namespace
}  // namespace livecounter::gateway::net
