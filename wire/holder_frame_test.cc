#include "wire/holder_frame.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::wire {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const CounterId kCounter{"accounts/a/products/p", "https://example.org/é"};

// What the other side reads of `frame`.
HolderFrame RoundTrip(const HolderFrame& frame) {
  v1::AttachRequest message;
  EncodeHolderFrame(frame, &message);
  v1::AttachRequest parsed;
  EXPECT_TRUE(parsed.ParseFromString(message.SerializeAsString()));
  const auto decoded = DecodeHolderFrame(parsed);
  EXPECT_TRUE(decoded.ok()) << decoded.status();
  return decoded.value_or(HolderFrame());
}

TEST(HolderFrameTest, AnEmptyFrameIsAKeepAlive) { EXPECT_TRUE(RoundTrip({}).empty()); }

TEST(HolderFrameTest, AHelloArrivesAsItWasSent) {
  HolderFrame frame;
  frame.hello = Hello{{1, 2}, 3, 1'700'000'000'000};
  EXPECT_EQ(RoundTrip(frame).hello, frame.hello);
}

TEST(HolderFrameTest, EverythingElseArrivesAsItWasSent) {
  HolderFrame frame;
  frame.resend_begin = true;
  frame.watch = {{kCounter, absl::nullopt}, {{"accounts/a/products/p", "2"}, 0}, {kCounter, 9}};
  frame.unwatch = {kCounter};
  frame.presence = {{kCounter, {{1, 2}, {3, 4}}, {}}, {kCounter, {}, {{~0ULL, ~0ULL}}}};
  frame.resend_end = true;
  frame.hits = {{{5, 6}, kCounter, 7, 8, true, ~0ULL}, {{5, 6}, kCounter, 8, 1}};
  frame.keyed_hits = {{9, {kCounter, std::string("\0\xFF", 2), 10, false, 16}}};
  frame.audit = ShareDigest{11, 12, 13};
  frame.detach = absl::Milliseconds(10'500);
  frame.connections = {{"accounts/a/products/p", 0}, {"accounts/a/products/q", 7}};
  frame.usage = UsageBatch{14, {{"accounts/a/products/p", 3600, 15}}};

  const HolderFrame read = RoundTrip(frame);
  EXPECT_TRUE(read.resend_begin);
  EXPECT_TRUE(read.resend_end);
  EXPECT_EQ(read.watch, frame.watch);
  EXPECT_EQ(read.unwatch, frame.unwatch);
  EXPECT_EQ(read.presence, frame.presence);
  EXPECT_EQ(read.hits, frame.hits);
  EXPECT_EQ(read.keyed_hits, frame.keyed_hits);
  EXPECT_EQ(read.audit, frame.audit);
  EXPECT_EQ(read.detach, frame.detach);
  EXPECT_EQ(read.connections, frame.connections);
  EXPECT_EQ(read.usage, frame.usage);
}

TEST(HolderFrameTest, InheritedUsageArrivesWithWhoseItIs) {
  HolderFrame frame;
  frame.usage = UsageBatch{14, {{"accounts/a/products/p", 3600, 15}}, HolderId{1, 2}};
  EXPECT_EQ(RoundTrip(frame).usage, frame.usage);
}

// A service of before would count it under the sender's own numbers, where it is not told apart.
TEST(HolderFrameTest, InheritedUsageIsNotUsage) {
  HolderFrame frame;
  frame.usage = UsageBatch{14, {{"accounts/a/products/p", 3600, 15}}, HolderId{1, 2}};
  v1::AttachRequest message;
  EncodeHolderFrame(frame, &message);
  EXPECT_FALSE(message.has_usage());
}

TEST(HolderFrameTest, MoreThanAFrameTakesIsRefused) {
  v1::AttachRequest message;
  v1::Presence* presence = message.add_presence();
  presence->mutable_counter()->set_product(kCounter.product);
  presence->mutable_counter()->set_id(kCounter.id);
  presence->set_joined(std::string(16 * kMaxFrameEntries, 'x'));
  EXPECT_TRUE(DecodeHolderFrame(message).ok());
  presence->set_left(std::string(16, 'x'));
  EXPECT_THAT(std::string(DecodeHolderFrame(message).status().message()),
              StartsWith("frame: got 4097"));

  presence->clear_left();
  *message.add_connections() = v1::ProductConnections();
  EXPECT_THAT(std::string(DecodeHolderFrame(message).status().message()),
              StartsWith("frame: got 4097"));
  message.clear_connections();
  message.mutable_usage()->add_entries();
  EXPECT_THAT(std::string(DecodeHolderFrame(message).status().message()),
              StartsWith("frame: got 4097"));
  message.clear_usage();
  message.mutable_inherited_usage()->mutable_batch()->add_entries();
  EXPECT_THAT(std::string(DecodeHolderFrame(message).status().message()),
              StartsWith("frame: got 4097"));

  v1::AttachRequest empties;
  for (size_t i = 0; i <= kMaxFrameEntries; ++i) empties.add_presence();
  EXPECT_THAT(std::string(DecodeHolderFrame(empties).status().message()),
              StartsWith("frame: got 4097"));
}

// A valid message with everything in it but hello.
v1::AttachRequest Valid() {
  HolderFrame frame;
  frame.watch = {{kCounter, 1}};
  frame.unwatch = {kCounter};
  frame.presence = {{kCounter, {{1, 2}}, {{3, 4}}}};
  frame.hits = {{{5, 6}, kCounter, 1, 1, false}};
  frame.keyed_hits = {{1, {kCounter, "key", 1, false}}};
  frame.detach = absl::Seconds(10);
  frame.connections = {{"accounts/a/products/p", 1}};
  frame.usage = UsageBatch{1, {{"accounts/a/products/p", 0, 1}}};
  v1::AttachRequest message;
  EncodeHolderFrame(frame, &message);
  return message;
}

v1::AttachRequest ValidHello() {
  HolderFrame frame;
  frame.hello = Hello{{1, 2}, 1, 0};
  v1::AttachRequest message;
  EncodeHolderFrame(frame, &message);
  return message;
}

struct Breakage {
  const char* says;  // how the message begins
  std::function<void(v1::AttachRequest&)> apply;
};

TEST(HolderFrameTest, WhatIsNotOfItsFormIsRefusedByItsPath) {
  ASSERT_TRUE(DecodeHolderFrame(Valid()).ok());
  const std::vector<Breakage> breakages = {
      {"watch[0].counter: product name",
       [](auto& m) { m.mutable_watch(0)->mutable_counter()->set_product("p"); }},
      {"watch[0].counter: product name", [](auto& m) { m.mutable_watch(0)->clear_counter(); }},
      {"watch[0].counter: counter id",
       [](auto& m) { m.mutable_watch(0)->mutable_counter()->set_id(""); }},
      {"watch[0].counter: counter id",
       [](auto& m) { m.mutable_watch(0)->mutable_counter()->set_id(std::string(2049, 'c')); }},
      {"watch[0].counter: counter id",
       [](auto& m) { m.mutable_watch(0)->mutable_counter()->set_id("\xFF"); }},
      {"watch[0].floor: got -1; it takes 0", [](auto& m) { m.mutable_watch(0)->set_floor(-1); }},
      {"unwatch[0]: counter id", [](auto& m) { m.mutable_unwatch(0)->clear_id(); }},
      {"presence[0].counter: ", [](auto& m) { m.mutable_presence(0)->clear_counter(); }},
      {"presence[0].joined: got 15 bytes",
       [](auto& m) { m.mutable_presence(0)->set_joined(std::string(15, 'x')); }},
      {"presence[0].left: got 17 bytes",
       [](auto& m) { m.mutable_presence(0)->set_left(std::string(17, 'x')); }},
      {"presence[0]: got no hash",
       [](auto& m) {
         m.mutable_presence(0)->clear_joined();
         m.mutable_presence(0)->clear_left();
       }},
      {"hits[0].sender: got 0 bytes; it takes 16",
       [](auto& m) { m.mutable_hits(0)->clear_sender(); }},
      {"hits[0].counter: ", [](auto& m) { m.mutable_hits(0)->clear_counter(); }},
      {"hits[0].number: got 0; it takes 1", [](auto& m) { m.mutable_hits(0)->set_number(0); }},
      {"hits[0].count: got 0; it takes 1", [](auto& m) { m.mutable_hits(0)->set_count(0); }},
      {"hits[0].count: got -9223372036854775808",
       [](auto& m) { m.mutable_hits(0)->set_count(INT64_MIN); }},
      {"keyed_hits[0].counter: ", [](auto& m) { m.mutable_keyed_hits(0)->clear_counter(); }},
      {"keyed_hits[0].key: got 0 bytes", [](auto& m) { m.mutable_keyed_hits(0)->clear_key(); }},
      {"keyed_hits[0].key: got 256 bytes",
       [](auto& m) { m.mutable_keyed_hits(0)->set_key(std::string(256, 'k')); }},
      {"keyed_hits[0].count: got 0", [](auto& m) { m.mutable_keyed_hits(0)->clear_count(); }},
      {"detach.linger: ", [](auto& m) { m.mutable_detach()->mutable_linger()->set_seconds(-1); }},
      {"detach.linger: ",
       [](auto& m) { m.mutable_detach()->mutable_linger()->set_seconds(INT64_MAX); }},
      {"detach.linger: ", [](auto& m) { m.mutable_detach()->mutable_linger()->set_nanos(-1); }},
      {"connections[0].product: product name",
       [](auto& m) { m.mutable_connections(0)->clear_product(); }},
      {"connections[0].connections: got -1; it takes 0",
       [](auto& m) { m.mutable_connections(0)->set_connections(-1); }},
      {"usage.number: got 0; it takes 1", [](auto& m) { m.mutable_usage()->clear_number(); }},
      {"usage.entries: got none", [](auto& m) { m.mutable_usage()->clear_entries(); }},
      {"usage.entries[0].product: product name",
       [](auto& m) { m.mutable_usage()->mutable_entries(0)->set_product("p"); }},
      {"usage.entries[0].hour: got 3599; it takes the begin",
       [](auto& m) { m.mutable_usage()->mutable_entries(0)->set_hour(3599); }},
      {"usage.entries[0].hour: got -3600",
       [](auto& m) { m.mutable_usage()->mutable_entries(0)->set_hour(-3600); }},
      {"usage.entries[0].hour: got 9223372036854774000",
       [](auto& m) { m.mutable_usage()->mutable_entries(0)->set_hour(9'223'372'036'854'774'000); }},
      {"usage.entries[0].connections: got 0",
       [](auto& m) { m.mutable_usage()->mutable_entries(0)->clear_connections(); }},
      {"inherited_usage: got usage beside it", [](auto& m) { m.mutable_inherited_usage(); }},
      {"inherited_usage.holder: got 0 bytes",
       [](auto& m) {
         *m.mutable_inherited_usage()->mutable_batch() = m.usage();
         m.clear_usage();
       }},
      {"inherited_usage.batch.number: got 0",
       [](auto& m) {
         m.clear_usage();
         m.mutable_inherited_usage()->set_holder(std::string(16, 'h'));
       }},
      {"hello: got other fields", [](auto& m) { *m.mutable_hello() = ValidHello().hello(); }},
  };
  for (const Breakage& breakage : breakages) {
    v1::AttachRequest message = Valid();
    breakage.apply(message);
    const absl::Status status = DecodeHolderFrame(message).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << breakage.says;
    EXPECT_THAT(std::string(status.message()), StartsWith(breakage.says));
  }
}

TEST(HolderFrameTest, AHelloOutOfItsFormIsRefused) {
  ASSERT_TRUE(DecodeHolderFrame(ValidHello()).ok());
  const std::vector<Breakage> breakages = {
      {"hello.holder: got 3 bytes", [](auto& m) { m.mutable_hello()->set_holder("abc"); }},
      {"hello.stream: got 0", [](auto& m) { m.mutable_hello()->set_stream(0); }},
      {"hello.highest_epoch: got 18446744073709551615",
       [](auto& m) { m.mutable_hello()->set_highest_epoch(~0ULL); }},
      {"hello: got other fields", [](auto& m) { m.set_resend_begin(true); }},
      {"hello: got other fields", [](auto& m) { m.set_resend_end(true); }},
      {"hello: got other fields", [](auto& m) { m.mutable_audit(); }},
      {"hello: got other fields", [](auto& m) { m.mutable_detach(); }},
      {"hello: got other fields", [](auto& m) { m.add_connections(); }},
      {"hello: got other fields", [](auto& m) { m.mutable_usage(); }},
      {"hello: got other fields", [](auto& m) { m.mutable_inherited_usage(); }},
  };
  for (const Breakage& breakage : breakages) {
    v1::AttachRequest message = ValidHello();
    breakage.apply(message);
    EXPECT_THAT(std::string(DecodeHolderFrame(message).status().message()),
                StartsWith(breakage.says));
  }
}

TEST(HolderFrameTest, TheFirstWrongFieldIsTheOneThatIsTold) {
  v1::AttachRequest message = Valid();
  message.mutable_hits(0)->set_number(0);
  message.mutable_watch(0)->set_floor(-1);
  EXPECT_THAT(std::string(DecodeHolderFrame(message).status().message()), HasSubstr("floor"));
}

}  // namespace
}  // namespace livecounter::wire
