#include "bench/load/post_changes.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace livecounter::bench {
namespace {

TEST(FirstAnswer, IsHeadAndBody) {
  const std::string first = "HTTP/1.1 202 Accepted\r\nServer: x\r\ncontent-length: 5\r\n\r\n12345";
  EXPECT_EQ(FirstAnswer(first)->value().length, first.size());
  EXPECT_FALSE(FirstAnswer(first)->value().closes);
  EXPECT_EQ(FirstAnswer(absl::StrCat(first, "HTTP/1.1 404"))->value().length, first.size());
}

TEST(FirstAnswer, IsNotThereWhileAnyOfItIsMissing) {
  const absl::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  for (size_t size = 0; size < answer.size(); ++size) {
    EXPECT_FALSE(FirstAnswer(answer.substr(0, size))->has_value()) << size;
  }
  EXPECT_TRUE(FirstAnswer(answer)->has_value());
}

TEST(FirstAnswer, SaysThatTheServerCloses) {
  EXPECT_TRUE(FirstAnswer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                  ->value()
                  .closes);
}

TEST(FirstAnswer, NoContentHasNoBody) {
  EXPECT_EQ(FirstAnswer("HTTP/1.1 204 No Content\r\n\r\n")->value().length, 27u);
}

TEST(FirstAnswer, RefusalsAndAnswersWithoutLengthAreErrors) {
  EXPECT_EQ(FirstAnswer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").status(),
            absl::InvalidArgumentError("a change was answered HTTP/1.1 404 Not Found"));
  EXPECT_FALSE(FirstAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").ok());
}

}  // namespace
}  // namespace livecounter::bench
