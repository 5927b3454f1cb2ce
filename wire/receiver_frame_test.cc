#include "wire/receiver_frame.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wire/holder_frame.h"

namespace livecounter::wire {
namespace {

using ::testing::StartsWith;

const CounterId kCounter{"accounts/a/products/p", "2"};

ReceiverFrame RoundTrip(const ReceiverFrame& frame) {
  v1::AttachResponse message;
  EncodeReceiverFrame(frame, &message);
  v1::AttachResponse parsed;
  EXPECT_TRUE(parsed.ParseFromString(message.SerializeAsString()));
  const auto decoded = DecodeReceiverFrame(parsed);
  EXPECT_TRUE(decoded.ok()) << decoded.status();
  return decoded.value_or(ReceiverFrame());
}

ReceiverFrame WelcomeFrame() {
  ReceiverFrame frame;
  frame.welcome = Welcome{1'700'000'000'000, absl::Seconds(10), absl::Milliseconds(2'500)};
  return frame;
}

// One of each of the rest.
ReceiverFrame Everything() {
  ReceiverFrame frame;
  frame.changes = {{kCounter, {7, 41}, 26, 3, absl::FromUnixNanos(1'700'000'000'123'456'789)}};
  frame.hit_answers = {{{5, 6}, kCounter, 7, absl::OkStatus(), 26, {7, 41}}};
  frame.keyed_outcomes = {{8, absl::OkStatus(), 26, {7, 41}}};
  frame.connection_totals = {{"accounts/a/products/p", 9}};
  return frame;
}

TEST(ReceiverFrameTest, AnEmptyFrameIsAKeepAlive) { EXPECT_TRUE(RoundTrip({}).empty()); }

TEST(ReceiverFrameTest, AWelcomeArrivesAsItWasSent) {
  EXPECT_EQ(RoundTrip(WelcomeFrame()).welcome, WelcomeFrame().welcome);
}

TEST(ReceiverFrameTest, ChangesArriveAsTheyWereSent) {
  ReceiverFrame frame = Everything();
  Change uncreated;
  uncreated.counter = {"accounts/a/products/p", "é"};
  uncreated.version = {7, 0};
  frame.changes.push_back(uncreated);
  frame.resend_wanted = true;
  const ReceiverFrame read = RoundTrip(frame);
  EXPECT_EQ(read.changes, frame.changes);
  EXPECT_TRUE(read.resend_wanted);
}

TEST(ReceiverFrameTest, AnswersArriveAsTheyWereSent) {
  ReceiverFrame frame = Everything();
  frame.hit_answers.push_back({{5, 6}, kCounter, 8, absl::NotFoundError("no such counter"), 0, {}});
  frame.keyed_outcomes.push_back({9, absl::UnavailableError("the disk is full"), 0, {}});
  const ReceiverFrame read = RoundTrip(frame);
  ASSERT_EQ(read.hit_answers.size(), 2u);
  EXPECT_EQ(read.hit_answers[0].sender, (SenderId{5, 6}));
  EXPECT_EQ(read.hit_answers[0].counter, kCounter);
  EXPECT_EQ(read.hit_answers[0].number, 7u);
  EXPECT_TRUE(read.hit_answers[0].status.ok());
  EXPECT_EQ(read.hit_answers[0].value_after, 26);
  EXPECT_EQ(read.hit_answers[0].version, (Version{7, 41}));
  EXPECT_EQ(read.hit_answers[1].status, absl::NotFoundError("no such counter"));
  ASSERT_EQ(read.keyed_outcomes.size(), 2u);
  EXPECT_EQ(read.keyed_outcomes[0].ticket, 8u);
  EXPECT_TRUE(read.keyed_outcomes[0].status.ok());
  EXPECT_EQ(read.keyed_outcomes[0].value, 26);
  EXPECT_EQ(read.keyed_outcomes[0].version, (Version{7, 41}));
  EXPECT_EQ(read.keyed_outcomes[1].status, absl::UnavailableError("the disk is full"));
}

TEST(ReceiverFrameTest, TotalsAndTheUsageCountedArriveAsTheyWereSent) {
  ReceiverFrame frame = Everything();
  frame.connection_totals.push_back({"accounts/a/products/q", 0});
  const ReceiverFrame read = RoundTrip(frame);
  EXPECT_EQ(read.connection_totals, frame.connection_totals);
  EXPECT_EQ(read.usage_counted, 0);
  ReceiverFrame answer;
  answer.usage_counted = 10;
  EXPECT_FALSE(answer.empty());
  EXPECT_EQ(RoundTrip(answer).usage_counted, 10);
}

TEST(ReceiverFrameTest, ARefusalTravelsWhateverItsMessageQuotes) {
  ReceiverFrame frame;
  frame.keyed_outcomes = {{1, absl::InternalError("\xFF"), 0, {}},
                          {2, absl::InternalError(std::string(1023, 'x') + "é"), 0, {}}};
  const ReceiverFrame read = RoundTrip(frame);
  ASSERT_EQ(read.keyed_outcomes.size(), 2u);
  EXPECT_EQ(read.keyed_outcomes[0].status.message(), "\\xff");
  EXPECT_THAT(std::string(read.keyed_outcomes[1].status.message()),
              StartsWith(std::string(1023, 'x')));
}

TEST(ReceiverFrameTest, MoreThanAFrameTakesIsRefused) {
  ReceiverFrame frame;
  frame.changes.assign(kMaxFrameEntries, Everything().changes[0]);
  v1::AttachResponse message;
  EncodeReceiverFrame(frame, &message);
  EXPECT_TRUE(DecodeReceiverFrame(message).ok());
  message.add_keyed_hit_answers();
  EXPECT_THAT(std::string(DecodeReceiverFrame(message).status().message()),
              StartsWith("frame: got 4097"));
  message.clear_keyed_hit_answers();
  message.add_connection_totals();
  EXPECT_THAT(std::string(DecodeReceiverFrame(message).status().message()),
              StartsWith("frame: got 4097"));
}

struct Breakage {
  const char* says;
  std::function<void(v1::AttachResponse&)> apply;
};

TEST(ReceiverFrameTest, WhatIsNotOfItsFormIsRefusedByItsPath) {
  const std::vector<Breakage> breakages = {
      {"changes[0].counter: ", [](auto& m) { m.mutable_changes(0)->clear_counter(); }},
      {"changes[0].epoch: got 18446744073709551615",
       [](auto& m) { m.mutable_changes(0)->set_epoch(~0ULL); }},
      {"changes[0].hits: got -1", [](auto& m) { m.mutable_changes(0)->set_hits(-1); }},
      {"changes[0].present: got -1", [](auto& m) { m.mutable_changes(0)->set_present(-1); }},
      {"changes[0].accepted_at: ",
       [](auto& m) { m.mutable_changes(0)->mutable_accepted_at()->set_seconds(INT64_MAX); }},
      {"changes[0].accepted_at: ",
       [](auto& m) { m.mutable_changes(0)->mutable_accepted_at()->set_nanos(-1); }},
      {"hit_answers[0].sender: got 1 bytes",
       [](auto& m) { m.mutable_hit_answers(0)->set_sender("x"); }},
      {"hit_answers[0].counter: ", [](auto& m) { m.mutable_hit_answers(0)->clear_counter(); }},
      {"hit_answers[0].number: got 0", [](auto& m) { m.mutable_hit_answers(0)->clear_number(); }},
      {"hit_answers[0].value_after: got -1",
       [](auto& m) { m.mutable_hit_answers(0)->set_value_after(-1); }},
      {"hit_answers[0].refusal.code: got 0",
       [](auto& m) { m.mutable_hit_answers(0)->mutable_refusal(); }},
      {"hit_answers[0].refusal.code: got 17",
       [](auto& m) { m.mutable_hit_answers(0)->mutable_refusal()->set_code(17); }},
      {"keyed_hit_answers[0].value: got -1",
       [](auto& m) { m.mutable_keyed_hit_answers(0)->set_value(-1); }},
      {"keyed_hit_answers[0].refusal.code: got -1",
       [](auto& m) { m.mutable_keyed_hit_answers(0)->mutable_refusal()->set_code(-1); }},
      {"connection_totals[0].product: product name",
       [](auto& m) { m.mutable_connection_totals(0)->clear_product(); }},
      {"connection_totals[0].connections: got -1",
       [](auto& m) { m.mutable_connection_totals(0)->set_connections(-1); }},
      {"welcome: got other fields", [](auto& m) { EncodeReceiverFrame(WelcomeFrame(), &m); }},
  };
  for (const Breakage& breakage : breakages) {
    v1::AttachResponse message;
    EncodeReceiverFrame(Everything(), &message);
    ASSERT_TRUE(DecodeReceiverFrame(message).ok());
    breakage.apply(message);
    const absl::Status status = DecodeReceiverFrame(message).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << breakage.says;
    EXPECT_THAT(std::string(status.message()), StartsWith(breakage.says));
  }
}

TEST(ReceiverFrameTest, AWelcomeOutOfItsFormIsRefused) {
  const std::vector<Breakage> breakages = {
      {"welcome.epoch: ", [](auto& m) { m.mutable_welcome()->set_epoch(~0ULL); }},
      {"welcome.lease: ", [](auto& m) { m.mutable_welcome()->clear_lease(); }},
      {"welcome.lease: ",
       [](auto& m) { m.mutable_welcome()->mutable_lease()->set_seconds(3'601); }},
      {"welcome.keep_alive: ", [](auto& m) { m.mutable_welcome()->clear_keep_alive(); }},
      {"welcome.keep_alive: ",
       [](auto& m) { m.mutable_welcome()->mutable_keep_alive()->set_seconds(6); }},
      {"welcome: got other fields", [](auto& m) { m.set_resend_wanted(true); }},
      {"welcome: got other fields", [](auto& m) { m.set_usage_counted(1); }},
      {"welcome: got other fields", [](auto& m) { m.add_connection_totals(); }},
  };
  for (const Breakage& breakage : breakages) {
    v1::AttachResponse message;
    EncodeReceiverFrame(WelcomeFrame(), &message);
    ASSERT_TRUE(DecodeReceiverFrame(message).ok());
    breakage.apply(message);
    EXPECT_THAT(std::string(DecodeReceiverFrame(message).status().message()),
                StartsWith(breakage.says));
  }
}

}  // namespace
}  // namespace livecounter::wire
