#include "services/counter/outlet.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/counter/fake_stream.h"

namespace livecounter::counter {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kBatch = absl::Milliseconds(5);

HitAnswer Answer() { return {{1, 2}, {"accounts/a/products/p", "2"}, 1, absl::OkStatus(), 1, {}}; }

class OutletTest : public ::testing::Test {
 protected:
  // Pumps with `waiting` changes there to be taken.
  absl::Time Pump(size_t waiting = 0) {
    return outlet_.Pump(now_, waiting > 0, [&](size_t limit) {
      return std::vector<Change>(std::min(limit, waiting));
    });
  }
  // As Pump(), and the write is done at once.
  void PumpAndFinish(size_t waiting = 0) {
    Pump(waiting);
    outlet_.OnWritten();
  }

  absl::Time now_ = absl::UnixEpoch();
  FakeStream::Record record_;
  FakeStream stream_{record_};
  Outlet outlet_{
      {.batch = kBatch, .write_limit = absl::Seconds(30), .max_frame_entries = 10}, stream_, now_};
};

TEST_F(OutletTest, NothingIsWrittenWhereThereIsNothing) {
  EXPECT_EQ(Pump(), absl::InfiniteFuture());
  EXPECT_THAT(record_.written, IsEmpty());
}

TEST_F(OutletTest, AWelcomeGoesFirstAndAlone) {
  outlet_.Add(Welcome{7, absl::Seconds(10), absl::Seconds(2)});
  outlet_.Add(Answer());
  PumpAndFinish(1);
  ASSERT_THAT(record_.written, SizeIs(1));
  EXPECT_TRUE(record_.written[0].welcome);
  EXPECT_THAT(record_.written[0].changes, IsEmpty());
  EXPECT_THAT(record_.written[0].hit_answers, IsEmpty());
  Pump(1);
  ASSERT_THAT(record_.written, SizeIs(2));
  EXPECT_THAT(record_.written[1].hit_answers, SizeIs(1));
}

TEST_F(OutletTest, ALoneChangeGoesAtOnce) {
  EXPECT_EQ(Pump(1), absl::InfiniteFuture());
  EXPECT_THAT(record_.written, SizeIs(1));
}

TEST_F(OutletTest, UnderLoadChangesGoOnceABatchInterval) {
  PumpAndFinish(1);
  now_ += absl::Milliseconds(1);
  EXPECT_EQ(Pump(1), absl::UnixEpoch() + kBatch);
  EXPECT_THAT(record_.written, SizeIs(1));
  now_ = absl::UnixEpoch() + kBatch;
  Pump(3);
  ASSERT_THAT(record_.written, SizeIs(2));
  EXPECT_THAT(record_.written[1].changes, SizeIs(3));
}

TEST_F(OutletTest, IsHeldUpWhileSomethingWaitsForAWrite) {
  Pump(1);
  Pump();
  EXPECT_FALSE(outlet_.held_up());
  Pump(1);
  EXPECT_TRUE(outlet_.held_up());
  outlet_.OnWritten();
  EXPECT_FALSE(outlet_.held_up());
}

TEST_F(OutletTest, AnAnswerGoesAtOnceAndTakesChangesAlong) {
  PumpAndFinish(1);
  outlet_.Add(Answer());
  outlet_.Add(HitOutcome{5, absl::OkStatus(), 1, {}});
  Pump(2);
  ASSERT_THAT(record_.written, SizeIs(2));
  EXPECT_THAT(record_.written[1].hit_answers, SizeIs(1));
  EXPECT_THAT(record_.written[1].keyed_outcomes, SizeIs(1));
  EXPECT_THAT(record_.written[1].changes, SizeIs(2));
}

TEST_F(OutletTest, TheChangeThatShowsAnAnsweredHitIsNotHeldBack) {
  PumpAndFinish(1);
  outlet_.Add(Answer());
  PumpAndFinish();
  Pump(1);
  EXPECT_THAT(record_.written, SizeIs(3));
}

TEST_F(OutletTest, OneWriteIsUnderWayAndWhatGathersGoesTogetherNext) {
  Pump(1);
  outlet_.Add(Answer());
  outlet_.Add(Answer());
  EXPECT_EQ(Pump(1), absl::InfiniteFuture());
  EXPECT_THAT(record_.written, SizeIs(1));
  outlet_.OnWritten();
  Pump(1);
  ASSERT_THAT(record_.written, SizeIs(2));
  EXPECT_THAT(record_.written[1].hit_answers, SizeIs(2));
}

TEST_F(OutletTest, AFrameIsBoundedAndTheRestFollowsInOrder) {
  for (int i = 0; i < 12; ++i) outlet_.Add(HitOutcome{static_cast<uint64_t>(i), {}, 0, {}});
  PumpAndFinish(20);
  PumpAndFinish(20);
  ASSERT_THAT(record_.written, SizeIs(2));
  EXPECT_THAT(record_.written[0].keyed_outcomes, SizeIs(10));
  EXPECT_THAT(record_.written[0].changes, IsEmpty());
  ASSERT_THAT(record_.written[1].keyed_outcomes, SizeIs(2));
  EXPECT_EQ(record_.written[1].keyed_outcomes[0].ticket, 10u);
  EXPECT_THAT(record_.written[1].changes, SizeIs(8));
}

TEST_F(OutletTest, AWantedResendIsToldOnce) {
  outlet_.WantResend();
  PumpAndFinish();
  PumpAndFinish();
  ASSERT_THAT(record_.written, SizeIs(1));
  EXPECT_TRUE(record_.written[0].resend_wanted);
}

TEST_F(OutletTest, AFrameOfTheLongestIdsFitsAMessage) {
  // What the default bound promises; the margin per entry is that of its other fields.
  constexpr size_t kLongest = 2048 + 148 + 100;
  EXPECT_LT(Outlet::Options().max_frame_entries * kLongest, size_t{4} << 20);
}

TEST_F(OutletTest, AnErrorEndsTheStreamWithoutDelay) {
  outlet_.Add(Answer());
  outlet_.End(absl::AbortedError("a newer stream"));
  outlet_.End(absl::OkStatus());
  Pump(1);
  EXPECT_THAT(record_.written, IsEmpty());
  EXPECT_EQ(record_.finished, absl::AbortedError("a newer stream"));
  EXPECT_TRUE(outlet_.finished());
}

TEST_F(OutletTest, TheEndWaitsForTheWriteUnderWay) {
  Pump(1);
  outlet_.End(absl::AbortedError("a newer stream"));
  Pump(1);
  EXPECT_FALSE(record_.finished);
  outlet_.OnWritten();
  Pump(1);
  EXPECT_TRUE(record_.finished);
  EXPECT_THAT(record_.written, SizeIs(1));
}

TEST_F(OutletTest, AGoodEndComesAfterTheAnswers) {
  outlet_.Add(Answer());
  outlet_.End(absl::OkStatus());
  PumpAndFinish();
  EXPECT_FALSE(record_.finished);
  Pump();
  EXPECT_THAT(record_.written, SizeIs(1));
  EXPECT_EQ(record_.finished, absl::OkStatus());
}

TEST_F(OutletTest, SilenceIsBrokenByAnEmptyFrame) {
  now_ += absl::Milliseconds(999);
  outlet_.KeepAlive(absl::Seconds(1), now_);
  EXPECT_THAT(record_.written, IsEmpty());
  now_ += absl::Milliseconds(1);
  outlet_.KeepAlive(absl::Seconds(1), now_);
  ASSERT_THAT(record_.written, SizeIs(1));
  EXPECT_TRUE(record_.written[0].empty());
  outlet_.OnWritten();
  outlet_.KeepAlive(absl::Seconds(1), now_);
  EXPECT_THAT(record_.written, SizeIs(1));
}

TEST_F(OutletTest, AStreamThatEndsIsNotKeptAlive) {
  outlet_.End(absl::OkStatus());
  now_ += absl::Minutes(1);
  outlet_.KeepAlive(absl::Seconds(1), now_);
  EXPECT_THAT(record_.written, IsEmpty());
}

TEST_F(OutletTest, AStreamThatTakesNothingIsBroken) {
  now_ += absl::Minutes(1);
  outlet_.BreakIfStuck(now_);
  EXPECT_EQ(record_.cancels, 0);  // idle
  Pump(1);
  now_ += absl::Seconds(30);
  outlet_.BreakIfStuck(now_);
  EXPECT_EQ(record_.cancels, 0);
  now_ += absl::Seconds(1);
  outlet_.BreakIfStuck(now_);
  EXPECT_EQ(record_.cancels, 1);
}

}  // namespace
}  // namespace livecounter::counter
