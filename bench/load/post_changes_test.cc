#include "bench/load/post_changes.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace livecounter::bench {
namespace {

TEST(AnswerLength, IsHeadAndBody) {
  const absl::string_view head = "HTTP/1.1 202 Accepted\r\nServer: x\r\ncontent-length: 12\r\n\r\n";
  EXPECT_EQ(*AnswerLength(head), head.size() + 12);
  EXPECT_EQ(*AnswerLength(absl::StrCat(head, "more than that it does not say")), head.size() + 12);
}

TEST(AnswerLength, IsUnknownWhileTheHeadIsNotOver) {
  EXPECT_EQ(*AnswerLength(""), 0u);
  EXPECT_EQ(*AnswerLength("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n"), 0u);
}

TEST(AnswerLength, NoContentHasNoBody) {
  EXPECT_EQ(*AnswerLength("HTTP/1.1 204 No Content\r\n\r\n"), 27u);
}

TEST(AnswerLength, RefusalsAndAnswersWithoutLengthAreErrors) {
  EXPECT_EQ(AnswerLength("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").status(),
            absl::InvalidArgumentError("a change was answered HTTP/1.1 404 Not Found"));
  EXPECT_FALSE(AnswerLength("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").ok());
}

}  // namespace
}  // namespace livecounter::bench
