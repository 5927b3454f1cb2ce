// What the tests of HolderSession share: a session, driven by hand as if by its receiver.

#ifndef LIVECOUNTER_CORE_HOLDER_SESSION_FIXTURE_H_
#define LIVECOUNTER_CORE_HOLDER_SESSION_FIXTURE_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "core/holder_session.h"
#include "core/session.h"
#include "core/test_support.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace livecounter::test {

inline constexpr uint64_t kEpoch = 7;

MATCHER_P(HasTicket, ticket, "") { return arg.ticket == static_cast<uint64_t>(ticket); }

inline Change MakeChange(int counter, Version version, absl::optional<int64_t> hits,
                         int64_t present) {
  return {Counter(counter), version, hits, present, At(0)};
}

inline ReceiverFrame Changes(std::vector<Change> changes) {
  ReceiverFrame frame;
  frame.changes = std::move(changes);
  return frame;
}

inline ReceiverFrame AnswerTo(const HitBatch& batch, int64_t value_after, Version version) {
  HitAnswer answer;
  answer.sender = batch.sender;
  answer.counter = batch.counter;
  answer.number = batch.number;
  answer.value_after = value_after;
  answer.version = version;
  ReceiverFrame frame;
  frame.hit_answers.push_back(answer);
  return frame;
}

inline ReceiverFrame KeyedAnswer(uint64_t ticket, int64_t value, Version version) {
  HitOutcome outcome;
  outcome.ticket = ticket;
  outcome.value = value;
  outcome.version = version;
  ReceiverFrame frame;
  frame.keyed_outcomes.push_back(outcome);
  return frame;
}

inline ReceiverFrame ResendWanted() {
  ReceiverFrame frame;
  frame.resend_wanted = true;
  return frame;
}

inline KeyedHitRequest Keyed(int counter, uint64_t ticket) {
  return {.ticket = ticket, .hit = {.counter = Counter(counter), .key = "key"}};
}

class HolderSessionTest : public ::testing::Test {
 protected:
  explicit HolderSessionTest(HolderSession::Options options = {})
      : session_(WithId(std::move(options)), bits_) {}
  ~HolderSessionTest() override { session_.CheckInvariants(); }

  static HolderSession::Options WithId(HolderSession::Options options) {
    options.id = Holder(1);
    return options;
  }

  static ReceiverFrame WelcomeFrame(uint64_t epoch = kEpoch) {
    ReceiverFrame frame;
    frame.welcome = Welcome{epoch, absl::Seconds(10), absl::Seconds(2)};
    return frame;
  }

  HolderFrame Take(double now) {
    absl::optional<HolderFrame> frame = session_.TakeFrame(At(now));
    EXPECT_TRUE(frame.has_value());
    session_.CheckInvariants();
    return frame.value_or(HolderFrame());
  }
  std::vector<HolderFrame> TakeAll(double now) {
    std::vector<HolderFrame> frames;
    while (session_.has_frame(At(now))) frames.push_back(Take(now));
    EXPECT_FALSE(session_.TakeFrame(At(now)).has_value());
    return frames;
  }
  // An open stream, greeted.
  Hello Greet(double now) {
    EXPECT_TRUE(session_.ShouldConnect(At(now)));
    session_.OnOpened(At(now));
    return Take(now).hello.value_or(Hello());
  }
  void Welcomed(double now, uint64_t epoch = kEpoch) {
    Greet(now);
    Receive(WelcomeFrame(epoch), now);
  }
  // Welcomed, and everything resent.
  void Sync(double now) {
    Welcomed(now);
    TakeAll(now);
    EXPECT_TRUE(session_.synced());
  }
  void Receive(const ReceiverFrame& frame, double now) {
    const absl::Status status = session_.OnFrame(frame, At(now));
    EXPECT_TRUE(status.ok()) << status;
  }
  void Refuses(const ReceiverFrame& frame, double now) {
    EXPECT_EQ(session_.OnFrame(frame, At(now)).code(), absl::StatusCode::kInvalidArgument);
  }

  std::mt19937_64 bits_{42};
  HolderSession session_;
};

// Two entries a frame.
class SmallFramesTest : public HolderSessionTest {
 protected:
  SmallFramesTest() : HolderSessionTest({.max_frame_entries = 2}) {}
};

// About 5,000 bytes a frame.
class ShortFramesTest : public HolderSessionTest {
 protected:
  ShortFramesTest() : HolderSessionTest({.max_frame_bytes = 5'000}) {}
  static CounterId LongName(int n) { return {"p", absl::StrCat(n, std::string(2'000, 'x'))}; }
};

}  // namespace livecounter::test

#endif  // LIVECOUNTER_CORE_HOLDER_SESSION_FIXTURE_H_
