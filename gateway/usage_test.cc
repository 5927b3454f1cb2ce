// What is billed (contract §5): every accepted WebSocket and event stream, and nothing else.

#include <memory>

#include "core/usage_log.h"
#include "gateway/testing/edge_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class UsageTest : public EdgeTest {
 protected:
  static UsageEntry Entry(const char* product, int64_t hour, int64_t connections) {
    return {.product = product, .hour = hour, .connections = connections};
  }
  int64_t hour() const { return HourOf(loop_.Now()); }
};

constexpr char kOpen[] = "accounts/a/products/open";
constexpr char kStrict[] = "accounts/a/products/strict";

TEST_F(UsageTest, EveryStreamCountsWhateverItIs) {
  for (const char* target : {"/sub?urlId=page&key=open&pId=me",
                             "/sub?urlId=page&key=open&pId=me&i=f", "/watch?urlId=page&key=open"}) {
    transport_.Upgrade(MakeRequest("GET", target));
    transport_.Send(MakeRequest("GET", target, {{"accept", "text/event-stream"}}));
  }
  transport_.Upgrade(MakeRequest("GET", "/watch?urlId=page&key=strict"));
  loop_.Settle();
  EXPECT_THAT(TakeCommands().accepted,
              UnorderedElementsAre(Entry(kOpen, hour(), 6), Entry(kStrict, hour(), 1)));
}

TEST_F(UsageTest, TheStreamOfAHitCounterCountsWhenItOpens) {
  Stream("/counters/2/");
  EXPECT_THAT(TakeCommands().accepted, IsEmpty());
  Tell(Open("2"), 1, 26);
  EXPECT_THAT(TakeCommands().accepted, UnorderedElementsAre(Entry(kOpen, hour(), 1)));
}

TEST_F(UsageTest, WhatIsRefusedOrNoStreamDoesNotCount) {
  Tell(Open("2"), 1, 26);
  Upgrade("/sub?urlId=page&key=none&pId=me");
  Upgrade("/sub?urlId=page&key=strict&pId=me", {{"origin", "https://evil.example"}});
  Get("/sub?urlId=page&key=open&pId=me");
  Get("/counters/2/");
  Send("POST", "/counters/2/");
  Send("HEAD", "/sub?urlId=page&key=open&pId=me", {{"accept", "text/event-stream"}});
  EXPECT_THAT(TakeCommands().accepted, IsEmpty());
}

TEST_F(UsageTest, ExampleDataIsMeteredToo) {
  Product product = *catalog_.FindByKey("open");
  product.active = false;
  catalog_.Set(product);
  loop_.Settle();
  Upgrade("/watch?urlId=page&key=open");
  EXPECT_THAT(TakeCommands().accepted, UnorderedElementsAre(Entry(kOpen, hour(), 1)));
}

TEST_F(UsageTest, EachCountsInItsHour) {
  const int64_t first = hour();
  transport_.Upgrade(MakeRequest("GET", "/watch?urlId=page&key=open"));
  loop_.Advance(absl::Hours(1));
  Upgrade("/watch?urlId=page&key=open");
  EXPECT_THAT(TakeCommands().accepted,
              UnorderedElementsAre(Entry(kOpen, first, 1), Entry(kOpen, first + 3600, 1)));
}

}  // namespace
}  // namespace livecounter::gateway
