#include "gateway/sse/event.h"

#include <limits>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(EventTest, IsOneMessageWithVersionAndValue) {
  EXPECT_EQ(EncodeEvent({7, 41}, 26), "event: message\nid: 7-41\ndata: 26\n\n");
}

TEST(EventTest, ValuesAre64Bit) {
  EXPECT_EQ(
      EncodeEvent({std::numeric_limits<uint64_t>::max(), 0}, std::numeric_limits<int64_t>::max()),
      "event: message\nid: 18446744073709551615-0\ndata: 9223372036854775807\n\n");
}

TEST(EventStreamTest, OpensWithPaddingAndRetry) {
  EXPECT_EQ(EventStreamOpening(1234), ":" + std::string(2048, ' ') + "\nretry: 1234\n\n");
}

TEST(EventStreamTest, IsNeitherStoredNorBuffered) {
  EXPECT_THAT(EventStreamHeaders(), UnorderedElementsAre(Pair("cache-control", "no-store"),
                                                         Pair("x-accel-buffering", "no")));
}

TEST(EventStreamTest, IsRefusedWith200SoThatTheClientComesBack) {
  const Response refusal = EventStreamRefusal(4321);
  EXPECT_EQ(refusal.status, 200);
  EXPECT_THAT(refusal.headers, UnorderedElementsAre(Pair("content-type", "text/event-stream"),
                                                    Pair("cache-control", "no-store"),
                                                    Pair("x-accel-buffering", "no")));
  EXPECT_EQ(refusal.body, "retry: 4321\n\n");
}

}  // namespace
}  // namespace livecounter::gateway
