#include "gateway/http/accept.h"

#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

TEST(AcceptTest, HoldsWhatItNames) {
  for (const char* accept : {
           "text/event-stream",
           "TEXT/Event-Stream",
           " text/event-stream ",
           "application/json, text/event-stream",
           "text/event-stream,*/*;q=0.1",
           "text/event-stream;charset=utf-8",
           "text/event-stream ; q=0.5",
           "text/event-stream;q=0",
           ",,text/event-stream,",
           "text/plain;title=\"a, b\", text/event-stream",
           "text/plain;title=\"\\\", \", text/event-stream",
       }) {
    EXPECT_TRUE(AcceptHolds(accept, "text/event-stream")) << accept;
  }
}

TEST(AcceptTest, RangesAndNeighboursAreNotTheType) {
  for (const char* accept : {
           "",
           ",",
           "*/*",
           "text/*",
           "text/event-stream2",
           "x-text/event-stream",
           "text/event",
           "text/plain, application/json",
           "text/plain;a=text/event-stream",
           "text/plain;title=\"x, text/event-stream, y\"",
           "text/plain;title=\"open, text/event-stream",
           "text/plain;title=\"\\",
       }) {
    EXPECT_FALSE(AcceptHolds(accept, "text/event-stream")) << accept;
  }
}

}  // namespace
}  // namespace livecounter::gateway
