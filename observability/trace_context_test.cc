#include "observability/trace_context.h"

#include "gtest/gtest.h"

namespace livecounter::observability {
namespace {

constexpr char kSampled[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";

TEST(TraceContextTest, WhatCameIsPassedOn) {
  const auto trace = TraceContext::Parse(kSampled);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->header(), kSampled);
  EXPECT_EQ(trace->trace_id(), kTrace);
  EXPECT_TRUE(trace->sampled());
}

TEST(TraceContextTest, OnlyTheLowestFlagIsKnown) {
  const auto trace = TraceContext::Parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe");
  ASSERT_TRUE(trace.has_value());
  EXPECT_FALSE(trace->sampled());
  EXPECT_EQ(trace->header(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
}

TEST(TraceContextTest, ALaterVersionIsReadAsFarAsThisOneGoes) {
  const auto trace =
      TraceContext::Parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more");
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->header(), kSampled);
}

TEST(TraceContextTest, WhatIsNotOfTheFormIsNothing) {
  for (const char* text : {
           "",
           "00",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
           "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
           "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
       }) {
    EXPECT_FALSE(TraceContext::Parse(text).has_value()) << text;
  }
}

TEST(TraceContextTest, ATraceOfOursHasTheFormToo) {
  const TraceContext trace = TraceContext::Begin(1, 0xabc, 0x10);
  EXPECT_EQ(trace.header(), "00-00000000000000010000000000000abc-0000000000000010-00");
  EXPECT_TRUE(TraceContext::Parse(trace.header()).has_value());
  EXPECT_FALSE(trace.sampled());
}

}  // namespace
}  // namespace livecounter::observability
